package digest

import (
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// fault is a fault of the trace with what the table of verbs says of it.
type fault struct {
	model.Fault
	kind model.FaultKind
	text string
	line int // of the lines of faults, counted from 1
}

// faultOf is the fault of a line of kind fault or heal. An attempt that did nothing is only
// a sentence: it begins and ends nothing.
func faultOf(l *kafka.TraceLine) fault {
	f := fault{text: l.Note.Text}
	if l.Fault != nil && l.Fault.Failed == "" {
		f.Fault, f.kind = *l.Fault, kafka.FaultKindOf(l.Fault.Verb)
	}
	return f
}

// linked reports whether the fault is about one link.
func (f *fault) linked() bool {
	return f.kind.Picture == model.PictureNetwork && f.Peer != ""
}

func (f *fault) link() link { return link{f.Node, f.Peer} }

func (f *fault) kills() bool { return f.kind.Begins && f.kind.Picture == model.PictureDown }

// band is how the fault is drawn.
func (f *fault) band() BandKind {
	return [...]BandKind{
		model.PictureFlag: BandOther, model.PictureDown: BandDown, model.PicturePaused: BandPaused,
		model.PictureNetwork: BandNetwork,
	}[f.kind.Picture]
}

// single tells whether it befell a single message: one entry of a timeline may meet any number.
func (f *fault) single() bool { return f.Message != "" || f.Verb == kafka.FaultAnswer }

// moment says in words what the fault did.
func (f *fault) moment(at model.Time, kind string) Moment {
	m := Moment{At: at, Where: string(f.Node), Kind: kind, Weight: prose.Headline, line: f.line}
	predicate, otherwise := f.kind.Predicate, "fault: "
	switch {
	case f.Message != "":
		predicate = messagePhrase(kind, &f.Fault)
	case kind == model.TraceHeal && !f.kind.Ends:
		predicate, otherwise = f.kind.Recovery, "healed: "
	}
	if m.What = predicate; predicate == "" {
		m.What = otherwise + f.text
	}
	if f.kind.Detailed && predicate != "" {
		m.What += " " + f.Detail
	}
	switch {
	case f.linked(), f.Message != "":
		m.Where = "network"
	case m.Where == "":
		m.Where = "world"
	}
	if f.kind.Ends {
		m.Kind = model.TraceHeal
	}
	switch f.Verb {
	case model.FaultHalt:
		m.What = prose.Because(m.What, f.Detail)
	case kafka.FaultCutTail:
		m.What += " of " + f.Detail
	}
	if m.Kind == model.TraceFault {
		m.severity = f.severity()
	}
	return m
}

// messagePhrase says what becomes of one message.
func messagePhrase(kind string, f *model.Fault) string {
	what := f.Message
	if api, reply := strings.CutSuffix(f.Message, model.ReplyMark); reply {
		what = "the answer to " + api
	}
	what += " from " + string(f.Node) + " to " + string(f.Peer)
	switch {
	case kind == model.TraceHeal:
		return what + " goes on its way"
	case f.Verb == model.FaultDrop:
		return what + " is lost"
	case f.Verb == model.FaultDuplicate:
		return what + " comes again " + prose.Duration(model.Time(f.By)) + " later"
	case f.Verb == model.FaultReorder:
		return what + " is overtaken by others"
	case f.Verb == model.FaultDelay:
		return what + " comes " + prose.Duration(model.Time(f.By)) + " late"
	default:
		return what + " is held back"
	}
}

// severity ranks what a fault does: a node that dies, then what stands still or is cut off, then
// what merely sets the scene, such as one message that is lost, a link that is slow, or a producer
// whose part is over.
func (f *fault) severity() int {
	switch {
	case f.kills() && roleOf(f.Node) == "producer":
		return 1
	case f.kills():
		return 3
	case f.kind.Begins && f.Verb != model.FaultSlow:
		return 2
	default:
		return 1
	}
}

// EndsFault reports whether the event ends a fault.
func (e *DiagramEvent) EndsFault() bool {
	return e.Kind == model.TraceHeal || e.Fault != nil && kafka.FaultKindOf(e.Fault.Verb).Ends
}
