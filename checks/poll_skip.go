package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// pollSkip finds polls that went past records which their consumer never read (Jepsen's
// :poll-skip). What stands in the log in the end, as the final reads show it, is the measure: from
// the last record that a consumer read and that is still there, its next one has to be the next. A
// consumer in a group is moved about by rebalances and is not judged; every move (an assignment, a
// seek, a reset, a crash) begins anew.
func pollSkip(parts []*partition, _ Options, t *tally) {
	for _, p := range parts {
		log, index := p.finalLog()
		last := map[string]lastPoll{}
		moves := p.moves
		for i := range p.reads {
			r := &p.reads[i]
			if len(log) == 0 || !r.ok || r.final || p.from(r.op).group != "" {
				continue
			}
			for len(moves) > 0 && moves[0].op < r.op {
				delete(last, moves[0].client)
				moves = moves[1:]
			}
			p.follow(r, log, index, last, t)
		}
	}
}

// lastPoll is the last record that a consumer read: its index in the final log, and where it did.
type lastPoll struct {
	index int
	r     *read
	i     int // of the record in r
}

// follow goes through the records of one poll.
func (p *partition) follow(r *read, log []int32, index map[int32]int, last map[string]lastPoll,
	t *tally,
) {
	client := p.from(r.op).who
	for i, v := range p.numbers(r) {
		at, stands := index[v]
		if !stands {
			continue
		}
		before, known := last[client]
		if !known || at > before.index { // a record may stand twice, and be read again
			last[client] = lastPoll{at, r, i}
		}
		if known && at > before.index+1 {
			t.add(func() (string, []kafka.Witness) {
				text := fmt.Sprintf("%s read %q and then %q of %s, and not the %d records between them",
					client, p.values[log[before.index]].text, p.values[v].text, p.key, at-before.index-1)
				return text, []kafka.Witness{p.readWitness(before.r, before.i), p.readWitness(r, i)}
			})
		}
	}
}

// finalLog are the values that the final reads found, in order, and where each stands among them.
func (p *partition) finalLog() (log []int32, index map[int32]int) {
	index = map[int32]int{}
	for i := range p.reads {
		if r := &p.reads[i]; r.ok && r.final {
			for _, v := range p.numbers(r) {
				if _, known := index[v]; !known {
					index[v] = len(log)
					log = append(log, v)
				}
			}
		}
	}
	return log, index
}
