package order

import (
	"fmt"

	"sandcastle/model/kafka"
)

// uncommitted says why a poll may return what is not committed.
const uncommitted = "the poll is at read_uncommitted"

// PrecommittedRead finds operations that polled what they had sent themselves (Jepsen's
// :precommitted-read): what a transaction sends is hidden from everybody, its own consumer too,
// until it commits. An operation counts once.
func PrecommittedRead(logs []*Log, found func(Case)) {
	told := map[int32]bool{} // by operation
	for _, l := range logs {
		l.ownReads(func(send int32, at place) {
			s, r := &l.Sends[send], &l.Reads[at.read]
			if told[s.Op] {
				return
			}
			told[s.Op] = true
			c := Case{Evidence: func() (string, []kafka.Witness) {
				text := fmt.Sprintf("one operation sent %q to %s and read it, before it had ended",
					l.Tell.Value(s.Value), l.Name)
				return text, []kafka.Witness{l.Tell.Send(send), l.witness(at)}
			}}
			if r.Dirty {
				c.Allowed = uncommitted
			}
			found(c)
		})
	}
}

// ownReads calls f with the sends whose record an operation polled that sent it. Sends and reads
// are both in the order of the history.
func (l *Log) ownReads(f func(send int32, at place)) {
	send := 0
	l.eachOp(func(from, to int32) {
		op := l.Reads[from].Op
		for send < len(l.Sends) && l.Sends[send].Op < op {
			send++
		}
		first := send
		for send < len(l.Sends) && l.Sends[send].Op == op {
			send++
		}
		if first == send {
			return
		}
		sent := map[int32]int32{} // by value
		for i := first; i < send; i++ {
			sent[l.Sends[i].Value] = int32(i)
		}
		for i := from; i < to; i++ {
			r := &l.Reads[i]
			for n, rec := range l.Records[r.Start:r.End] {
				if send, own := sent[rec.Value]; own && l.wrote(send, rec) {
					f(send, place{i, int32(n)})
				}
			}
		}
	})
}
