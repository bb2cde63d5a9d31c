package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// NothingToJudge says why a history can neither be right nor wrong, "" when it can: what is judged
// is what was acknowledged and what was read.
func NothingToJudge(h kafka.Operations) string {
	if h.Len() == 0 {
		return "the history has no operations"
	}
	for i := range h.Len() {
		op := h.At(i)
		for j := range op.Value {
			m := &op.Value[j]
			if m.F == kafka.FSend && op.Type == kafka.OK {
				return ""
			}
			for k := range m.Polled {
				if len(m.Polled[k].Records) > 0 {
					return ""
				}
			}
		}
	}
	return "no record was acknowledged, and none was read"
}

// NotJudged names what may be wrong with a history and is looked for by no check, and says why.
func NotJudged(h kafka.Operations) (list []string) {
	sends, keys, polls, groups, processes := false, false, false, false, false
	kafka.Each(h, func(op *kafka.Op) {
		sends = sends || op.F == kafka.FSend || op.F == kafka.FTxn && len(op.Value) > 0
		keys = keys || op.RecordKey != ""
		polls = polls || op.Type != kafka.Invoke && (op.F == kafka.FPoll || op.F == kafka.FTxn)
		groups = groups || op.F == kafka.FSubscribe || op.Group != ""
		processes = processes || op.F == kafka.FProcess
	})
	switch {
	case !sends && polls:
		list = append(list, "lost-write, unseen, G1a, precommitted-read, G0 and G1c: nothing was sent")
	case sends && !polls:
		list = append(list, "lost-write, G1a, precommitted-read, poll-skip, nonmonotonic-poll, "+
			"int-poll-skip, int-nonmonotonic-poll and G1c: nothing was polled")
	}
	if sends && !keys {
		list = append(list, "key-reordered: no send says the key of its record (record_key)")
	}
	if groups && !processes {
		list = append(list, "unprocessed and processed-twice: no operation says what the application "+
			"of a group worked on (process)")
	}
	return list
}

// unsent names what cannot be judged of records that polls returned and nobody sent.
func unsent(parts []*partition) []string {
	n := 0
	for _, p := range parts {
		for i := range p.values {
			if v := &p.values[i]; v.sends == 0 && v.seen {
				n++
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("G1a, G0 and G1c of records that polls returned, and whose sends are "+
		"not in the history (%d)", n)}
}

// need is what a check cannot do without: where that is missing, it is undecided.
type need uint8

const (
	places           need = 1 << iota // where the records stand that polls returned
	senders                           // which send the records are of that polls returned
	failuresApart                     // that, of records of which some sends failed
	sendsApart                        // where acknowledged records stand whose value was sent twice
	processedRecords                  // which records applications worked on
	keyedInvocations                  // when sends of records with keys began
	resetPositions                    // where resets moved consumers
)

// unnamed counts the operations that do not say what they are about.
type unnamed struct{ processed, resets int }

// missing says what of it is not there.
func (n need) missing(parts []*partition) (list []string) {
	count := map[need]int{}
	for _, p := range parts {
		l := p.ordered()
		if n&places != 0 {
			count[places] += l.Unplaced
		}
		if n&senders != 0 && p.all.transactions {
			count[senders] += l.Ambiguous()
		}
		if n&failuresApart != 0 {
			count[failuresApart] += p.failuresMixed()
		}
		if n&sendsApart != 0 {
			count[sendsApart] += p.sendsMixed()
		}
		if n&keyedInvocations != 0 {
			count[keyedInvocations] += p.keysAlone()
		}
	}
	if len(parts) > 0 {
		count[processedRecords] = parts[0].all.unnamed.processed
		count[resetPositions] = parts[0].all.unnamed.resets
	}
	for _, m := range needs() {
		if c := count[m.of]; n&m.of != 0 && c > 0 {
			list = append(list, fmt.Sprintf(m.text, c))
		}
	}
	return list
}

// needs is how it is said that something is missing.
func needs() []struct {
	of   need
	text string
} {
	return []struct {
		of   need
		text string
	}{
		{places, "nobody knows the offsets of records that polls returned (%d)"},
		{senders, "values were sent more than once, and nobody knows which sends the records are of " +
			"that polls returned (%d)"},
		{failuresApart, "some sends of a value failed and some did not, and nobody knows which of " +
			"them the records are of that polls returned (%d)"},
		{sendsApart, "a value was sent more than once, and nobody knows the offsets of what was " +
			"acknowledged (%d)"},
		{processedRecords, "operations do not say which records applications worked on (%d)"},
		{keyedInvocations, "the invocations of sends of records with keys are missing (%d)"},
		{resetPositions, "resets do not say where they moved a consumer (%d)"},
	}
}

// failuresMixed counts the values that polls returned of which some sends failed and some did not,
// where offsets do not tell which.
func (p *partition) failuresMixed() (n int) {
	known := map[int32]int32{} // by such a value, of how many of its sends the offset is known
	for i := range p.values {
		if v := &p.values[i]; v.fails > 0 && v.fails < v.sends && v.seen {
			known[int32(i)] = 0
		}
	}
	if len(known) == 0 {
		return 0
	}
	for i := range p.sends {
		s := &p.sends[i]
		if _, mixed := known[s.value]; mixed && s.committed && s.offset >= 0 {
			known[s.value]++
		}
	}
	for v, sends := range known { //unordered: they are counted
		if sends < max(p.values[v].places, 1) {
			n++
		}
	}
	return n
}

// sendsMixed counts the acknowledged sends without an offset of values that were sent more than
// once.
func (p *partition) sendsMixed() (n int) {
	for i := range p.sends {
		s := &p.sends[i]
		if s.outcome == endedOK && s.offset < 0 && p.values[s.value].sends > 1 {
			n++
		}
	}
	return n
}

// keysAlone counts the completions of sends of records with keys that stand alone.
func (p *partition) keysAlone() (n int) {
	for i := range p.sends {
		if s := &p.sends[i]; s.invoke < 0 && p.op(s.op).RecordKey != "" {
			n++
		}
	}
	return n
}
