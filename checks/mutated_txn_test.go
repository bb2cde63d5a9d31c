package checks

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

// spot is a record that a poll of the history returned.
type spot struct{ line, mop, key, record int }

func (s spot) records(h kafka.History) *[]kafka.PolledRecord {
	return &h[s.line].Value[s.mop].Polled[s.key].Records
}

// spots are the records of polls for which a condition holds.
func spots(h kafka.History, fits func(op *kafka.Op, s spot, list []kafka.PolledRecord) bool,
) (list []spot) {
	for i := range h {
		for j := range h[i].Value {
			for k := range h[i].Value[j].Polled {
				records := h[i].Value[j].Polled[k].Records
				for n := range records {
					if s := (spot{i, j, k, n}); fits(&h[i], s, records) {
						list = append(list, s)
					}
				}
			}
		}
	}
	return list
}

// pick draws one of a list; false where it is empty.
func pick[T any](t *rapid.T, list []T) (one T, ok bool) {
	if len(list) == 0 {
		return one, false
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(t, "where")], true
}

// swapped has two records change places in the log.
func swapped(h kafka.History, a, b kafka.Mop) {
	for i := range h {
		for j := range h[i].Value {
			if m := &h[i].Value[j]; h[i].Type != kafka.Invoke {
				switch m.Value {
				case a.Value:
					m.Offset = b.Offset
				case b.Value:
					m.Offset = a.Offset
				}
			}
		}
	}
	eachPolled(h, func(list []kafka.PolledRecord) []kafka.PolledRecord {
		for i := range list {
			switch list[i].Value {
			case a.Value:
				list[i].Value = b.Value
			case b.Value:
				list[i].Value = a.Value
			}
		}
		return list
	})
}

// okSends are the acknowledged sends by line.
func okSends(h kafka.History) (list [][]kafka.Mop) {
	for i := range h {
		var sends []kafka.Mop
		for _, m := range h[i].Value {
			if m.F == kafka.FSend && h[i].Type == kafka.OK {
				sends = append(sends, m)
			}
		}
		list = append(list, sends)
	}
	return list
}

// giveTo has the first poll of a line return a record.
func giveTo(h kafka.History, line int, m kafka.Mop) bool {
	for j := range h[line].Value {
		if p := &h[line].Value[j]; p.F == kafka.FPoll {
			rec := kafka.PolledRecord{Offset: m.Offset, Value: m.Value}
			p.Polled = append(slices.Clone(p.Polled), kafka.PolledRecords{Key: m.Key, Records: []kafka.PolledRecord{rec}})
			return true
		}
	}
	return false
}

// txnMutation breaks a history of correct transactions so that it holds an anomaly; false where it
// cannot be broken so.
type txnMutation struct {
	name    string
	anomaly kafka.Anomaly
	apply   func(t *rapid.T, m *logMachine) bool
}

func txnMutations() []txnMutation {
	return []txnMutation{
		{"a poll leaves a record out", kafka.IntPollSkip, leaveOneOut},
		{"a poll goes back", kafka.IntNonmonotonicPoll, turnAround},
		{"a record is given again", kafka.NonmonotonicPoll, giveAgain},
		{"the first record of a poll is left out", kafka.PollSkip, leaveFirstOut},
		{"an aborted record is read", kafka.G1a, exposeAborted},
		{"a transaction reads what it sent", kafka.PrecommittedRead, exposeOwn},
		{"two transactions read each other", kafka.G1c, exposeBoth},
		{"records of a transaction stand the wrong way round", kafka.IntNonmonotonicSend, swapInside},
		{"records of a process stand the wrong way round", kafka.NonmonotonicSend, swapBetween},
		{"nobody read a record", kafka.LostWrite, dropEverywhere},
		{"a record stands twice", kafka.Duplicate, standTwice},
		{"an offset holds two records", kafka.InconsistentOffsets, standElsewhere},
	}
}

func leaveOneOut(t *rapid.T, m *logMachine) bool {
	s, ok := pick(t, spots(m.h, func(op *kafka.Op, s spot, list []kafka.PolledRecord) bool {
		return !op.Final && s.record > 0 && s.record < len(list)-1
	}))
	if ok {
		*s.records(m.h) = slices.Delete(slices.Clone(*s.records(m.h)), s.record, s.record+1)
	}
	return ok
}

func turnAround(t *rapid.T, m *logMachine) bool {
	s, ok := pick(t, spots(m.h, func(_ *kafka.Op, s spot, _ []kafka.PolledRecord) bool { return s.record > 0 }))
	if ok {
		list := *s.records(m.h)
		list[s.record-1], list[s.record] = list[s.record], list[s.record-1]
	}
	return ok
}

// follows tells whether the poll at a line reads on behind an earlier one of its process, and that
// is the first that the line reads of the partition; last is what that one returned last.
func follows(h kafka.History, s spot) (last kafka.PolledRecord, ok bool) {
	key := h[s.line].Value[s.mop].Polled[s.key].Key
	of := func(line int) (list []kafka.PolledRecord) {
		for _, m := range h[line].Value {
			for _, p := range m.Polled {
				if p.Key == key {
					list = append(list, p.Records...)
				}
			}
		}
		return list
	}
	if of(s.line)[0] != (*s.records(h))[s.record] {
		return last, false
	}
	for i := s.line - 1; i >= 0; i-- {
		switch op := &h[i]; {
		case op.Process != h[s.line].Process:
		case op.F == kafka.FAssign || op.F == kafka.FSeek:
			return last, false
		case op.Type == kafka.OK && len(of(i)) > 0:
			return of(i)[len(of(i))-1], true
		}
	}
	return last, false
}

func giveAgain(t *rapid.T, m *logMachine) bool {
	s, ok := pick(t, spots(m.h, func(_ *kafka.Op, s spot, _ []kafka.PolledRecord) bool {
		_, ok := follows(m.h, s)
		return ok
	}))
	if ok {
		last, _ := follows(m.h, s)
		*s.records(m.h) = slices.Insert(slices.Clone(*s.records(m.h)), 0, last)
	}
	return ok
}

func leaveFirstOut(t *rapid.T, m *logMachine) bool {
	s, ok := pick(t, spots(m.h, func(_ *kafka.Op, s spot, list []kafka.PolledRecord) bool {
		_, ok := follows(m.h, s)
		return ok && len(list) > 1
	}))
	if ok {
		*s.records(m.h) = slices.Delete(slices.Clone(*s.records(m.h)), 0, 1)
	}
	return ok
}

func exposeAborted(t *rapid.T, m *logMachine) bool {
	var failed []kafka.Mop
	for n := range m.logs {
		for at, e := range m.logs[n] {
			certain := slices.ContainsFunc(m.h, func(op kafka.Op) bool {
				return op.Type == kafka.Fail && slices.ContainsFunc(op.Value, func(m kafka.Mop) bool { return m.Value == e.value })
			})
			if e.value != "" && certain {
				failed = append(failed, kafka.Mop{Key: txnKey(n), Value: e.value, Offset: kafka.Offset(at)})
			}
		}
	}
	one, ok := pick(t, failed)
	return ok && giveTo(m.h, len(m.h)-1, one)
}

func exposeOwn(t *rapid.T, m *logMachine) bool {
	lines := okSends(m.h)
	line := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
	one, ok := pick(t, lines[line])
	return ok && giveTo(m.h, line, one)
}

func exposeBoth(t *rapid.T, m *logMachine) bool {
	var both []int // lines that send and poll
	lines := okSends(m.h)
	for i := range lines {
		if len(lines[i]) > 0 && len(lines[i]) < len(m.h[i].Value) {
			both = append(both, i)
		}
	}
	if len(both) < 2 {
		return false
	}
	a := rapid.IntRange(0, len(both)-2).Draw(t, "a")
	b := rapid.IntRange(a+1, len(both)-1).Draw(t, "b")
	return giveTo(m.h, both[a], lines[both[b]][0]) && giveTo(m.h, both[b], lines[both[a]][0])
}

func swapInside(t *rapid.T, m *logMachine) bool {
	var pairs [][2]kafka.Mop
	for _, sends := range okSends(m.h) {
		for i := 1; i < len(sends); i++ {
			if sends[i-1].Key == sends[i].Key {
				pairs = append(pairs, [2]kafka.Mop{sends[i-1], sends[i]})
			}
		}
	}
	one, ok := pick(t, pairs)
	if ok {
		swapped(m.h, one[0], one[1])
	}
	return ok
}

func swapBetween(t *rapid.T, m *logMachine) bool {
	var pairs [][2]kafka.Mop
	lines := okSends(m.h)
	last := map[int]kafka.Mop{}
	for i, sends := range lines {
		p := m.h[i].Process
		if m.h[i].F == kafka.FAssign {
			delete(last, p)
		}
		if len(sends) == 0 {
			continue
		}
		if before, ok := last[p]; ok && before.Key == sends[0].Key {
			pairs = append(pairs, [2]kafka.Mop{before, sends[0]})
		}
		last[p] = sends[len(sends)-1]
	}
	one, ok := pick(t, pairs)
	if ok {
		swapped(m.h, one[0], one[1])
	}
	return ok
}

func dropEverywhere(t *rapid.T, m *logMachine) bool {
	s, ok := pick(t, spots(m.h, func(op *kafka.Op, s spot, list []kafka.PolledRecord) bool {
		return op.Final && s.record < len(list)-1
	}))
	if !ok {
		return false
	}
	value := (*s.records(m.h))[s.record].Value
	eachPolled(m.h, func(list []kafka.PolledRecord) []kafka.PolledRecord {
		return slices.DeleteFunc(list, func(r kafka.PolledRecord) bool { return r.Value == value })
	})
	return slices.ContainsFunc(okSends(m.h), func(sends []kafka.Mop) bool {
		return slices.ContainsFunc(sends, func(m kafka.Mop) bool { return m.Value == value })
	})
}

func standTwice(t *rapid.T, m *logMachine) bool {
	s, ok := pick(t, spots(m.h, func(op *kafka.Op, _ spot, _ []kafka.PolledRecord) bool { return op.Final }))
	if ok {
		list := s.records(m.h)
		again := (*list)[s.record]
		again.Offset = 1 << 40
		*list = append(*list, again)
	}
	return ok
}

func standElsewhere(t *rapid.T, m *logMachine) bool {
	s, ok := pick(t, spots(m.h, func(op *kafka.Op, s spot, list []kafka.PolledRecord) bool {
		acked := slices.ContainsFunc(okSends(m.h), func(sends []kafka.Mop) bool {
			return slices.ContainsFunc(sends, func(m kafka.Mop) bool { return m.Value == list[s.record].Value })
		})
		return op.Final && len(list) > 1 && acked
	}))
	if ok {
		list := *s.records(m.h)
		other := (s.record + 1) % len(list)
		list[s.record].Value = list[other].Value
	}
	return ok
}

// Each broken history shows the anomaly by its name.
func TestMutatedTransactionsAreNamed(t *testing.T) {
	for _, c := range txnMutations() {
		t.Run(c.name, func(t *testing.T) {
			tried := 0
			property := func(t *rapid.T) {
				m := drawTransactions(t, 30)
				before := text(m.h)
				if !c.apply(t, m) {
					return
				}
				report := Judge(m.h, Options{})
				require.True(t, slices.ContainsFunc(report.Findings, func(f kafka.Finding) bool {
					return f.Shows(c.anomaly)
				}), "found %v\nbefore:\n%s\nafter:\n%s", report.Findings, before, text(m.h))
				for _, f := range report.Findings {
					requireWellTold(t, f, m.h)
				}
				tried++
			}
			many(t, property)
			for n := 0; n < 20 && tried <= 20; n++ { // what some are made of is rare
				many(t, property)
			}
			require.Greater(t, tried, 20, "the mutation was hardly ever possible")
		})
	}
}
