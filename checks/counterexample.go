package checks

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// maxCounterexample is how many lines Counterexample gives at most. The claim and the line that
// reproduces it come on top, twelve in all.
const maxCounterexample = 9

// Counterexample tells a finding in at most nine lines: what is wrong, the witnesses, and what
// happened between them, in order of time: failures and crashes of clients, and of the trace, where
// it is given, faults, elections, truncations and changes of the ISR. Lines of the trace must be in
// order.
func Counterexample(f kafka.Finding, h kafka.Operations, trace ...kafka.TraceLine) []string {
	head := fmt.Sprintf("%s, %s: %s", f.Anomaly, times(f.Count), f.Explanation)
	if len(f.Follows) > 0 {
		_, follows, _ := strings.Cut(f.String(), ", ")
		head += " (" + follows + ")"
	}
	lines := []string{head}
	if len(f.Witnesses) == 0 {
		return lines
	}
	first, last := f.Witnesses[0], f.Witnesses[len(f.Witnesses)-1]
	lines = append(lines, witnessLine(first))
	if len(f.Witnesses) == 1 {
		return lines
	}
	between := append(notableOps(h, f.Witnesses), notableLines(trace, first.At, last.At)...)
	for _, w := range f.Witnesses[1 : len(f.Witnesses)-1] {
		between = append(between, moment{w.At, witnessLine(w)})
	}
	slices.SortStableFunc(between, func(a, b moment) int { return int(min(1, max(-1, a.at-b.at))) })
	room := maxCounterexample - len(lines) - 1
	if len(between) > room {
		dropped := len(between) - room + 1
		middle := room / 2
		between = append(between[:middle], append([]moment{{
			text: fmt.Sprintf("  … %d more events …", dropped),
		}}, between[middle+dropped:]...)...)
	}
	for _, m := range between {
		lines = append(lines, m.text)
	}
	return append(lines, witnessLine(last))
}

// moment is a line of the counterexample and when it happened.
type moment struct {
	at   model.Time
	text string
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func witnessLine(w kafka.Witness) string {
	where := ""
	switch {
	case w.Op >= 0:
		where = fmt.Sprintf(" [op %d]", w.Op)
	case w.Seq > 0:
		where = fmt.Sprintf(" [event %d]", w.Seq)
	}
	return fmt.Sprintf("▶ %s %s: %s%s", w.At, w.Who, w.Text, where)
}

// notableOps are the operations between the witnesses that went wrong, and crashes of clients.
func notableOps(h kafka.Operations, witnesses []kafka.Witness) (list []moment) {
	first, last := witnesses[0], witnesses[len(witnesses)-1]
	for i := range h.Len() {
		op := h.At(i)
		if op.Time < first.At || op.Time > last.At || op.Index == first.Op || op.Index == last.Op {
			continue
		}
		if op.Type != kafka.Fail && op.Type != kafka.Info && op.F != kafka.FCrash {
			continue
		}
		list = append(list, moment{op.Time, fmt.Sprintf("  %s %s: %s %s%s", op.Time, who(op), op.F,
			outcome(op), errorText(op.Error))})
	}
	return list
}

func outcome(op *kafka.Op) string {
	switch op.Type {
	case kafka.Fail:
		return "failed"
	case kafka.Info:
		return "without an answer"
	default:
		return string(op.Type)
	}
}

func errorText(name string) string {
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}

// notableLines are the lines of the trace between two times that change who may say what is
// committed.
func notableLines(trace []kafka.TraceLine, from, to model.Time) (list []moment) {
	for i := range trace {
		l := &trace[i]
		if l.At < from || l.At > to || !notable(l) {
			continue
		}
		text := l.Kind + errorText(l.Note.Text)
		if l.Note.Kind != kafka.NoNote {
			text = l.Note.String()
		}
		node := string(l.Node)
		if node == "" {
			node = "world"
		}
		list = append(list, moment{l.At, fmt.Sprintf("  %s %s: %s", l.At, node, text)})
	}
	return list
}

func notable(l *kafka.TraceLine) bool {
	switch l.Note.Kind {
	case kafka.ControllerElected, kafka.SessionExpired, kafka.LeaderElected, kafka.PartitionOffline,
		kafka.ISRShrunk, kafka.ISRExpanded, kafka.BecameLeader, kafka.LogTruncated, kafka.LogRecovered,
		kafka.RebalanceStarted, kafka.GroupStable:
		return true
	case kafka.NoNote:
		return l.Kind == model.TraceFault || l.Kind == model.TraceHeal
	}
	return false
}
