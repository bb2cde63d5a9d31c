package checks

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// world is a small partition and its clients, some of which are never told how their operations
// ended. What it plays is linearizable.
type world struct {
	t    *rapid.T
	h    kafka.History
	log  kafka.PartitionLog
	hurt map[kafka.Offset]bool // of records that nobody acknowledged, which a poll may leave out
	open []*client
	sent int
}

// drawLogHistory plays from least to most steps: sends that are acknowledged with or without their offset,
// fail, or end nobody knows how, of values that may be sent twice; polls of some records that may
// leave out what nobody acknowledged, or jump while partitions change hands. Several things happen
// at one moment.
func drawLogHistory(t *rapid.T, least, most int) kafka.History {
	w := world{t: t, hurt: map[kafka.Offset]bool{}}
	for n := rapid.IntRange(least, most).Draw(t, "steps"); n > 0; n-- {
		pick := rapid.IntRange(0, 7).Draw(t, "pick")
		switch {
		case pick < 2 && len(w.open) < 6 || len(w.open) == 0:
			w.invoke()
		case pick < 5:
			w.apply(rapid.SampledFrom(w.open).Draw(t, "apply"))
		default:
			i := rapid.IntRange(0, len(w.open)-1).Draw(t, "end")
			w.complete(w.open[i])
			w.open = slices.Delete(w.open, i, i+1)
		}
	}
	if rapid.Bool().Draw(t, "read in the end") {
		c := &client{process: 1, poll: true, applied: true, got: w.log.Read(0, 100)}
		w.record(c, kafka.OK, pollMop(slices.Clone(c.got)))
	}
	return w.h
}

func (w *world) record(c *client, end kafka.OpType, mop kafka.Mop) *kafka.Op {
	at := model.Time(0)
	if n := len(w.h); n > 0 {
		at = w.h[n-1].Time + model.Time(rapid.IntRange(0, 1).Draw(w.t, "later"))
	}
	w.h = append(w.h, kafka.Op{
		Index: len(w.h), Process: c.process, Type: end, F: mop.F, Time: at, Value: []kafka.Mop{mop},
	})
	return &w.h[len(w.h)-1]
}

func (w *world) invoke() {
	c := &client{
		process: 100 + len(w.h), offset: kafka.NoOffset, poll: rapid.IntRange(0, 2).Draw(w.t, "poll") == 0,
	}
	w.open = append(w.open, c)
	if c.poll {
		c.from = kafka.Offset(rapid.IntRange(0, 8).Draw(w.t, "from"))
		w.record(c, kafka.Invoke, kafka.Mop{F: kafka.FPoll})
		return
	}
	if w.sent == 0 || rapid.IntRange(0, 9).Draw(w.t, "again") > 0 {
		w.sent++
	}
	c.value = fmt.Sprint("v", w.sent)
	w.record(c, kafka.Invoke, sendMop(c))
}

// apply has the operation take effect, once.
func (w *world) apply(c *client) {
	switch {
	case c.applied:
	case c.poll:
		for _, rec := range w.log.Read(c.from, rapid.IntRange(1, 6).Draw(w.t, "most")) {
			if !w.hurt[rec.Offset] || rapid.Bool().Draw(w.t, "shown") {
				c.got = append(c.got, rec)
			}
		}
	default:
		c.offset = w.log.End() + kafka.Offset(rapid.SampledFrom([]int{0, 0, 0, 5}).Draw(w.t, "gap"))
		w.log, _ = w.log.AppendAt(c.offset, c.value)
		w.hurt[c.offset] = rapid.IntRange(0, 3).Draw(w.t, "hurt") == 0
	}
	c.applied = true
}

func (w *world) complete(c *client) {
	switch {
	case c.poll && rapid.IntRange(0, 5).Draw(w.t, "changed hands") == 0:
		slices.Reverse(c.got)
		w.record(c, kafka.OK, pollMop(c.got)).Rebalance = &kafka.RebalanceLog{
			Assigned: []string{orders().String()},
		}
	case c.poll:
		w.record(c, rapid.SampledFrom([]kafka.OpType{
			kafka.OK, kafka.OK, kafka.Info,
		}).Draw(w.t, "poll ended"), pollMop(c.got))
	case c.applied && !w.hurt[c.offset]:
		w.record(c, kafka.OK, sendMop(c))
	case c.applied:
		c.offset = kafka.NoOffset
		end := rapid.SampledFrom([]kafka.OpType{kafka.Info, kafka.OK}).Draw(w.t, "told")
		w.record(c, end, sendMop(c))
	default:
		end := rapid.SampledFrom([]kafka.OpType{kafka.Info, kafka.Fail}).Draw(w.t, "not told")
		w.record(c, end, sendMop(c))
	}
}

// breakHistory changes something in h, which may be right afterwards or not.
func breakHistory(t *rapid.T, h kafka.History) {
	var ends []int
	for i := range h {
		if h[i].Type == kafka.OK {
			ends = append(ends, i)
		}
	}
	if len(ends) == 0 {
		return
	}
	at := rapid.SampledFrom(ends).Draw(t, "line")
	op, other := &h[at], &h[rapid.SampledFrom(ends).Draw(t, "other line")]
	m, n := &op.Value[0], &other.Value[0]
	switch rapid.IntRange(0, 6).Draw(t, "break") {
	case 0:
		m.Offset, n.Offset = n.Offset, m.Offset
	case 1:
		m.Value, n.Value = n.Value, m.Value
	case 2:
		m.Offset = kafka.Offset(rapid.IntRange(-1, 9).Draw(t, "offset"))
	case 3:
		op.Type = rapid.SampledFrom([]kafka.OpType{kafka.OK, kafka.Fail, kafka.Info}).Draw(t, "type")
	case 4: // completions come earlier, invocations later
		times := []model.Time{op.Time, other.Time}
		slices.Sort(times)
		for i := range h {
			if h[i].Time >= times[0] && h[i].Time <= times[1] {
				h[i].Time = times[0]
			}
		}
	case 5:
		m.Polled, n.Polled = n.Polled, m.Polled
	default:
		eachPolled(h[at:at+1], func(list []kafka.PolledRecord) []kafka.PolledRecord {
			if len(list) == 0 {
				return list
			}
			i := rapid.IntRange(0, len(list)-1).Draw(t, "record")
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				return slices.Delete(slices.Clone(list), i, i+1)
			case 1:
				list = slices.Clone(list)
				list[i], list[0] = list[0], list[i]
				return list
			}
			list = slices.Clone(list)
			list[i].Offset = kafka.Offset(rapid.IntRange(-1, 9).Draw(t, "polled offset"))
			return list
		})
	}
}

// drawAnyHistory draws lines with no regard to any log.
func drawAnyHistory(t *rapid.T) (h kafka.History) {
	at := model.Time(0)
	for range rapid.IntRange(1, 12).Draw(t, "lines") {
		at += model.Time(rapid.IntRange(0, 1).Draw(t, "later"))
		op := kafka.Op{
			Index: len(h), Process: rapid.IntRange(0, 3).Draw(t, "process"), F: kafka.FSend, Time: at,
			Type: rapid.SampledFrom([]kafka.OpType{
				kafka.Invoke, kafka.OK, kafka.OK, kafka.Fail, kafka.Info,
			}).Draw(t, "type"),
		}
		value := func() string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "value") }
		offset := func() kafka.Offset { return kafka.Offset(rapid.IntRange(-1, 4).Draw(t, "offset")) }
		if rapid.Bool().Draw(t, "send") {
			op.Value = []kafka.Mop{sendMop(&client{value: value(), offset: offset()})}
		} else {
			op.F = kafka.FPoll
			var got []kafka.PolledRecord
			for range rapid.IntRange(0, 3).Draw(t, "records") {
				got = append(got, kafka.PolledRecord{Offset: offset(), Value: value()})
			}
			op.Value = []kafka.Mop{pollMop(got)}
		}
		h = append(h, op)
	}
	return h
}

// The linear-time checker decides as Porcupine does, which knows nothing of it: on histories of a
// log, on such as were broken, and on any. (rapid.Check plays 100, or -rapid.checks.)
func TestLinearCheckerAgreesWithPorcupine(t *testing.T) {
	verdicts := map[string][2]int{}
	for range 100 {
		rapid.Check(t, func(t *rapid.T) {
			kind := rapid.SampledFrom([]string{"correct", "broken", "any"}).Draw(t, "kind")
			var h kafka.History
			switch kind {
			case "correct":
				h = drawLogHistory(t, 20, 80)
			case "broken":
				h = drawLogHistory(t, 20, 60)
				for range rapid.IntRange(1, 3).Draw(t, "times") {
					breakHistory(t, h)
				}
			default:
				h = drawAnyHistory(t)
			}
			for _, p := range partitions(h, Options{}) {
				legal := requireAgreement(t, p, h)
				if kind == "correct" {
					require.True(t, legal, "%s", text(h))
				}
				count := verdicts[kind]
				if count[1]++; legal {
					count[0]++
				}
				verdicts[kind] = count
			}
		})
	}
	for _, kind := range []string{"broken", "any"} {
		legal, all := verdicts[kind][0], verdicts[kind][1]
		require.Greater(t, 20*legal, all, "hardly any of %s was right: %v", kind, verdicts)
		require.Greater(t, 20*(all-legal), all, "hardly any of %s was wrong: %v", kind, verdicts)
	}
}

// requireAgreement asks both, and returns whether p is linearizable.
func requireAgreement(t *rapid.T, p *partition, h kafka.History) bool {
	order := p.logOrder()
	contradictions := tally{anomaly: kafka.Nonlinearizable}
	order.contradictions(func(c contradiction) { contradictions.addFrom(c.cause, c.evidence) })
	q, small := p.question(math.MaxInt)
	require.True(t, small)
	budget := stepBudget{left: DefaultMaxSteps}
	legal := q.linearizable(&budget)
	require.Empty(t, budget.stopped())
	require.Equal(t, contradictions.total() == 0, legal, "%+v\n%s", contradictions.causes, text(h))
	return legal
}

// Verdicts that differ are undecided: neither of the two is believed.
func TestDisagreementIsUndecided(t *testing.T) {
	for _, c := range []struct {
		path, says   string
		contradicted bool
	}{
		{"testdata/ok_sequential.ndjson", "finds a contradiction, Porcupine finds an order", true},
		{"testdata/bad_nonlinearizable_order.ndjson", "finds no contradiction, Porcupine finds no order", false},
	} {
		h, _, _ := readTestdata(t, c.path)
		p := partitions(h, Options{})[0]
		o := Options{MaxSteps: DefaultMaxSteps, OracleOps: DefaultOracleOps}
		var told tally
		p.consult(!c.contradicted, o, &told)
		require.Empty(t, told.undecided)
		p.consult(c.contradicted, o, &told)
		require.Len(t, told.undecided, 1)
		require.Contains(t, told.undecided[0], c.says)
		require.Contains(t, told.undecided[0], "one of the two has a bug")

		told = tally{}
		o.OracleOps = 1
		p.consult(c.contradicted, o, &told)
		require.Empty(t, told.undecided, "larger ones are not asked about")
	}
}

// A picture of a history that no order explains is the same each time.
func TestPicturesAreTheSame(t *testing.T) {
	drawn := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawLogHistory(t, 10, 40)
		breakHistory(t, h)
		for _, p := range partitions(h, Options{}) {
			if len(p.slots) == 0 {
				continue
			}
			page, err := Visualize(h, p.key)
			require.NoError(t, err)
			again, err := Visualize(h, p.key)
			require.NoError(t, err)
			require.Equal(t, string(page), string(again))
			drawn++
		}
	})
	require.Positive(t, drawn)
}
