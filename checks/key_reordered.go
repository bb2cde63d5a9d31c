package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// keySend is a send of a keyed record: which of its client's it is, and where it went.
type keySend struct {
	client, key string
	number      int // in the order of invocation
	part        int // of parts
	s           *send
}

// keyReader is one consumer and the records of one key.
type keyReader struct{ reader, sender, key string }

// keyRead is where one reader is with the records of one key.
type keyRead struct {
	sent keySend
	r    *read
	i    int // of the record in r
}

// keyReordered finds records of one key that one consumer read in another order than their producer
// sent them, out of different partitions: Kafka keeps the order of a key only as long as the key
// stays in its partition. Final reads go through one partition after the other and do not count.
func keyReordered(parts []*partition, _ Options, t *tally) {
	sent := keyedSends(parts)
	if len(sent) == 0 {
		return
	}
	last := map[keyReader]keyRead{}
	eachPoll(parts, func(n int, r *read) {
		p := parts[n]
		for i, v := range p.numbers(r) {
			now, known := sent[keyedValue{p.key, p.values[v].text}]
			if !known {
				continue
			}
			at := keyReader{p.from(r.op).who, now.client, now.key}
			before, seen := last[at]
			if seen && before.sent.number > now.number && before.sent.part != now.part {
				t.add(func() (string, []kafka.Witness) {
					text := fmt.Sprintf("%s sent %q before %q, both with key %q; %s read them the other way "+
						"round, from %s and %s", now.client, p.values[v].text,
						parts[before.sent.part].values[before.sent.s.value].text, now.key, at.reader,
						parts[before.sent.part].key, p.key)
					earlier := parts[before.sent.part].readWitness(before.r, before.i)
					return text, []kafka.Witness{earlier, p.readWitness(r, i)}
				})
			}
			if !seen || now.number > before.sent.number {
				last[at] = keyRead{now, r, i}
			}
		}
	})
}

// keyedSends are the sends of records with a key, by partition and value.
func keyedSends(parts []*partition) map[keyedValue]keySend {
	var sent map[keyedValue]keySend
	for n, p := range parts {
		for i := range p.sends {
			s := &p.sends[i]
			if !s.keyed {
				continue
			}
			if sent == nil {
				sent = map[keyedValue]keySend{}
			}
			op := p.op(s.invoke)
			sent[keyedValue{p.key, p.values[s.value].text}] = keySend{
				client: who(op), key: op.RecordKey, number: int(s.invoke), part: n, s: s,
			}
		}
	}
	return sent
}

// eachPoll calls f with the ok polls of all partitions, in the order in which they ended.
func eachPoll(parts []*partition, f func(part int, r *read)) {
	next := make([]int, len(parts))
	for {
		first := -1
		for n, p := range parts {
			if next[n] < len(p.reads) &&
				(first < 0 || p.reads[next[n]].op < parts[first].reads[next[first]].op) {
				first = n
			}
		}
		if first < 0 {
			return
		}
		r := &parts[first].reads[next[first]]
		next[first]++
		if r.ok && !r.final {
			f(first, r)
		}
	}
}
