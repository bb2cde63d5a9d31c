package checks

import (
	"cmp"
	"slices"
	"strconv"

	"sandcastle/model/kafka"
)

// tally gathers what one check finds: how often, and the evidence of the first case.
type tally struct {
	anomaly     kafka.Anomaly
	count       int
	witnesses   []kafka.Witness
	explanation string
	undecided   []string
}

// add counts one case. Evidence is made for the first alone.
func (t *tally) add(evidence func() (explanation string, witnesses []kafka.Witness)) {
	if t.count++; t.count == 1 {
		t.explanation, t.witnesses = evidence()
	}
}

func (t *tally) finding() kafka.Finding {
	return kafka.Finding{
		Anomaly: t.anomaly, Count: t.count, Witnesses: t.witnesses, Explanation: t.explanation,
	}
}

// inOrder drops absent witnesses and sorts the others by time.
func inOrder(list ...kafka.Witness) []kafka.Witness {
	var kept []kafka.Witness
	for _, w := range list {
		if w.Text != "" {
			kept = append(kept, w)
		}
	}
	slices.SortStableFunc(kept, func(a, b kafka.Witness) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Op, b.Op))
	})
	return kept
}

// who names the client of an operation.
func who(op *kafka.Op) string {
	if op.Client != "" {
		return op.Client
	}
	return "process " + strconv.Itoa(op.Process)
}

// sendWitness says what s was told: `send orders-0 "p1-17" → offset 512 (acks=1)`.
func (p *partition) sendWitness(s *send) kafka.Witness {
	op := &p.history[s.op]
	text := "send " + p.key.String() + " " + strconv.Quote(p.values[s.value].text) + " → "
	switch s.outcome {
	case kafka.OK:
		text += offsetText(s.offset)
	case kafka.Fail:
		text += "failed"
	default:
		text += "outcome unknown"
	}
	acks := op.Acks
	if acks == "" && s.invoke >= 0 {
		acks = p.history[s.invoke].Acks
	}
	if acks != "" {
		text += " (acks=" + acks + ")"
	}
	if op.Error != "" {
		text += " " + op.Error
	}
	return kafka.Witness{Op: op.Index, At: op.Time, Who: who(op), Text: text}
}

// readWitness says that r returned its record number i: `poll orders-0 → offset 512 "p1-17"`. With
// more than one record it says so.
func (p *partition) readWitness(r *read, i int) kafka.Witness {
	op := &p.history[r.op]
	text := "poll " + p.key.String() + " → "
	if r.final {
		text = "final " + text
	}
	if i >= 0 && i < len(r.records) {
		text += offsetText(r.records[i].Offset) + " " + strconv.Quote(r.records[i].Value)
		if n := len(r.records); n > 1 {
			text += ", record " + strconv.Itoa(i+1) + " of " + strconv.Itoa(n)
		}
	} else {
		text += strconv.Itoa(len(r.records)) + " records"
	}
	return kafka.Witness{Op: op.Index, At: op.Time, Who: who(op), Text: text}
}

func offsetText(o kafka.Offset) string {
	if o < 0 {
		return "offset unknown"
	}
	return "offset " + strconv.FormatInt(int64(o), 10)
}
