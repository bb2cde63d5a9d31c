package page

import (
	"sandcastle/model"
	"sandcastle/reports/digest"
)

// events writes the diagram's arrows and marks.
func (w *dataWriter) events(d *digest.Diagram) {
	n, e := len(d.Events), d.Events
	w.key("events").raw(`{"n":`).int(int64(n))
	w.deltas("at", n, func(i int) int64 { return micros(e[i].At) })
	w.deltas("seq", n, func(i int) int64 { return int64(e[i].Seq) })
	w.column("lane", n, func(i int) int64 { return int64(e[i].Lane) })
	w.column("kind", n, func(i int) int64 { return w.word(e[i].Kind) })
	w.column("cause", n, func(i int) int64 {
		if e[i].Cause < 0 {
			return 0
		}
		return int64(i - e[i].Cause)
	})
	w.column("peer", n, func(i int) int64 { return int64(e[i].Peer) })
	w.column("sent", n, func(i int) int64 {
		if e[i].Label.Name == "" {
			return 0
		}
		return micros(e[i].At) - micros(e[i].Sent)
	})
	w.column("api", n, func(i int) int64 { return w.word(e[i].Label.Name) })
	w.column("version", n, func(i int) int64 { return int64(e[i].Version) })
	w.column("reply", n, func(i int) int64 { return bit(e[i].Label.Reply) })
	w.correlations(e)
	w.column("conn", n, func(i int) int64 { return int64(e[i].Conn) })
	w.column("text", n, func(i int) int64 { return w.word(e[i].Text) })
	w.column("parts", n, func(i int) int64 { return w.set(e[i].Partitions) })
	w.column("fold", n, func(i int) int64 { return int64(e[i].Fold) })
	finder := newFamilyFinder()
	w.column("family", n, func(i int) int64 { return int64(finder.of(d, &e[i])) })
	w.raw("}")
	left, why := d.Left, ""
	if left > 0 {
		why = "Heartbeats, empty fetches and timers are left out first, then what is far in time from " +
			"anything that this page tells of."
	}
	w.key("folded").raw(`{"total":`).int(int64(d.Lines))
	w.key("left").int(int64(left))
	w.key("why").quote(why).raw("}")
}

// correlations writes the differences of correlation ids along each connection, which are mostly
// the same: the ids themselves would take a tenth of the page.
func (w *dataWriter) correlations(e []digest.DiagramEvent) {
	type end struct {
		lane int
		conn model.ConnID
	}
	last := map[end]int64{}
	w.column("corr", len(e), func(i int) int64 {
		key, id := end{e[i].Lane, e[i].Conn}, int64(e[i].Label.Correlation)
		d := id - last[key]
		last[key] = id
		return d
	})
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// states writes what the nodes know and when.
func (w *dataWriter) states(d *digest.Diagram) {
	n, s := len(d.States), d.States
	w.key("states").raw(`{"n":`).int(int64(n))
	w.deltas("event", n, func(i int) int64 { return int64(s[i].Event) })
	w.column("lane", n, func(i int) int64 { return int64(s[i].Lane) })
	w.column("key", n, func(i int) int64 { return w.word(s[i].Key) })
	w.column("value", n, func(i int) int64 { return w.word(s[i].Value) })
	w.raw("}")
}

// bands writes the faults that last, and the marks.
func (w *dataWriter) bands(s *digest.Story) {
	kinds := [...]string{digest.BandDown: "down", digest.BandPaused: "paused",
		digest.BandNetwork: "network", digest.BandOther: "other"}
	w.key("bands")
	w.list(len(s.Bands), func(i int) {
		b := &s.Bands[i]
		w.raw(`{"from":`).int(micros(b.From)).key("to").int(micros(b.To)).key("kind").quote(kinds[b.Kind])
		w.key("lane").int(int64(s.Diagram.Lane(b.Node))).key("label").quote(b.Label).raw("}")
	})
	w.key("marks")
	w.list(len(s.Marks), func(i int) {
		m := &s.Marks[i]
		w.raw(`{"at":`).int(micros(m.At)).key("label").quote(m.Label).key("kind").quote(m.Kind)
		w.key("lane").int(int64(s.Diagram.Lane(m.Node))).raw("}")
	})
}

// moments writes what the story tells, and at which of them a walk through it stops.
func (w *dataWriter) moments(s *digest.Story) {
	w.key("moments")
	w.list(len(s.Moments), func(i int) {
		m := &s.Moments[i]
		w.raw(`{"at":`).int(micros(m.At)).key("event").int(int64(s.Diagram.EventOf(m)))
		w.key("where").quote(m.Where).key("what").quote(m.Sentence()).key("say").quote(m.Say)
		w.key("tag").quote(momentTag(m.Kind)).key("weight").int(int64(m.Weight)).raw("}")
	})
	steps, deciding := s.Steps()
	w.key("steps")
	w.list(len(steps), func(i int) { w.int(int64(steps[i])) })
	w.key("deciding").int(int64(deciding))
}
