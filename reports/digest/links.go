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
	at             model.Time
	kind, verb, by string
	links          []link
	index          int // of its moment, −1 when that was dropped
}

// takes adds l when it belongs to the batch.
func (b *linkBatch) takes(l link, at model.Time, kind string, f fault) bool {
	if len(b.links) == 0 || b.at != at || b.kind != kind || b.verb != f.verb || b.by != f.by {
		return false
	}
	b.links = append(b.links, l)
	return true
}

// sentence says what the batch does. Messages and not links are its subject, because a reader
// need not think of directions then.
func (b *linkBatch) sentence() string {
	where := linkPhrase(b.links)
	heal := b.kind == model.TraceHeal
	switch {
	case b.verb == "slow" && heal:
		return "messages " + where + " are as quick as before"
	case b.verb == "slow" && b.by == "":
		return "messages " + where + " are slow from now on"
	case b.verb == "slow":
		return "messages " + where + " now take " + naturalDuration(b.by)
	case strings.HasPrefix(b.verb, "cut") && heal, b.verb == "heal":
		return "messages " + where + " pass again"
	case strings.HasPrefix(b.verb, "cut"):
		return "messages " + where + " no longer pass"
	case heal:
		return "healed: " + b.verb + " " + where
	default:
		return "fault: " + b.verb + " " + where
	}
}

// linkLabel is short, for figures: "broker-2 ↔ broker-1, broker-3 slow (20 ms)".
func linkLabel(verb, by string, links []link) string {
	what := verb
	if by != "" {
		what += " (" + naturalDuration(by) + ")"
	}
	a, b, both, ok := sides(links)
	if !ok {
		return fmt.Sprintf("%d links %s", len(links), what)
	}
	arrow := " → "
	if both {
		arrow = " ↔ "
	}
	return shortList(a) + arrow + shortList(b) + " " + what
}

// linkPhrase says between whom: "between broker-2 and broker-1, broker-3".
func linkPhrase(links []link) string {
	a, b, both, ok := sides(links)
	switch {
	case !ok:
		return fmt.Sprintf("on %d links", len(links))
	case both:
		return "between " + nodeList(a) + " and " + nodeList(b)
	default:
		return "from " + nodeList(a) + " to " + nodeList(b)
	}
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

// naturalDuration prints "20ms" as people write it; what is no duration stays as it is.
func naturalDuration(text string) string {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return text
	}
	return prose.Duration(model.Time(d))
}

// onLink begins a fault of one link. Links that fail alike at one moment share a band; a fault of
// a link ends an older one of the same verb.
func (f *faults) onLink(at model.Time, what fault) {
	f.healLink(at, what.verb, what.link)
	for i := range f.bands {
		b := &f.bands[i]
		if !b.ended && b.From == at && b.fault.verb == what.verb && b.fault.by == what.by {
			b.links = append(b.links, what.link)
			b.broken = append(b.broken, what.link)
			return
		}
	}
	band := Band{Kind: BandNetwork, From: at}
	f.bands = append(f.bands, openBand{Band: band, fault: what, links: []link{what.link},
		broken: []link{what.link}})
}

// healLink ends the faults of verb of one link, and the band when it was the last link of it.
// Verb "heal" stands for any. It returns false when there was none.
func (f *faults) healLink(at model.Time, verb string, l link) bool {
	healed := false
	for i := range f.bands {
		b := &f.bands[i]
		at0 := slices.Index(b.broken, l)
		if b.ended || at0 < 0 || (verb != "heal" && b.fault.verb != verb) {
			continue
		}
		healed = true
		b.broken = slices.Delete(b.broken, at0, at0+1)
		if len(b.broken) == 0 {
			b.To, b.ended = at, true
		}
	}
	return healed
}
