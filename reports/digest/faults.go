package digest

import (
	"cmp"
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// faults collects bands and marks.
type faults struct {
	bands     []openBand
	batch     linkBatch
	marks     []Mark
	elections []election
	elected   map[electedIn]bool
	starts    map[model.NodeID]int
	// ended is the line that began what was ended last, 0 for nothing.
	ended int
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
	if what.kind.Ends {
		kind := what.band()
		n := f.close(at, func(b *openBand) bool { return b.Kind == kind && b.Node == what.Node })
		return n > 0
	}
	if what.Verb == "" {
		return true
	}
	label := what.text
	if what.kind.Label != "" {
		label = string(what.Node) + " " + what.kind.Label
	}
	band := Band{Kind: what.band(), From: at, Node: what.Node, Label: label}
	f.bands = append(f.bands, openBand{Band: band, fault: what})
	return true
}

// onHeal ends the fault that the heal names. It returns false when nothing ends by it. A message
// that was held and is let go is a moment, not something that lasted.
func (f *faults) onHeal(at model.Time, heal fault) bool {
	if heal.Message != "" {
		return false
	}
	if heal.kind.Ends {
		return f.onFault(at, heal)
	}
	return f.close(at, func(b *openBand) bool { return b.fault.text == heal.text }) > 0
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
			f.ended = b.fault.line
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
		if n.Epoch == 0 || f.elected[key] || kafka.InternalTopic(n.Topic) || n.Broker == kafka.NoBroker {
			return
		}
		f.elected[key] = true
		f.elections = append(f.elections, election{l.At, n.Broker, n.TP()})
	case kafka.PartitionOffline:
		if !kafka.InternalTopic(n.Topic) {
			f.marks = append(f.marks, Mark{l.At, n.TP().String() + " offline", "offline", l.Node})
		}
	}
}

// finish returns bands and marks. Faults that had no end last until the run's, except those of
// unknown verbs: they become marks, what befell many messages one mark. Set-up, which quiet knows
// by its line, has none.
func (f *faults) finish(end model.Time, quiet func(line int) bool) ([]Band, []Mark) {
	marks := slices.Concat(f.marks, foldElections(f.elections))
	var bands []Band
	first, more := map[Mark]int{}, map[int]int64{} // of like faults of single messages, by mark
	for _, b := range f.bands {
		if len(b.links) > 0 {
			b.Label = linkLabel(b.fault.Verb, b.fault.By, b.links)
		}
		b.Quiet = quiet(b.fault.line)
		switch {
		case b.ended:
			bands = append(bands, b.Band)
		case b.Kind == BandOther && b.Quiet:
		case b.Kind == BandOther:
			kind := Mark{Label: b.Label, Kind: "fault", Node: b.Node}
			if at, again := first[kind]; again && b.fault.single() {
				more[at]++
				continue
			}
			first[kind] = len(marks)
			marks = append(marks, Mark{b.From, b.Label, kind.Kind, b.Node})
		default:
			b.To = end
			bands = append(bands, b.Band)
		}
	}
	for at, n := range more { //unordered: each has a label of its own
		marks[at].Label += "; and " + prose.Grouped(n) + " more like it"
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
