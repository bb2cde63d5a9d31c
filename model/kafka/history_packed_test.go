package kafka

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// What was packed comes out as it was, in order, backwards, and while the history grows.
func TestPackedHistoryGivesBackItsLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h History
		var packed PackedHistory
		now := model.Time(0)
		again := map[int][]Mop{}
		for range rapid.IntRange(0, 3*packedLines).Draw(t, "lines") {
			f := rapid.SampledFrom([]Function{FSend, FPoll, FTxn, FAssign, FCommit, FCrash}).Draw(t, "f")
			op := drawOp(t, rapid.SampledFrom([]OpType{Invoke, OK, Fail, Info}).Draw(t, "type"), f)
			op.Process = rapid.IntRange(-1, 3).Draw(t, "process")
			op.Why = rapid.SampledFrom([]string{"", "OFFSET_OUT_OF_RANGE"}).Draw(t, "why")
			if op.Type == Invoke {
				again[op.Process] = op.Value
			} else if rapid.Bool().Draw(t, "repeats the invocation") {
				op.Value = append([]Mop(nil), again[op.Process]...)
				for i := range op.Value {
					op.Value[i].Offset = Offset(rapid.Int64().Draw(t, "offset"))
				}
			}
			now += model.Time(rapid.IntRange(0, 1_000_000).Draw(t, "time"))
			op.Index, op.Time = len(h), now
			h = append(h, op)
			packed.Append(&op)
			if at := rapid.IntRange(0, len(h)-1).Draw(t, "looked at"); !rapid.Bool().Draw(t, "blind") {
				require.Equal(t, h[at], *packed.At(at))
			}
		}
		require.Equal(t, len(h), packed.Len())
		for i := range h {
			require.Equal(t, h[i], *packed.At(i))
		}
		for i := len(h) - 1; i >= 0; i-- {
			require.Equal(t, h[i], *packed.At(i))
		}
		for _, ops := range []Operations{&packed, h} {
			i := 0
			Each(ops, func(op *Op) {
				require.Equal(t, h[i], *op)
				i++
			})
			require.Equal(t, len(h), i)
		}
	})
}

// Bytes that a record costs which is sent and acknowledged, besides its value.
func TestPackedHistoryIsSmall(t *testing.T) {
	const records, most = 50_000, 45
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var packed PackedHistory
	for i := range records {
		mops := []Mop{{F: FSend, Key: TopicPartition{"orders", 0}, Value: "p1-123456", Offset: NoOffset}}
		op := Op{Type: Invoke, F: FSend, Time: model.Time(i * 100_000), Value: mops, Client: "p1", Acks: "all"}
		packed.Append(&op)
		op.Type, op.Value[0].Offset = OK, Offset(i)
		packed.Append(&op)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	bytes := int(after.HeapAlloc-before.HeapAlloc) / records
	require.LessOrEqual(t, bytes, most)
	require.Equal(t, 2*records, packed.Len())
}

// unpacked are the lines of h, kept apart.
func unpacked(h Operations) (list History) {
	for i := range h.Len() {
		list = append(list, *h.At(i))
	}
	return list
}

// A history that is packed while it is read is the one that is not, its own indexes included.
func TestReadAnyHistoryIsReadHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		index := 0
		for i := range h {
			index += rapid.SampledFrom([]int{1, 1, 1, 7}).Draw(t, "index")
			h[i].Index = index
		}
		var text bytes.Buffer
		require.NoError(t, WriteHistory(&text, h))
		whole, err := ReadHistory(bytes.NewReader(text.Bytes()), "h")
		require.NoError(t, err)
		packed, unread, err := ReadAnyHistory(&text, "h")
		require.NoError(t, err)
		require.Empty(t, unread)
		require.Equal(t, whole, unpacked(packed))
	})
}
