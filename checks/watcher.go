package checks

import (
	"slices"

	"sandcastle/checks/groups"
	"sandcastle/checks/logs"
	"sandcastle/checks/znodes"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// watcherCheck is one check of the insides, or the tracking of something that checks need. Each
// of its functions is nil where there is nothing to do.
type watcherCheck struct {
	// name is the anomaly that it finds, or what it tracks.
	name string
	// needs names the tracking without which the check says nothing.
	needs []string
	// observe takes a line of the trace for which observed holds, observeOp an operation that
	// went well.
	observe   func(w *Watcher, line *kafka.TraceLine) []violation
	observeOp func(w *Watcher, op *kafka.Op)
	// inspect takes a whole view, inspectPartition the replicas of one partition of it.
	inspect func(w *Watcher, v *look) []violation
	// exchange takes what a coordinator was asked, or answered; atEnd says what only the end shows.
	exchange func(w *Watcher, x *kafka.GroupExchange) []violation
	atEnd    func(w *Watcher) []violation
	// frame takes what goes to ZooKeeper and from it.
	frame            func(w *Watcher, x *kafka.ZooKeeperFrame) []violation
	inspectPartition func(w *Watcher, v *look, replicas []kafka.ReplicaView) []violation
}

// What is tracked for several checks.
const (
	lossTracking   = "loss tracking"
	commitTracking = "commit tracking"
	leaderTracking = "leader tracking"
	logTracking    = "log tracking"
)

// watcherChecks is the table of everything that a Watcher runs, in the order in which it does.
func watcherChecks() []watcherCheck {
	loss, records := []string{lossTracking}, []string{lossTracking, commitTracking, leaderTracking}
	return append([]watcherCheck{
		{name: lossTracking, observe: (*Watcher).observeLoss, inspect: (*Watcher).trust},
		{name: string(kafka.LogMatching), needs: loss, inspect: eachTrusted(divergedLogs)},
		{name: string(kafka.WeakIsr), needs: loss, inspect: eachTrusted(weakISRs)},
		{name: string(kafka.StrongIsr), needs: loss, inspect: eachTrusted(strongISRs)},
		{
			name: string(kafka.TwoLeaders), needs: loss,
			observe: (*Watcher).observeLeader, inspect: eachTrusted(twoLeaders),
		},
		{
			name:    string(kafka.DoubleOwner),
			observe: (*Watcher).observeOwner, inspect: doubleOwners,
		},
		{
			name:    string(kafka.RegressedHW),
			observe: (*Watcher).observeMarks, inspect: (*Watcher).inspectMarks,
		},
		{
			name:    commitTracking,
			observe: (*Watcher).observeCommitted, observeOp: (*Watcher).observeAcks,
			inspectPartition: (*Watcher).compareCommitted,
		},
		{
			name: string(kafka.NoCommittedRecordLostGlobally), needs: records,
			inspectPartition: (*Watcher).lostGlobally,
		},
		{
			name: string(kafka.LeaderCompleteness), needs: records,
			inspectPartition: (*Watcher).incomplete,
		},
		{name: leaderTracking, needs: []string{commitTracking}, inspectPartition: (*Watcher).commit},
		{
			name: string(kafka.ConsistentRead), needs: loss,
			observe: (*Watcher).observeConsumed, observeOp: (*Watcher).observePolls,
			inspectPartition: (*Watcher).inspectConsumed,
		},
	}, slices.Concat(groupChecks(), zooKeeperChecks(), logChecks())...)
}

// Watcher looks into a cluster while it runs: at the notes that its processes make (Observe), at
// what its clients are told (ObserveOp), and at views of its insides (Inspect). It keeps what it
// must compare across time: who led which epoch, who owned what in which generation, how high each
// leader's high watermark was. The zero value is not ready; use NewWatcher.
type Watcher struct {
	// BeforeCheck is told the name of each check that is about to run; nil for nobody. When it panics,
	// that check has crashed.
	BeforeCheck func(check string)

	checks []watcherCheck
	// crashed says of each check why it crashed, "" while it has not. A crashed check is not run
	// again: what it keeps may be wrong by now.
	crashed []string

	leaders map[leadership]kafka.Witness
	owners  map[ownership]owner
	marks   map[replica]mark
	// What is known of the committed records of each partition, and what was read of them.
	committed map[kafka.TopicPartition]*committed
	consumed  map[kafka.TopicPartition]*consumed
	started   map[kafka.BrokerID]bool // started, and not all its replicas seen since
	losses    losses
	groups    *groups.Facts
	znodes    *znodes.Facts
	// unclean are the partitions that had an unclean election.
	unclean map[kafka.TopicPartition]bool
	// rejoined are the replicas that were seen with the log of their leader since the last unclean
	// election, and since disks last lost something of the partition.
	rejoined map[replica]bool
	// remade are the topics that were deleted. What clients are told of one that is made again may
	// still be of the one before.
	remade map[string]bool
	found  map[kafka.Anomaly]*tally
	seen   map[string]bool // identities of the violations found
	logs   *logs.Book
}

// NewWatcher returns a Watcher that has seen nothing.
func NewWatcher() *Watcher {
	list := watcherChecks()
	return &Watcher{
		checks: list, crashed: make([]string, len(list)),
		leaders: map[leadership]kafka.Witness{}, owners: map[ownership]owner{},
		marks: map[replica]mark{}, committed: map[kafka.TopicPartition]*committed{},
		consumed: map[kafka.TopicPartition]*consumed{}, started: map[kafka.BrokerID]bool{},
		losses: newLosses(), groups: groups.New(), znodes: znodes.New(), logs: logs.New(),
		unclean: map[kafka.TopicPartition]bool{}, rejoined: map[replica]bool{},
		remade: map[string]bool{},
		found:  map[kafka.Anomaly]*tally{}, seen: map[string]bool{},
	}
}

// violation is one case of an anomaly of the insides.
type violation struct {
	anomaly     kafka.Anomaly
	cause       kafka.Anomaly // what it follows from, "" for nothing else
	identity    string        // of the case: seen again, it is not counted again
	explanation string
	witnesses   []kafka.Witness
}

// Observe takes one line of the trace; lines come in order. It keeps nothing of line.
func (w *Watcher) Observe(line *kafka.TraceLine) {
	switch line.Note.Kind {
	case kafka.LogEnd: // by far the most frequent, and of use to few
		w.losses.observeEnd(line)
		w.logs.Observe(line)
		return
	case kafka.HighWatermark, kafka.LogStart:
		w.logs.Observe(line)
		return
	}
	if !observed(line) {
		return
	}
	for i := range w.checks {
		if observe := w.checks[i].observe; observe != nil {
			w.guard(i, func() []violation { return observe(w, line) })
		}
	}
}

// observed tells whether some check wants the line. Most lines are of no interest, and they are
// many.
func observed(line *kafka.TraceLine) bool {
	switch line.Note.Kind {
	case kafka.BecameLeader, kafka.BecameFollower, kafka.LogRecovered, kafka.LogTruncated,
		kafka.LogCleaned, kafka.DamageFound, kafka.PartitionsAssigned, kafka.UncleanElected,
		kafka.ReassignmentCompleted,
		kafka.TopicDeleted, kafka.LeaderElected, kafka.CoordinatorLoaded, kafka.RebalanceStarted,
		kafka.MemberLeft, kafka.SessionExpired, kafka.ControllerElected, kafka.TopicCreated:
		return true
	case kafka.NoNote:
		return startedNode(line) || line.Kind == model.TraceFault || line.Kind == model.TraceHeal
	}
	return false
}

// startedNode tells whether the line says that a node was started.
func startedNode(line *kafka.TraceLine) bool {
	return line.Note.Kind == kafka.NoNote && line.Kind == model.Started.String()
}

// ObserveOp takes one line of the history; lines come in order. It keeps nothing of op.
func (w *Watcher) ObserveOp(op *kafka.Op) {
	if op.Type != kafka.OK {
		return
	}
	for i := range w.checks {
		if observe := w.checks[i].observeOp; observe != nil {
			w.guard(i, func() []violation {
				observe(w, op)
				return nil
			})
		}
	}
}

// Inspect takes a view of the whole cluster, or of some of its partitions with all their replicas;
// views come in order of time.
func (w *Watcher) Inspect(v kafka.ClusterView) {
	l := &look{ClusterView: v, parts: byPartition(v.Replicas)}
	for i := range w.checks {
		if inspect := w.checks[i].inspect; inspect != nil {
			w.guard(i, func() []violation { return inspect(w, l) })
		}
	}
	for _, p := range l.parts {
		for i := range w.checks {
			if inspect := w.checks[i].inspectPartition; inspect != nil {
				w.guard(i, func() []violation { return inspect(w, l, p) })
			}
		}
	}
}

// Findings returns what was found so far, in the order of kafka.Anomalies.
func (w *Watcher) Findings() []kafka.Finding {
	var tallies []tally
	for _, a := range kafka.Anomalies() {
		if t := w.found[a]; t != nil {
			tallies = append(tallies, *t)
		}
	}
	return findings(tallies)
}

// Undecided says which checks crashed, or need what crashed. None of them passed.
func (w *Watcher) Undecided() (list []string) {
	for i, why := range w.crashed {
		if why != "" {
			list = append(list, kafka.Undecide(w.checks[i].name, why))
		}
	}
	return list
}

// Report returns Findings and Undecided in one.
func (w *Watcher) Report() kafka.Report {
	for i := range w.checks {
		if atEnd := w.checks[i].atEnd; atEnd != nil {
			w.guard(i, func() []violation { return atEnd(w) })
		}
	}
	return kafka.Report{Findings: w.Findings(), Undecided: w.Undecided()}
}

// guard runs what check i does, and keeps what it finds. When it crashes, neither it nor what
// needs it is run again.
func (w *Watcher) guard(i int, check func() []violation) {
	if w.crashed[i] != "" {
		return
	}
	name := w.checks[i].name
	crash := guarded(func() {
		if w.BeforeCheck != nil {
			w.BeforeCheck(name)
		}
		for _, v := range check() {
			w.add(v)
		}
	})
	if crash == "" {
		return
	}
	w.crashed[i] = crash
	for j := range w.checks {
		if w.crashed[j] == "" && slices.Contains(w.checks[j].needs, name) {
			w.crashed[j] = needsCrashed(name)
		}
	}
}

func (w *Watcher) add(v violation) {
	identity := string(v.anomaly) + " " + v.identity
	if w.seen[identity] {
		return
	}
	w.seen[identity] = true
	t := w.found[v.anomaly]
	if t == nil {
		t = &tally{anomaly: v.anomaly}
		w.found[v.anomaly] = t
	}
	t.addFrom(v.cause, func() (string, []kafka.Witness) { return v.explanation, v.witnesses })
}
