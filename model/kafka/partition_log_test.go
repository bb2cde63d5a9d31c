package kafka

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPartitionLogAppendsAndReads(t *testing.T) {
	var l PartitionLog
	l, first := l.Append("a")
	require.Equal(t, Offset(0), first)
	l, ok := l.AppendAt(5, "b")
	require.True(t, ok)
	_, ok = l.AppendAt(5, "c")
	require.False(t, ok, "an offset below the end is taken")
	l, last := l.Append("c")
	require.Equal(t, Offset(6), last)
	require.Equal(t, Offset(7), l.End())
	require.Equal(t, []PolledRecord{{5, "b"}, {6, "c"}}, l.Read(1, 10))
	require.Equal(t, []PolledRecord{{5, "b"}}, l.Read(1, 1))
	require.Empty(t, l.Read(7, 10))

	require.True(t, l.Gives(nil))
	require.True(t, l.Gives([]PolledRecord{{0, "a"}, {5, "b"}}))
	require.False(t, l.Gives([]PolledRecord{{0, "a"}, {6, "c"}}), "b was left out")
	require.False(t, l.Gives([]PolledRecord{{5, "x"}}), "b was changed")
	require.False(t, l.Gives([]PolledRecord{{6, "c"}, {7, "d"}}), "d is not there")
}

func TestPartitionLogBranchesDoNotDisturbEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type branch struct {
			log  PartitionLog
			want []PolledRecord // kept apart, by plain copies
		}
		branches := []branch{{}}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			b := branches[rapid.IntRange(0, len(branches)-1).Draw(t, "branch")]
			offset := b.log.End() + Offset(rapid.IntRange(0, 1).Draw(t, "gap"))
			value := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "value")
			next, ok := b.log.AppendAt(offset, value)
			require.True(t, ok)
			want := append(append([]PolledRecord(nil), b.want...), PolledRecord{offset, value})
			branches = append(branches, branch{next, want})
		}
		for _, b := range branches {
			require.Equal(t, b.want, b.log.Read(0, 1000))
			require.Equal(t, len(b.want), b.log.Len())
			require.True(t, b.log.Gives(b.want))
			require.True(t, b.log.Equal(NewPartitionLog(b.want)))
			for _, other := range branches {
				same := len(b.want) == len(other.want) && other.log.Gives(b.want)
				require.Equal(t, same, b.log.Equal(other.log))
			}
			half := NewPartitionLog(b.want[:len(b.want)/2])
			require.True(t, half.Equal(b.log.Prefix(len(b.want)/2)))
		}
	})
}

func TestPartitionLogRefusesUnorderedRecords(t *testing.T) {
	require.Panics(t, func() { NewPartitionLog([]PolledRecord{{1, "a"}, {1, "b"}}) })
	require.Panics(t, func() { PartitionLog{}.Prefix(1) })
}
