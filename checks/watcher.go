package checks

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Watcher looks into a cluster while it runs: at the notes that its processes make (Observe) and at
// views of its insides (Inspect). It keeps what it must compare across time: who led which epoch,
// who owned what in which generation, how high each leader's high watermark was. The zero value is
// not ready; use NewWatcher.
type Watcher struct {
	leaders map[leadership]kafka.Witness
	owners  map[ownership]owner
	marks   map[replica]mark
	// What is known of the committed records of each partition, and what was read of them.
	committed map[kafka.TopicPartition]*committed
	consumed  map[kafka.TopicPartition]*consumed
	started   map[kafka.BrokerID]bool // started, and not all its replicas seen since
	// lossy are the brokers whose disks have lost what they held.
	lossy map[kafka.BrokerID]bool
	// unclean are the partitions that had an unclean election.
	unclean map[kafka.TopicPartition]bool
	found   map[kafka.Anomaly]*kafka.Finding
	seen    map[string]bool // identities of the violations found
	crashed []string
}

// NewWatcher returns a Watcher that has seen nothing.
func NewWatcher() *Watcher {
	return &Watcher{
		leaders: map[leadership]kafka.Witness{}, owners: map[ownership]owner{},
		marks: map[replica]mark{}, committed: map[kafka.TopicPartition]*committed{},
		consumed: map[kafka.TopicPartition]*consumed{}, started: map[kafka.BrokerID]bool{},
		lossy: map[kafka.BrokerID]bool{}, unclean: map[kafka.TopicPartition]bool{},
		found: map[kafka.Anomaly]*kafka.Finding{}, seen: map[string]bool{},
	}
}

// violation is one case of an anomaly of the insides.
type violation struct {
	anomaly     kafka.Anomaly
	identity    string // of the case: seen again, it is not counted again
	explanation string
	witnesses   []kafka.Witness
}

// Observe takes one line of the trace; lines come in order. It keeps nothing of line.
func (w *Watcher) Observe(line *kafka.TraceLine) {
	switch line.Note.Kind {
	case kafka.BecameLeader:
		w.guard(func() []violation { return w.observeLeader(line) })
	case kafka.PartitionsAssigned:
		w.guard(func() []violation { return w.observeOwner(line) })
	case kafka.UncleanElected:
		delete(w.committed, line.Note.TP())
		delete(w.consumed, line.Note.TP())
		w.unclean[line.Note.TP()] = true
	case kafka.LogTruncated:
		w.observeTruncation(line)
	case kafka.TopicDeleted:
		w.forgetTopic(line.Note.Topic)
	case kafka.NoNote:
		if line.Kind == model.Started.String() {
			w.forgetMarks(line.Node)
			w.observeStart(line.Node)
		}
		if line.Kind == model.TraceFault {
			w.observeFault(line)
		}
	}
}

// ObserveOp takes one line of the history; lines come in order. It keeps nothing of op.
func (w *Watcher) ObserveOp(op *kafka.Op) {
	w.guard(func() []violation {
		w.observeOp(op)
		return nil
	})
}

// Inspect takes a view of the whole cluster, or of some of its partitions with all their replicas;
// views come in order of time.
func (w *Watcher) Inspect(v kafka.ClusterView) {
	w.guard(func() []violation { return inspect(w.trusted(v)) })
	w.guard(func() []violation { return w.inspectMarks(v) })
	w.guard(func() (list []violation) {
		for _, p := range byPartition(v) {
			list = append(list, w.inspectCommitted(v, p)...)
			list = append(list, w.inspectConsumed(v, p)...)
		}
		return list
	})
}

// Findings returns what was found so far, in the order of model.Anomalies.
func (w *Watcher) Findings() []kafka.Finding {
	var list []kafka.Finding
	for _, a := range kafka.Anomalies() {
		if f := w.found[a]; f != nil {
			list = append(list, *f)
		}
	}
	return list
}

// Undecided says which checks crashed. None of them passed.
func (w *Watcher) Undecided() []string { return slices.Clone(w.crashed) }

// Report returns Findings and Undecided in one.
func (w *Watcher) Report() kafka.Report {
	return kafka.Report{Findings: w.Findings(), Undecided: w.Undecided()}
}

// JudgeView judges one view by itself: LogMatching, WeakIsr, StrongIsr, two-leaders and
// double-owner.
func JudgeView(v kafka.ClusterView) []kafka.Finding {
	w := NewWatcher()
	for _, found := range inspect(v) {
		w.add(found)
	}
	return w.Findings()
}

func inspect(v kafka.ClusterView) (list []violation) {
	for _, p := range byPartition(v) {
		list = append(list, divergedLogs(v.At, p)...)
		list = append(list, weakISRs(v.At, p)...)
		list = append(list, strongISRs(v, p)...)
	}
	list = append(list, twoLeaders(v)...)
	return append(list, doubleOwners(v)...)
}

// trusted is v without the replicas that have lost what was committed, and may: after an unclean
// election, or when disks lost data, a replica speaks for the partition again when it leads or its
// leader counts it as in sync. Until then it has not cut its log yet.
func (w *Watcher) trusted(v kafka.ClusterView) kafka.ClusterView {
	if len(w.unclean) == 0 && len(w.lossy) == 0 {
		return v
	}
	var kept []kafka.ReplicaView
	for _, p := range byPartition(v) {
		leader := currentLeader(v, p)
		if !w.unclean[p[0].TP] && !w.licensed(p) {
			kept = append(kept, p...)
			continue
		}
		for i := range p {
			r := &p[i]
			if leader != nil && (r.Broker == leader.Broker || slices.Contains(leader.ISR, r.Broker)) {
				kept = append(kept, *r)
			}
		}
	}
	v.Replicas = kept
	return v
}

// byPartition cuts the replicas of a view, which stand by partition, into those of each.
func byPartition(v kafka.ClusterView) (parts [][]kafka.ReplicaView) {
	for rest := v.Replicas; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].TP == rest[0].TP {
			n++
		}
		parts = append(parts, rest[:n])
		rest = rest[n:]
	}
	return parts
}

func (w *Watcher) guard(check func() []violation) {
	crash := guarded(func() {
		for _, v := range check() {
			w.add(v)
		}
	})
	if crash != "" && !slices.Contains(w.crashed, crash) {
		w.crashed = append(w.crashed, crash)
	}
}

func (w *Watcher) add(v violation) {
	identity := string(v.anomaly) + " " + v.identity
	if w.seen[identity] {
		return
	}
	w.seen[identity] = true
	f := w.found[v.anomaly]
	if f == nil {
		f = &kafka.Finding{
			Anomaly: v.anomaly, Explanation: v.explanation, Witnesses: v.witnesses,
		}
		w.found[v.anomaly] = f
	}
	f.Count++
}

// forgetTopic drops what is known of a topic's partitions: a topic of that name made later starts
// anew.
func (w *Watcher) forgetTopic(topic string) {
	for k := range w.leaders { //unordered: deleting some leaves the same rest in any order
		if k.tp.Topic == topic {
			delete(w.leaders, k)
		}
	}
	for k := range w.marks { //unordered: as above
		if k.tp.Topic == topic {
			delete(w.marks, k)
		}
	}
	for tp := range w.committed { //unordered: as above
		if tp.Topic == topic {
			delete(w.committed, tp)
		}
	}
	for tp := range w.consumed { //unordered: as above
		if tp.Topic == topic {
			delete(w.consumed, tp)
		}
	}
}
