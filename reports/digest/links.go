package digest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sandcastle/model"
	"sandcastle/reports/prose"
)

// link is the way from one node to another, in this direction alone.
type link struct{ from, to model.NodeID }

// linkBatch is what one entry of a timeline does to several links at once. The trace has a line
// for each of them.
type linkBatch struct {
	at         model.Time
	kind, verb string
	by         time.Duration
	links      []link
	index      int // of its moment, −1 when that was dropped
}

// takes adds the link of f when it belongs to the batch.
func (b *linkBatch) takes(at model.Time, kind string, f *fault) bool {
	if len(b.links) == 0 || b.at != at || b.kind != kind || b.verb != f.Verb || b.by != f.By {
		return false
	}
	if l := f.link(); !slices.Contains(b.links, l) { // "all" stands for both sides
		b.links = append(b.links, l)
	}
	return true
}

// sentence says what the batch does. Messages and not links are its subject, because a reader
// need not think of directions then.
func (b *linkBatch) sentence() string {
	where := linkPhrase(b.links)
	heal := b.kind == model.TraceHeal
	switch {
	case b.verb == model.FaultSlow && heal:
		return "messages " + where + " are as quick as before"
	case b.verb == model.FaultSlow:
		return "messages " + where + " now take " + prose.Duration(model.Time(b.by))
	case b.verb == model.FaultCut && heal:
		return "messages " + where + " pass again"
	case b.verb == model.FaultCut:
		return "messages " + where + " no longer pass"
	case heal:
		return "healed: " + b.verb + " " + where
	default:
		return "fault: " + b.verb + " " + where
	}
}

// linkLabel is short, for figures: "broker-2 ↔ broker-1, broker-3 slow (20 ms)".
func linkLabel(verb string, by time.Duration, links []link) string {
	what := verb
	if by != 0 {
		what += " (" + prose.Duration(model.Time(by)) + ")"
	}
	if nodes := everyPair(links); nodes != nil {
		return fmt.Sprintf("all %d nodes %s", len(nodes), what)
	}
	a, b, both, ok := sides(links)
	if !ok {
		return fmt.Sprintf("%d pairs of nodes %s", pairs(links), what)
	}
	arrow := " → "
	if both {
		arrow = " ↔ "
	}
	return shortList(a) + arrow + shortList(b) + " " + what
}

// linkPhrase says between whom: "between broker-2 and broker-1, broker-3".
func linkPhrase(links []link) string {
	if nodes := everyPair(links); nodes != nil {
		return "between any two of " + nodeList(nodes)
	}
	a, b, both, ok := sides(links)
	switch {
	case !ok:
		return fmt.Sprintf("between %d pairs of nodes", pairs(links))
	case both:
		return "between " + nodeList(a) + " and " + nodeList(b)
	default:
		return "from " + nodeList(a) + " to " + nodeList(b)
	}
}

// everyPair is all nodes of links that join each of three or more nodes with each other, both ways;
// nil for other links.
func everyPair(links []link) []model.NodeID {
	var nodes []model.NodeID
	for _, l := range links {
		for _, n := range [...]model.NodeID{l.from, l.to} {
			if !slices.Contains(nodes, n) {
				nodes = append(nodes, n)
			}
		}
	}
	if n := len(nodes); n < 3 || len(links) != n*(n-1) {
		return nil
	}
	slices.SortFunc(nodes, CompareNodes)
	return nodes
}

// pairs counts the nodes that are joined, whichever way.
func pairs(links []link) int {
	seen := map[link]bool{}
	for _, l := range links {
		if !seen[link{l.to, l.from}] {
			seen[l] = true
		}
	}
	return len(seen)
}

// sides splits links that join every node of one side with every node of the other, both ways or
// all one way. Of two sides joined both ways the smaller comes first. It is not ok when the links
// are no such thing.
func sides(links []link) (a, b []model.NodeID, both, ok bool) {
	both = slices.Contains(links, link{links[0].to, links[0].from})
	for _, l := range links {
		if both != slices.Contains(links, link{l.to, l.from}) {
			return nil, nil, false, false
		}
		if l.from == links[0].from && !slices.Contains(b, l.to) {
			b = append(b, l.to)
		}
		if l.to == links[0].to && !slices.Contains(a, l.from) {
			a = append(a, l.from)
		}
	}
	want := len(a) * len(b)
	if both {
		want *= 2
	}
	for _, l := range links {
		inward := slices.Contains(a, l.to) && slices.Contains(b, l.from)
		outward := slices.Contains(a, l.from) && slices.Contains(b, l.to)
		if inward == outward || inward && !both {
			return nil, nil, false, false
		}
	}
	if both && len(b) < len(a) {
		a, b = b, a
	}
	slices.SortFunc(a, CompareNodes)
	slices.SortFunc(b, CompareNodes)
	return a, b, both, len(links) == want
}

func nodeList(nodes []model.NodeID) string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = string(n)
	}
	return strings.Join(names, ", ")
}

func shortList(nodes []model.NodeID) string {
	if len(nodes) > 2 {
		return fmt.Sprintf("%d nodes", len(nodes))
	}
	return nodeList(nodes)
}

// onLink begins a fault of one link. Links that fail alike at one moment share a band; a fault of
// a link ends an older one of the same verb.
func (f *faults) onLink(at model.Time, what fault) {
	way := what.link()
	var alike *openBand
	for i := range f.bands {
		b := &f.bands[i]
		if !b.ended && b.From == at && b.fault.Verb == what.Verb && b.fault.By == what.By {
			alike = b
		}
	}
	if alike != nil && slices.Contains(alike.broken, way) {
		return // "all" stands for both sides, so that each link comes twice
	}
	f.healLink(at, what.Verb, way)
	if alike != nil {
		alike.links = append(alike.links, way)
		alike.broken = append(alike.broken, way)
		return
	}
	band := Band{Kind: BandNetwork, From: at}
	f.bands = append(f.bands, openBand{Band: band, fault: what, links: []link{way},
		broken: []link{way}})
}

// healLink ends the faults of verb of one link, and the band when it was the last link of it. It
// returns false when there was none.
func (f *faults) healLink(at model.Time, verb string, l link) bool {
	healed := false
	for i := range f.bands {
		b := &f.bands[i]
		at0 := slices.Index(b.broken, l)
		if b.ended || at0 < 0 || b.fault.Verb != verb {
			continue
		}
		healed = true
		f.ended = b.fault.line
		b.broken = slices.Delete(b.broken, at0, at0+1)
		if len(b.broken) == 0 {
			b.To, b.ended = at, true
		}
	}
	return healed
}
