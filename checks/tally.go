package checks

import (
	"cmp"
	"slices"
	"strconv"

	"sandcastle/model/kafka"
)

// tally gathers what one check finds, by what it comes from.
type tally struct {
	anomaly   kafka.Anomaly
	causes    []cases // in the order in which they were met
	undecided []string
}

// cases are those of one cause: how many, and the evidence of the first.
type cases struct {
	cause       kafka.Anomaly // the check's own anomaly when they come from nothing else
	allowed     string        // who allows them, "" for nobody
	count       int
	witnesses   []kafka.Witness
	explanation string
}

// evidence says what is wrong in a case, and who saw it.
type evidence func() (explanation string, witnesses []kafka.Witness)

// add counts one case that comes from nothing else.
func (t *tally) add(e evidence) { t.addFrom(t.anomaly, e) }

// addFrom counts one case of that cause.
func (t *tally) addFrom(cause kafka.Anomaly, e evidence) { t.addAllowed("", cause, e) }

// addAllowed counts one case of that cause which somebody allows, "" for nobody. Evidence is made
// for the first alone.
func (t *tally) addAllowed(allowed string, cause kafka.Anomaly, e evidence) {
	if cause == "" {
		cause = t.anomaly
	}
	at := slices.IndexFunc(t.causes, func(c cases) bool {
		return c.cause == cause && c.allowed == allowed
	})
	if at < 0 {
		c := cases{cause: cause, allowed: allowed}
		c.explanation, c.witnesses = e()
		at, t.causes = len(t.causes), append(t.causes, c)
	}
	t.causes[at].count++
}

// total is how many cases there are of all causes.
func (t *tally) total() (n int) {
	for i := range t.causes {
		n += t.causes[i].count
	}
	return n
}

// own are the cases that come from nothing else, nil for none.
func (t *tally) own() *cases {
	for i := range t.causes {
		if c := &t.causes[i]; c.cause == t.anomaly && c.allowed == "" {
			return c
		}
	}
	return nil
}

// told is what tallies come to: each anomaly by itself, with what follows from it.
type told struct {
	tallies []tally
	// own and allowed have the anomalies of which some case comes from nothing else, and of which
	// those alone are allowed.
	own, allowed map[kafka.Anomaly]bool
}

// findings are what the tallies hold that nobody allows.
func findings(tallies []tally) []kafka.Finding {
	list, _ := foundAndAllowed(tallies)
	return list
}

// foundAndAllowed are what the tallies hold, and what of it somebody allows, with consequences
// under their causes. Where the check of a cause has nothing to show, since it crashed, what would
// follow stands for itself.
func foundAndAllowed(tallies []tally) (list []kafka.Finding, allowed []kafka.Allowed) {
	x := told{tallies, map[kafka.Anomaly]bool{}, map[kafka.Anomaly]bool{}}
	for i := range tallies {
		t := &tallies[i]
		x.own[t.anomaly] = t.own() != nil
		for _, c := range t.causes {
			if c.cause == t.anomaly && c.allowed != "" {
				x.allowed[t.anomaly] = true
			}
		}
	}
	for i := range tallies {
		t := &tallies[i]
		if f := x.finding(t, false); f.Count > 0 {
			list = append(list, f.Finding)
		}
		if f := x.finding(t, true); f.Count > 0 {
			allowed = append(allowed, f)
		}
	}
	return list, allowed
}

// finding is what a tally holds that nobody allows, or that somebody does.
func (x *told) finding(t *tally, allowed bool) kafka.Allowed {
	f := kafka.Allowed{Finding: kafka.Finding{Anomaly: t.anomaly}}
	for _, c := range t.causes {
		if (c.allowed != "") != allowed || c.cause != t.anomaly && x.under(&c) != "" {
			continue
		}
		if f.Count += c.count; f.Explanation == "" || c.cause == t.anomaly {
			f.Explanation, f.Witnesses, f.Why = c.explanation, c.witnesses, c.allowed
		}
	}
	if f.Count == 0 {
		return f
	}
	where := underFound
	if allowed {
		where = underAllowed
	}
	for i := range x.tallies {
		other := &x.tallies[i]
		follows := 0
		for _, c := range other.causes {
			if c.cause == t.anomaly && other.anomaly != t.anomaly && x.under(&c) == where {
				follows += c.count
			}
		}
		if follows > 0 {
			f.Follows = append(f.Follows, kafka.Consequence{Anomaly: other.anomaly, Count: follows})
		}
	}
	return f
}

const (
	underFound   = "finding"
	underAllowed = "allowed"
)

// under says whether cases of another cause stand under its finding or what is allowed of it, ""
// for neither.
func (x *told) under(c *cases) string {
	switch {
	case x.own[c.cause] && (c.allowed == "" || !x.allowed[c.cause]):
		return underFound
	case c.allowed != "" && x.allowed[c.cause]:
		return underAllowed
	case x.own[c.cause]:
		return underFound
	}
	return ""
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
	op := p.op(s.op)
	text := "send " + p.key.String() + " " + strconv.Quote(p.values[s.value].text) + " → "
	switch s.outcome {
	case endedOK:
		text += offsetText(s.offset)
	case endedFail:
		text += "failed"
	default:
		text += "outcome unknown"
	}
	acks := op.Acks
	if acks == "" && s.invoke >= 0 {
		acks = p.op(s.invoke).Acks
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
	op := p.op(r.op)
	text := "poll " + p.key.String() + " → "
	if r.final {
		text = "final " + text
	}
	n := r.end - r.start
	if i >= 0 && i < n {
		value := p.values[p.numbers(r)[i]].text
		text += offsetText(p.positions(r)[i]) + " " + strconv.Quote(value)
		if n > 1 {
			text += ", record " + strconv.Itoa(i+1) + " of " + strconv.Itoa(n)
		}
	} else {
		text += strconv.Itoa(n) + " records"
	}
	return kafka.Witness{Op: op.Index, At: op.Time, Who: who(op), Text: text}
}

func offsetText(o kafka.Offset) string {
	if o < 0 {
		return "offset unknown"
	}
	return "offset " + strconv.FormatInt(int64(o), 10)
}
