package digest

import (
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// This file alone reads the text of a fault. Everybody else asks the fault that it makes of it.

// fault is what a line of kind fault or heal says: a verb, whom it concerns, and the rest.
type fault struct {
	verb string
	node model.NodeID
	rest string // everything after the verb
	text string
	why  string // of a halt
	// link and by are set for faults of one link.
	linked bool
	link   link
	by     string
}

// faultVerb says how a verb of the timeline is shown.
type faultVerb struct {
	verb string
	// opens is true when the fault lasts until something ends it, as kind.
	opens bool
	kind  BandKind
	label string // of the band, after the node; "" stands for the whole text
	what  string // the predicate in the story
}

// faultVerbs is what the timeline's verbs mean. A verb that is not here is shown as it stands.
func faultVerbs() []faultVerb {
	return []faultVerb{
		{"kill", true, BandDown, "down", "is killed"},
		{"power-loss", true, BandDown, "without power", "loses its power and what was not flushed"},
		{"stop", true, BandDown, "down", "is stopped"},
		{"halt", true, BandDown, "down", "stops by itself"},
		{"pause", true, BandPaused, "paused", "stands still"},
		{"restart", false, BandDown, "", "is started again"},
		{"start", false, BandDown, "", "is started again"},
		{"resume", false, BandPaused, "", "goes on"},
		{"cut", true, BandNetwork, "", ""},
		{"cut-one-way", true, BandNetwork, "", ""},
		{"stall", true, BandNetwork, "", ""},
		{"isolate", true, BandNetwork, "", ""},
		{"partition", true, BandNetwork, "", ""},
		{"slow", true, BandNetwork, "", ""},
		{"disk", true, BandDown, "disk broken", "has a broken disk"},
	}
}

func parseFault(l *kafka.TraceLine) fault {
	text := strings.TrimSpace(l.Note.Text)
	if strings.Contains(text, ": nobody") { // the timeline found nobody in the role that it aims at
		return fault{text: text}
	}
	verb, rest, _ := strings.Cut(text, " ")
	f := fault{verb: verb, node: l.Node, rest: strings.TrimSpace(rest), text: text}
	if f.lookup().kind == BandNetwork || verb == "heal" {
		f.link, f.by, f.linked = parseLink(f.rest)
	}
	if verb == "halt" {
		_, f.why, _ = strings.Cut(f.rest, ": ")
	}
	if f.node == "" {
		first, _, _ := strings.Cut(f.rest, " ")
		if v := f.lookup(); v.kind != BandNetwork && v.verb != "" {
			f.node = model.NodeID(first)
		}
	}
	return f
}

func (f fault) lookup() faultVerb {
	for _, v := range faultVerbs() {
		if v.verb == f.verb {
			return v
		}
	}
	return faultVerb{kind: BandOther}
}

func (f fault) kills() bool {
	v := f.lookup()
	return v.opens && v.kind == BandDown
}

// names reports whether the heal f says that it ends other.
func (f *fault) names(other *fault) bool {
	if other.text == f.text {
		return true
	}
	return f.rest != "" && (other.rest == f.rest || other.text == f.rest)
}

// verbOf is the verb of a fault's text.
func verbOf(text string) string {
	verb, _, _ := strings.Cut(text, " ")
	return verb
}

// parseLink reads "broker-1 > broker-2 by 20ms", with or without the last two words.
func parseLink(rest string) (l link, by string, ok bool) {
	path, by, _ := strings.Cut(rest, " by ")
	from, to, ok := strings.Cut(path, " > ")
	if !ok || from == "" || to == "" || strings.Contains(from+to, " ") {
		return link{}, "", false
	}
	return link{model.NodeID(from), model.NodeID(to)}, by, true
}

// EndsFault reports whether the event ends a fault.
func (e *DiagramEvent) EndsFault() bool {
	v := fault{verb: verbOf(e.Text)}.lookup()
	return e.Kind == model.TraceHeal || e.Kind == model.TraceFault && v.verb != "" && !v.opens
}
