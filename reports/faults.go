package reports

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// fault is what a line of kind fault or heal says: a verb, whom it concerns, and the rest.
type fault struct {
	verb string
	node model.NodeID
	rest string // everything after the verb
	text string
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
	// Nothing was done.
	if strings.Contains(text, ": nobody") || l.Fault != nil && l.Fault.Failed != "" {
		return fault{text: text}
	}
	verb, rest, _ := strings.Cut(text, " ")
	f := fault{verb: verb, node: l.Node, rest: strings.TrimSpace(rest), text: text}
	if f.lookup().kind == BandNetwork || verb == "heal" {
		f.link, f.by, f.linked = parseLink(f.rest)
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

// moment says in words what the fault did.
func (f fault) moment(at model.Time, kind string) Moment {
	m := Moment{At: at, Where: string(f.node), What: f.lookup().what, Kind: kind, Weight: Headline}
	if v := f.lookup(); v.verb != "" && !v.opens {
		m.Kind = model.TraceHeal
	}
	switch {
	case m.What != "":
	case kind == model.TraceHeal:
		m.What = "healed: " + f.text
	default:
		m.What = "fault: " + f.text
	}
	if f.lookup().kind == BandNetwork || m.Where == "" {
		m.Where = "world"
	}
	if f.linked {
		m.Where = "network"
	}
	if f.verb == "halt" {
		_, why, _ := strings.Cut(f.rest, ": ")
		m.What = because(m.What, why)
	}
	if m.Kind == model.TraceFault {
		m.grave = f.grave()
	}
	return m
}

// grave ranks what a fault does: a node that dies, then what stands still or is cut off, then what
// merely sets the scene, such as one message that is lost, a link that is slow, or a producer whose
// part is over.
func (f fault) grave() int {
	switch v := f.lookup(); {
	case f.kills() && roleOf(f.node) == "producer":
		return 1
	case f.kills():
		return 3
	case v.opens && f.verb != "slow":
		return 2
	default:
		return 1
	}
}

// faults collects bands and marks.
type faults struct {
	bands     []openBand
	batch     linkBatch
	marks     []Mark
	elections []election
	elected   map[electedIn]bool
	starts    map[model.NodeID]int
}

// openBand is a band whose end may still be to come.
type openBand struct {
	Band
	fault fault
	ended bool
	// links are those of a fault of links, broken the ones that are not healed yet.
	links, broken []link
}

// election is one new leader of one partition.
type election struct {
	at     model.Time
	broker kafka.BrokerID
	tp     kafka.TopicPartition
}

type electedIn struct {
	tp    kafka.TopicPartition
	epoch kafka.Epoch
}

func newFaults() faults {
	return faults{elected: map[electedIn]bool{}, starts: map[model.NodeID]int{}}
}

// onFault begins a fault, or ends one when the verb says so. It returns false when nothing changes
// by it.
func (f *faults) onFault(at model.Time, what fault) bool {
	v := what.lookup()
	if v.verb != "" && !v.opens {
		n := f.close(at, func(b *openBand) bool { return b.Kind == v.kind && b.Node == what.node })
		return n > 0
	}
	if what.verb == "" {
		return true
	}
	label := what.text
	if v.label != "" {
		label = string(what.node) + " " + v.label
	}
	band := Band{Kind: v.kind, From: at, Node: what.node, Label: label}
	f.bands = append(f.bands, openBand{Band: band, fault: what})
	return true
}

// onHeal ends what the heal names, or every fault of the network when it names none that is open.
// It returns false when nothing ends by it.
func (f *faults) onHeal(at model.Time, heal fault) bool {
	if v := heal.lookup(); v.verb != "" && !v.opens {
		return f.onFault(at, heal)
	}
	named := func(b *openBand) bool {
		return b.fault.text == heal.text || (heal.rest != "" && b.fault.rest == heal.rest) ||
			(heal.rest != "" && b.fault.text == heal.rest)
	}
	if f.close(at, named) > 0 {
		return true
	}
	return f.close(at, func(b *openBand) bool { return b.Kind == BandNetwork }) > 0
}

// onStarted says whether node has started before, and whether a fault ends by its return.
func (f *faults) onStarted(at model.Time, node model.NodeID) (again, ends bool) {
	f.starts[node]++
	n := f.close(at, func(b *openBand) bool { return b.Kind == BandDown && b.Node == node })
	return f.starts[node] > 1, n > 0
}

func (f *faults) close(at model.Time, match func(*openBand) bool) int {
	n := 0
	for i := range f.bands {
		if b := &f.bands[i]; !b.ended && match(b) {
			b.To, b.ended = at, true
			n++
		}
	}
	return n
}

// onNote collects elections. The first leader of a new partition is none.
func (f *faults) onNote(l *kafka.TraceLine) {
	n := &l.Note
	switch n.Kind {
	case kafka.ControllerElected:
		if n.Epoch > 1 {
			f.marks = append(f.marks, Mark{l.At,
				fmt.Sprintf("broker-%d controls", n.Broker), "controller", l.Node})
		}
	case kafka.LeaderElected, kafka.BecameLeader:
		key := electedIn{n.TP(), n.Epoch}
		if n.Epoch == 0 || f.elected[key] || internal(n.Topic) || n.Broker == kafka.NoBroker {
			return
		}
		f.elected[key] = true
		f.elections = append(f.elections, election{l.At, n.Broker, n.TP()})
	case kafka.PartitionOffline:
		if !internal(n.Topic) {
			f.marks = append(f.marks, Mark{l.At, n.TP().String() + " offline", "offline", l.Node})
		}
	}
}

// internal is true for Kafka's own topics, which figures leave out.
func internal(topic string) bool { return strings.HasPrefix(topic, "__") }

// finish returns bands and marks. Faults that had no end last until the run's, except those of
// unknown verbs: they become marks.
func (f *faults) finish(end model.Time) ([]Band, []Mark) {
	marks := slices.Concat(f.marks, foldElections(f.elections))
	var bands []Band
	for _, b := range f.bands {
		if len(b.links) > 0 {
			b.Label = linkLabel(b.fault.verb, b.fault.by, b.links)
		}
		switch {
		case b.ended:
			bands = append(bands, b.Band)
		case b.Kind == BandOther:
			marks = append(marks, Mark{b.From, b.Label, "fault", b.Node})
		default:
			b.To = end
			bands = append(bands, b.Band)
		}
	}
	slices.SortStableFunc(marks, func(a, b Mark) int { return compareTime(a.At, b.At) })
	return bands, marks
}

func brokerNode(id kafka.BrokerID) model.NodeID {
	return model.NodeID(fmt.Sprintf("broker-%d", id))
}

// foldElections makes one mark of the elections that happen together.
func foldElections(elections []election) []Mark {
	const together = model.Time(200_000_000)
	var marks []Mark
	for i := 0; i < len(elections); {
		first, j := elections[i], i+1
		same := true
		for j < len(elections) && elections[j].at-first.at < together {
			same = same && elections[j].broker == first.broker
			j++
		}
		label := fmt.Sprintf("broker-%d leads %s", first.broker, first.tp)
		switch {
		case j-i > 1 && same:
			label = fmt.Sprintf("broker-%d leads %d partitions", first.broker, j-i)
		case j-i > 1:
			label = fmt.Sprintf("%d new leaders", j-i)
		}
		marks = append(marks, Mark{first.at, label, "election", brokerNode(first.broker)})
		i = j
	}
	return marks
}
