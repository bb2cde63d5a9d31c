package order

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"sandcastle/model/kafka"
)

// NonmonotonicSend finds sends of one client to one partition of which the later got the lower
// offset (Jepsen's :nonmonotonic-send, there of one process). A producer with many sends open is
// one pipeline: the order of its invocations is the order that it asked for. A send is not out of
// order for standing in the place of one that was lost, and those of one operation are
// int-nonmonotonic-send's. As in jepsen.tests.kafka, a client that is assigned other partitions
// begins anew in those that it lost.
func (c *Consumers) NonmonotonicSend(logs []*Log, found func(Case)) {
	moved := c.assignments()
	for _, l := range logs {
		for _, sends := range c.byClient(l) {
			by := senderOf(c.History.At(int(l.Sends[sends[0]].Op)))
			c.sendsInOrder(l, sends, moved[by], found)
		}
	}
}

// sendsInOrder goes through the sends of one client, by their places in l.Sends. moved are its
// assignments.
func (c *Consumers) sendsInOrder(l *Log, sends []int32, moved []Move, found func(Case)) {
	// The highest so far, of those whose order must be right, and the last; −1 for none.
	high, standing, last := int32(-1), int32(-1), int32(-1)
	for _, at := range sends {
		s := &l.Sends[at]
		for len(moved) > 0 && moved[0].Op < s.asked() {
			if c.assignedAway(l, moved[0]) {
				high, standing = -1, -1
			}
			moved = moved[1:]
		}
		stands := l.Stands(s.Value, s.Rank)
		before, cause := standing, kafka.Anomaly("")
		if !stands || before < 0 || s.Rank > l.Sends[before].Rank {
			before, cause = high, l.eitherCause(high, at)
		}
		inside := last >= 0 && l.Sends[last].Op == s.Op
		if before >= 0 && s.Rank <= l.Sends[before].Rank && !inside {
			found(Case{Cause: cause, Evidence: c.outOfOrder(l, before, at)})
		}
		if high < 0 || s.Rank > l.Sends[high].Rank {
			high = at
		}
		if stands && (standing < 0 || s.Rank > l.Sends[standing].Rank) {
			standing = at
		}
		last = at
	}
}

// eitherCause is what the first of two sends has suffered, or else the second; "" for nothing, or
// no first one.
func (l *Log) eitherCause(first, second int32) kafka.Anomaly {
	if first < 0 {
		return ""
	}
	a, b := &l.Sends[first], &l.Sends[second]
	return cmp.Or(l.Cause(a.Value, a.Rank), l.Cause(b.Value, b.Rank))
}

// asked is the position in the history by which the sends of a client are in order.
func (s *Send) asked() int32 {
	if s.Invoke >= 0 {
		return s.Invoke
	}
	return s.Op
}

// assignments are the assignments and subscriptions of each client.
func (c *Consumers) assignments() map[string][]Move {
	list := map[string][]Move{}
	for _, m := range c.Moves {
		op := c.History.At(int(m.Op))
		if op.F == kafka.FAssign || op.F == kafka.FSubscribe {
			list[senderOf(op)] = append(list[senderOf(op)], m)
		}
	}
	return list
}

// assignedAway tells whether a client that did m has the partition no more.
func (c *Consumers) assignedAway(l *Log, m Move) bool {
	op := c.History.At(int(m.Op))
	if op.Type == kafka.Fail {
		return false
	}
	names := op.Keys
	if len(names) == 0 && m.Invoke >= 0 {
		names = c.History.At(int(m.Invoke)).Keys
	}
	return len(names) > 0 && !slices.Contains(names, l.Name) &&
		!(op.F == kafka.FSubscribe && slices.Contains(names, l.Key.Topic))
}

// outOfOrder is the evidence that the send before got a higher offset than another one.
func (c *Consumers) outOfOrder(l *Log, before, at int32) func() (string, []kafka.Witness) {
	return func() (string, []kafka.Witness) {
		a, b := &l.Sends[before], &l.Sends[at]
		text := fmt.Sprintf("%s sent %q before %q, and was told offsets %d and %d of %s",
			who(c.History.At(int(b.Op))), l.Tell.Value(a.Value), l.Tell.Value(b.Value),
			l.Offsets[a.Rank], l.Offsets[b.Rank], l.Name)
		return text, []kafka.Witness{l.Tell.Send(before), l.Tell.Send(at)}
	}
}

func senderOf(op *kafka.Op) string {
	if op.Client != "" {
		return op.Client
	}
	return strconv.Itoa(op.Process)
}

// byClient are the sends of which it is known where their records stand, by client and then in the
// order of invocation. A client with a name has many open: what it was not told, by an answer that
// belongs to an invocation, says nothing of the order that it asked for.
func (c *Consumers) byClient(l *Log) [][]int32 {
	number := map[Origin]int{}
	var lists [][]int32
	for i := range l.Sends {
		s := &l.Sends[i]
		if s.Failed || s.Rank == Unknown {
			continue
		}
		by := c.Whose(s.Op)
		by.Group = ""
		if by.Client != "" { // whatever its processes are
			if !s.OK || !s.Told || s.Invoke < 0 {
				continue
			}
			by.Process = 0
		}
		n, known := number[by]
		if !known {
			n = len(lists)
			number[by] = n
			lists = append(lists, nil)
		}
		lists[n] = append(lists[n], int32(i))
	}
	for _, sends := range lists {
		slices.SortStableFunc(sends, func(a, b int32) int {
			return cmp.Compare(l.Sends[a].asked(), l.Sends[b].asked())
		})
	}
	return lists
}
