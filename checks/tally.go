package checks

import (
	"cmp"
	"slices"
	"strconv"

	"sandcastle/model"
)

// tally gathers what one check finds: how often, and the evidence of the first case.
type tally struct {
	anomaly     model.Anomaly
	count       int
	witnesses   []model.Witness
	explanation string
	undecided   []string
}

// add counts one case. Evidence is made for the first alone.
func (t *tally) add(evidence func() (explanation string, witnesses []model.Witness)) {
	if t.count++; t.count == 1 {
		t.explanation, t.witnesses = evidence()
	}
}

func (t *tally) finding() model.Finding {
	return model.Finding{
		Anomaly: t.anomaly, Count: t.count, Witnesses: t.witnesses, Explanation: t.explanation,
	}
}

// inOrder drops absent witnesses and sorts the others by time.
func inOrder(list ...model.Witness) []model.Witness {
	var kept []model.Witness
	for _, w := range list {
		if w.Text != "" {
			kept = append(kept, w)
		}
	}
	slices.SortStableFunc(kept, func(a, b model.Witness) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Op, b.Op))
	})
	return kept
}

// who names the client of an operation.
func who(op *model.Op) string {
	if op.Client != "" {
		return op.Client
	}
	return "process " + strconv.Itoa(op.Process)
}

// sendWitness says what s was told: `send orders-0 "p1-17" → offset 512 (acks=1)`.
func (p *partition) sendWitness(s *send) model.Witness {
	op := &p.history[s.op]
	text := "send " + p.key.String() + " " + strconv.Quote(p.values[s.value].text) + " → "
	switch s.outcome {
	case model.OK:
		text += offsetText(s.offset)
	case model.Fail:
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
	return model.Witness{Op: op.Index, At: op.Time, Who: who(op), Text: text}
}

// readWitness says that r returned its record number i: `poll orders-0 → offset 512 "p1-17"`. With
// more than one record it says so.
func (p *partition) readWitness(r *read, i int) model.Witness {
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
	return model.Witness{Op: op.Index, At: op.Time, Who: who(op), Text: text}
}

func offsetText(o model.Offset) string {
	if o < 0 {
		return "offset unknown"
	}
	return "offset " + strconv.FormatInt(int64(o), 10)
}
