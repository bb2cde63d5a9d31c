package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"sandcastle/checks/order"
	"sandcastle/model/kafka"
)

// nonmonotonicSend finds sends of one client to one partition of which the later got the lower
// offset (Jepsen's :nonmonotonic-send, there of one process). A producer with many sends open is
// one pipeline: the order of its invocations is the order that it asked for. A send is not out of
// order for standing in the place of one that was lost, and those of one operation are
// int-nonmonotonic-send's. As in jepsen.tests.kafka, a client that is assigned other partitions
// begins anew in those that it lost.
func nonmonotonicSend(parts []*partition, _ Options, t *tally) {
	var moved map[string][]order.Move
	if len(parts) > 0 {
		moved = parts[0].all.assignments()
	}
	for _, p := range parts {
		for _, sends := range p.byClient() {
			p.sendsInOrder(sends, moved[senderOf(p.op(sends[0].op))], t)
		}
	}
}

// sendsInOrder goes through the sends of one client. moved are its assignments.
func (p *partition) sendsInOrder(sends []*send, moved []order.Move, t *tally) {
	var high, standing, last *send // the highest so far, and of those whose order must be right
	for _, s := range sends {
		for len(moved) > 0 && moved[0].Op < asked(s) {
			if p.assignedAway(moved[0]) {
				high, standing = nil, nil
			}
			moved = moved[1:]
		}
		rank := p.sentRank(s)
		stands := p.stands(s.value, rank)
		before, cause := standing, kafka.Anomaly("")
		if !stands || before == nil || rank > p.sentRank(before) {
			before, cause = high, p.eitherCause(high, s)
		}
		inside := last != nil && last.op == s.op
		if before != nil && rank <= p.sentRank(before) && !inside {
			t.addFrom(cause, p.outOfOrder(before, s))
		}
		if high == nil || rank > p.sentRank(high) {
			high = s
		}
		if stands && (standing == nil || rank > p.sentRank(standing)) {
			standing = s
		}
		last = s
	}
}

// asked is the position in the history by which the sends of a client are in order.
func asked(s *send) int32 {
	if s.invoke >= 0 {
		return s.invoke
	}
	return s.op
}

// assignments are the assignments and subscriptions of each client that name something.
func (g *gathered) assignments() map[string][]order.Move {
	list := map[string][]order.Move{}
	for _, m := range g.moves {
		op := g.history.At(int(m.Op))
		if op.F == kafka.FAssign || op.F == kafka.FSubscribe {
			list[senderOf(op)] = append(list[senderOf(op)], m)
		}
	}
	return list
}

// assignedAway tells whether a client that did m has the partition no more.
func (p *partition) assignedAway(m order.Move) bool {
	op := p.op(m.Op)
	if op.Type == kafka.Fail {
		return false
	}
	names := op.Keys
	if len(names) == 0 && m.Invoke >= 0 {
		names = p.op(m.Invoke).Keys
	}
	return len(names) > 0 && !slices.Contains(names, p.key.String()) &&
		!(op.F == kafka.FSubscribe && slices.Contains(names, p.key.Topic))
}

// outOfOrder is the evidence that the send before got a higher offset than s.
func (p *partition) outOfOrder(before, s *send) evidence {
	return func() (string, []kafka.Witness) {
		text := fmt.Sprintf("%s sent %q before %q, and was told offsets %d and %d of %s",
			who(p.op(s.op)), p.values[before.value].text, p.values[s.value].text,
			p.ranks[p.sentRank(before)], p.ranks[p.sentRank(s)], p.key)
		return text, []kafka.Witness{p.sendWitness(before), p.sendWitness(s)}
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
func (p *partition) byClient() [][]*send {
	number := map[string]int{}
	var lists [][]*send
	for i := range p.sends {
		s := &p.sends[i]
		op := p.op(s.op)
		pipelined := op.Client != "" && (s.outcome != endedOK || s.offset < 0 || s.invoke < 0)
		if pipelined || s.outcome == endedFail || p.sentRank(s) == order.Unknown {
			continue
		}
		client := senderOf(op)
		n, known := number[client]
		if !known {
			n = len(lists)
			number[client] = n
			lists = append(lists, nil)
		}
		lists[n] = append(lists[n], s)
	}
	for _, sends := range lists {
		slices.SortStableFunc(sends, func(a, b *send) int { return cmp.Compare(asked(a), asked(b)) })
	}
	return lists
}
