package digest

import (
	"cmp"
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// moment says in words what the fault did.
func (f fault) moment(at model.Time, kind string) Moment {
	v := f.lookup()
	m := Moment{At: at, Where: string(f.node), What: v.what, Kind: kind, Weight: prose.Headline}
	if v.verb != "" && !v.opens {
		m.Kind = model.TraceHeal
	}
	switch {
	case m.What != "":
	case kind == model.TraceHeal:
		m.What = "healed: " + f.text
	default:
		m.What = "fault: " + f.text
	}
	if v.kind == BandNetwork || m.Where == "" {
		m.Where = "world"
	}
	if f.linked {
		m.Where = "network"
	}
	if f.verb == "halt" {
		m.What = prose.Because(m.What, f.why)
	}
	if m.Kind == model.TraceFault {
		m.severity = f.severity()
	}
	return m
}

// severity ranks what a fault does: a node that dies, then what stands still or is cut off, then
// what merely sets the scene, such as one message that is lost, a link that is slow, or a producer
// whose part is over.
func (f fault) severity() int {
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
	if f.close(at, func(b *openBand) bool { return heal.names(&b.fault) }) > 0 {
		return true
	}
	return f.close(at, func(b *openBand) bool { return b.Kind == BandNetwork }) > 0
}

// onStarted reports whether node has started before, and whether a fault ends by its return.
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
		if n.Epoch == 0 || f.elected[key] || prose.Internal(n.Topic) || n.Broker == kafka.NoBroker {
			return
		}
		f.elected[key] = true
		f.elections = append(f.elections, election{l.At, n.Broker, n.TP()})
	case kafka.PartitionOffline:
		if !prose.Internal(n.Topic) {
			f.marks = append(f.marks, Mark{l.At, n.TP().String() + " offline", "offline", l.Node})
		}
	}
}

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
	slices.SortStableFunc(marks, func(a, b Mark) int { return cmp.Compare(a.At, b.At) })
	return bands, marks
}

// BrokerNode is the node of a broker.
func BrokerNode(id kafka.BrokerID) model.NodeID {
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
		marks = append(marks, Mark{first.at, label, "election", BrokerNode(first.broker)})
		i = j
	}
	return marks
}
