package checks

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// cutTail is a history of a producer that was told of ten sends, the last of which were lost: a new
// leader gave their offsets to the next ones, and so many of them in the end. Final reads see what
// stands, if there are any.
func cutTail(lost, replaced int, final bool) kafka.History {
	var h kafka.History
	add := func(op kafka.Op) {
		op.Index, op.Time = len(h), model.Time(len(h)+1)*1000
		h = append(h, op)
	}
	send := func(value string, at kafka.Offset) {
		op := kafka.Op{Type: kafka.Invoke, F: kafka.FSend, Client: "p1", Acks: "1",
			Value: []kafka.Mop{{F: kafka.FSend, Key: tp0, Value: value, Offset: kafka.NoOffset}}}
		add(op)
		op.Type, op.Value = kafka.OK, []kafka.Mop{{F: kafka.FSend, Key: tp0, Value: value, Offset: at}}
		add(op)
	}
	var stands []kafka.PolledRecord
	for i := range 10 {
		send(fmt.Sprint("a", i), kafka.Offset(i))
		if i < 10-lost {
			stands = append(stands, kafka.PolledRecord{Offset: kafka.Offset(i), Value: fmt.Sprint("a", i)})
		}
	}
	for i := range replaced {
		at := kafka.Offset(10 - lost + i)
		send(fmt.Sprint("b", i), at)
		stands = append(stands, kafka.PolledRecord{Offset: at, Value: fmt.Sprint("b", i)})
	}
	if final {
		add(kafka.Op{Process: 1, Type: kafka.OK, F: kafka.FPoll, Client: "final-reader", Final: true,
			Value: []kafka.Mop{{F: kafka.FPoll, Polled: []kafka.PolledRecords{{Key: tp0, Records: stands}}}}})
	}
	return h
}

var tp0 = kafka.TopicPartition{Topic: "orders"}

// A lost tail is one thing: what else it shows follows from it.
func TestOneCauseIsToldOnce(t *testing.T) {
	for _, c := range []struct {
		name           string
		lost, replaced int
		final          bool
		want           []string
	}{
		{"all replaced", 4, 4, true, []string{
			"lost-write ×4, with inconsistent-offsets ×4, nonmonotonic-send ×4 and nonlinearizable ×8",
		}},
		{"some replaced", 4, 2, true, []string{
			"lost-write ×2, with inconsistent-offsets ×2 and nonlinearizable ×4",
			"unseen ×2, with nonmonotonic-send ×2",
		}},
		{"more behind it", 3, 5, true, []string{
			"lost-write ×3, with inconsistent-offsets ×3, nonmonotonic-send ×3 and nonlinearizable ×6",
		}},
		{"nobody read to the end", 2, 2, false, []string{
			"inconsistent-offsets ×2, with nonmonotonic-send ×2 and nonlinearizable ×4", "unseen ×12",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := cutTail(c.lost, c.replaced, c.final)
			var got []string
			for _, f := range Judge(h, Options{}).Findings {
				got = append(got, f.String())
				requireWellTold(t, f, h)
			}
			require.Equal(t, c.want, got)
		})
	}
}

// What is wrong by itself is told by itself, also where something was lost.
func TestACauseExcusesNothingElse(t *testing.T) {
	h := cutTail(4, 4, true)
	last := &h[len(h)-1].Value[0].Polled[0].Records
	(*last)[1], (*last)[2] = (*last)[2], (*last)[1] // the read went backwards
	h[0].Value[0].Value, h[1].Value[0].Value = "a1", "a1"
	h[2].Value[0].Value, h[3].Value[0].Value = "a0", "a0"
	h[1].Value[0].Offset, h[3].Value[0].Offset = 1, 0 // a1 was sent before a0
	var got []string
	for _, f := range Judge(h, Options{}).Findings {
		got = append(got, f.String())
	}
	require.Equal(t, []string{
		"lost-write ×4, with inconsistent-offsets ×4, nonmonotonic-send ×4 and nonlinearizable ×8",
		"nonmonotonic-send ×1", "int-poll-skip ×2, with nonlinearizable ×1", "int-nonmonotonic-poll ×1",
		"nonlinearizable ×1, with G0-process ×1, G0-realtime ×1 and strong-PL-1-cycle-exists ×1",
	}, got)
}

// Acknowledged is what a client was told; committed is said where the high watermark is known.
func TestCommittedIsSaidOfWhatWasCommitted(t *testing.T) {
	h := cutTail(4, 4, true)
	told := func(committed func(kafka.PartitionOffset, model.Time, model.Time) (model.Time, bool)) string {
		return Judge(h, Options{Committed: committed}).Findings[0].Explanation
	}
	require.Equal(t, `"a6" was acknowledged at offset 6 of orders-0; readers got as far as offset 9, and `+
		`nobody ever read it`, told(nil), "nobody knows")
	require.Equal(t, `"a6" was acknowledged at offset 6 of orders-0, and committed: the high watermark `+
		`passed it at 5.000000s; readers got as far as offset 9, and nobody ever read it. Of these 4 records, the `+
		`high watermark had passed 1`,
		told(func(at kafka.PartitionOffset, call, _ model.Time) (model.Time, bool) {
			return model.Time(5e9), at.Offset == 6 && call < 20_000
		}))
	require.Contains(t, told(func(kafka.PartitionOffset, model.Time, model.Time) (model.Time, bool) {
		return 0, false
	}), "and never committed: the high watermark never passed it; ")
}

// What follows from a check that crashed stands for itself, once, and is not told under what
// follows from it too.
func TestConsequencesWithoutTheirCause(t *testing.T) {
	nothing := func() (string, []kafka.Witness) { return "", nil }
	offsets, order := tally{anomaly: kafka.InconsistentOffsets}, tally{anomaly: kafka.Nonlinearizable}
	offsets.addFrom(kafka.LostWrite, nothing)
	order.addFrom(kafka.InconsistentOffsets, nothing)
	order.addFrom(kafka.LostWrite, nothing)
	var told []string
	for _, f := range findings([]tally{{anomaly: kafka.LostWrite}, offsets, order}) {
		told = append(told, f.String())
	}
	require.Equal(t, []string{"inconsistent-offsets ×1", "nonlinearizable ×2"}, told)
}
