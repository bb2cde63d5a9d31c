package checks

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// client is one operation of a generated history, open or done.
type client struct {
	process int
	value   string
	from    kafka.Offset // of a poll
	poll    bool
	applied bool
	offset  kafka.Offset
	got     []kafka.PolledRecord
}

// drawHistory plays random clients against the sequential specification: each operation takes
// effect at one moment between its invocation and its completion. Some sends end with info, applied
// or not; some fail, not applied. Gaps between offsets are drawn. It ends with a read of
// everything.
func drawHistory(t *rapid.T, least int) kafka.History {
	var (
		h    kafka.History
		log  kafka.PartitionLog
		open []*client
		sent int
	)
	record := func(c *client, end kafka.OpType, value ...kafka.Mop) {
		op :=
			kafka.Op{Index: len(h), Process: c.process, Type: end, F: kafka.FSend, Time: model.Time(len(h)), Value: value}
		if c.poll {
			op.F = kafka.FPoll
		}
		h = append(h, op)
	}
	for n := rapid.IntRange(least, 60).Draw(t, "steps"); n > 0; n-- {
		pick := rapid.IntRange(0, 7).Draw(t, "pick")
		switch {
		case pick < 2 && len(open) < 6 || len(open) == 0:
			c := &client{process: 100 + len(h), poll: rapid.Bool().Draw(t, "poll"), offset: kafka.NoOffset}
			if c.poll {
				c.from = kafka.Offset(rapid.IntRange(0, 20).Draw(t, "from"))
				record(c, kafka.Invoke, kafka.Mop{F: kafka.FPoll})
			} else {
				sent++
				c.value = fmt.Sprintf("v%d", sent)
				record(c, kafka.Invoke, sendMop(c))
			}
			open = append(open, c)
		case pick < 5:
			c := open[rapid.IntRange(0, len(open)-1).Draw(t, "apply")]
			if c.applied {
				continue
			}
			c.applied = true
			if c.poll {
				c.got = slices.Clone(log.Read(c.from, rapid.IntRange(1, 10).Draw(t, "most")))
				continue
			}
			c.offset = log.End() + kafka.Offset(rapid.SampledFrom([]int{0, 0, 0, 5}).Draw(t, "gap"))
			log, _ = log.AppendAt(c.offset, c.value)
		default:
			i := rapid.IntRange(0, len(open)-1).Draw(t, "end")
			c := open[i]
			open = slices.Delete(open, i, i+1)
			unknown := rapid.IntRange(0, 4).Draw(t, "unknown") == 0
			switch {
			case c.poll:
				record(c, kafka.OK, pollMop(c.got))
			case unknown || !c.applied && rapid.Bool().Draw(t, "timed out"):
				c.offset = kafka.NoOffset
				record(c, kafka.Info, sendMop(c))
			case !c.applied:
				record(c, kafka.Fail, sendMop(c))
			default:
				record(c, kafka.OK, sendMop(c))
			}
		}
	}
	final := &client{process: 1, poll: true}
	record(final, kafka.Invoke, kafka.Mop{F: kafka.FPoll})
	record(final, kafka.OK, pollMop(slices.Clone(log.Read(0, 1000))))
	h[len(h)-1].Final = true
	return h
}

func sendMop(c *client) kafka.Mop {
	return kafka.Mop{F: kafka.FSend, Key: orders(), Value: c.value, Offset: c.offset}
}

func pollMop(got []kafka.PolledRecord) kafka.Mop {
	m := kafka.Mop{F: kafka.FPoll}
	if len(got) > 0 {
		m.Polled = []kafka.PolledRecords{{Key: orders(), Records: got}}
	}
	return m
}

func TestCorrectHistoriesAreOK(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t, 0)
		require.Equal(t, kafka.Report{}, Judge(h, Options{}), "%s", text(h))
	})
}

func text(h kafka.History) string {
	var b bytes.Buffer
	_ = kafka.WriteHistory(&b, h)
	return b.String()
}

// acknowledged lists the positions of acknowledged sends.
func acknowledged(h kafka.History) (list []int) {
	for i := range h {
		if h[i].F == kafka.FSend && h[i].Type == kafka.OK {
			list = append(list, i)
		}
	}
	return list
}

// eachPolled calls change for the records of every poll, in place of which the result is put.
func eachPolled(h kafka.History, change func([]kafka.PolledRecord) []kafka.PolledRecord) {
	for i := range h {
		for m := range h[i].Value {
			for k := range h[i].Value[m].Polled {
				h[i].Value[m].Polled[k].Records = change(h[i].Value[m].Polled[k].Records)
			}
		}
	}
}

// mutation breaks a correct history at the acknowledged send at position send, and returns the
// anomalies of which one at least must be found; none when this history cannot be broken so.
type mutation struct {
	name  string
	apply func(t *rapid.T, h kafka.History, send int) []kafka.Anomaly
}

func mutations() []mutation {
	return []mutation{
		{"drop from every read", func(t *rapid.T, h kafka.History, send int) []kafka.Anomaly {
			value := h[send].Value[0].Value
			eachPolled(h, func(list []kafka.PolledRecord) []kafka.PolledRecord {
				return slices.DeleteFunc(list, func(r kafka.PolledRecord) bool { return r.Value == value })
			})
			return []kafka.Anomaly{kafka.LostWrite, kafka.Unseen}
		}},
		{"swap values in the final read", func(t *rapid.T, h kafka.History, send int) []kafka.Anomaly {
			list := finalRead(h)
			i := indexOf(list, h[send])
			j := (i + rapid.IntRange(1, len(list)-1).Draw(t, "distance")) % len(list)
			list[i].Value, list[j].Value = list[j].Value, list[i].Value
			return []kafka.Anomaly{kafka.InconsistentOffsets, kafka.Nonlinearizable}
		}},
		{"duplicate at the end", func(t *rapid.T, h kafka.History, send int) []kafka.Anomaly {
			m := &h[len(h)-1].Value[0].Polled[0]
			last := m.Records[len(m.Records)-1].Offset
			m.Records =
				append(m.Records, kafka.PolledRecord{Offset: last + 1, Value: h[send].Value[0].Value})
			return []kafka.Anomaly{kafka.Duplicate}
		}},
		{"acknowledge another offset", func(t *rapid.T, h kafka.History, send int) []kafka.Anomaly {
			h[send].Value[0].Offset = 1 << 40
			return []kafka.Anomaly{kafka.Duplicate}
		}},
		{"drop the middle of the final read", func(t *rapid.T, h kafka.History, send int) []kafka.Anomaly {
			m := &h[len(h)-1].Value[0].Polled[0]
			i := indexOf(m.Records, h[send])
			if i == 0 || i == len(m.Records)-1 {
				return nil // a read may begin later and end earlier
			}
			m.Records = slices.Delete(m.Records, i, i+1)
			return []kafka.Anomaly{kafka.Nonlinearizable}
		}},
		{"fail what was read", func(t *rapid.T, h kafka.History, send int) []kafka.Anomaly {
			h[send].Type = kafka.Fail
			return []kafka.Anomaly{kafka.G1a}
		}},
	}
}

func indexOf(list []kafka.PolledRecord, send kafka.Op) int {
	return slices.IndexFunc(list, func(r kafka.PolledRecord) bool { return r.Value == send.Value[0].Value })
}

func finalRead(h kafka.History) []kafka.PolledRecord {
	if polled := h[len(h)-1].Value[0].Polled; len(polled) > 0 {
		return polled[0].Records
	}
	return nil
}

func TestMutationsAreCaught(t *testing.T) {
	for _, m := range mutations() {
		t.Run(m.name, func(t *testing.T) {
			tried := 0
			rapid.Check(t, func(t *rapid.T) {
				h := drawHistory(t, 30)
				acked, final := acknowledged(h), finalRead(h)
				if len(acked) == 0 || len(final) < 2 {
					return
				}
				send := rapid.SampledFrom(acked).Draw(t, "send")
				before := text(h)
				expected := m.apply(t, h, send)
				if expected == nil {
					return
				}
				report := Judge(h, Options{})
				found := anomalies(report.Findings)
				require.True(t, slices.ContainsFunc(expected, func(a kafka.Anomaly) bool {
					return slices.ContainsFunc(report.Findings, func(f kafka.Finding) bool { return f.Shows(a) })
				}), "found %v\nbefore:\n%s\nafter:\n%s", found, before, text(h))
				for _, f := range report.Findings {
					requireWellTold(t, f, h)
				}
				tried++
			})
			require.Positive(t, tried, "the mutation was hardly ever possible")
		})
	}
}
