package swarm

import (
	"slices"
)

// fault is a kind of fault that a swarm draws: a verb, at whom it is aimed, and its further keys.
type fault struct {
	verb string
	on   aim
	// lasts is in how many of a hundred entries it ends by itself, most how late, in milliseconds.
	lasts, most int
	// options adds the keys that go with the verb; nil for none. ok is false where there is nothing to
	// aim at.
	options func(f *field, e *entry, r dice) (ok bool)
	// only is the danger in whose seeds alone it is drawn; none for any seed.
	only danger
	// not says why it cannot be drawn in this scenario; nil for always.
	unless func(f *field) bool
}

// faults are the kinds that a swarm draws, one row each. Which of the vocabulary's verbs are not
// among them, and why, undrawn says in the tests.
func faults() []fault {
	return []fault{
		{verb: "kill", on: anyNode, lasts: 70, most: 8000},
		{verb: "restart", on: anyNode},
		{verb: "stop", on: aBroker, lasts: 70, most: 8000, unless: (*field).pipelined},
		{verb: "pause", on: anyNode, lasts: 75, most: 10000},
		{verb: "resume", on: anyNode},
		{verb: "close", on: aClient},
		{verb: "power-loss", on: aim{"zookeeper"}, lasts: 80, most: 5000},
		{verb: "cut", on: anyNode, lasts: 75, most: 9000, options: (*field).other},
		{verb: "cut-one-way", on: anyNode, lasts: 75, most: 9000, options: (*field).other},
		{verb: "cut-control", on: aBroker, lasts: 90, most: 9000},
		{verb: "slow", on: anyNode, lasts: 70, most: 9000, options: (*field).slowly},
		{verb: "reset", on: anyNode, options: (*field).other},
		{verb: "hold", on: anyNode, lasts: 100, most: 8000, options: (*field).messages},
		{verb: "drop", on: anyNode, lasts: 100, most: 8000, options: (*field).messages},
		{verb: "postpone", on: anyNode, lasts: 100, most: 8000, options: (*field).lateMessages},
		{verb: "answer", on: asks, lasts: 100, most: 8000, options: (*field).lie},
		{verb: "fill-disk", on: aBroker, lasts: 90, most: 8000},
		{verb: "fail-disk", on: aBroker, lasts: 90, most: 8000},
		{verb: "fail-flush", on: aBroker, lasts: 90, most: 8000},
		{verb: "slow-disk", on: anyServer, lasts: 90, most: 9000, options: (*field).by},
		{verb: "forbid", on: aBroker, lasts: 100, most: 5000, options: (*field).ofPartition},
		{verb: "change", on: aClient, lasts: 80, most: 6000, options: (*field).load},
		{verb: "pause-partition", on: aConsumer, lasts: 90, most: 6000,
			options: (*field).ofPartition},
		{verb: "seek", on: aConsumer, options: (*field).toOffset, unless: (*field).processing},
		{verb: "flap", on: anyNode, lasts: 100, most: 8000, options: (*field).flap},
		{verb: "ring", on: parted, lasts: 90, most: 9000, unless: (*field).few},
		{verb: "bridge", on: parted, lasts: 90, most: 9000, unless: (*field).few},
		{verb: "swizzle", on: parted, lasts: 100, most: 9000, unless: (*field).few},
		{verb: "attrit", on: servers, lasts: 100, most: 9000, options: (*field).step},
		{verb: "roll", on: servers, options: (*field).step, unless: (*field).pipelined},
		{verb: "duplicate", on: anyNode, lasts: 100, most: 8000, options: (*field).copies},
		{verb: "reorder", on: anyNode, lasts: 100, most: 8000, options: (*field).messages},
		{verb: "seek-to-time", on: aConsumer, options: (*field).toTime, unless: (*field).processing},
		{verb: "shift-clock", on: anyNode, lasts: 50, most: 9000, options: (*field).clockBy},
		{verb: "drift-clock", on: anyNode, lasts: 50, most: 9000, options: (*field).clockDrift},
		{verb: "power-loss", on: anyServer, lasts: 80, most: 8000, options: (*field).keeping,
			only: dangerBlackout},
		{verb: "wipe", on: aBroker, lasts: 80, most: 8000, only: dangerBlackout},
		{verb: "tear", on: aim{"zookeeper"}, lasts: 80, most: 5000},
		{verb: "tear", on: aBroker, lasts: 80, most: 8000, only: dangerBlackout},
		{verb: "rot", on: anyServer, lasts: 30, most: 8000, options: (*field).files, only: dangerDamage},
		{verb: "misdirect", on: anyServer, lasts: 30, most: 8000, options: (*field).some,
			only: dangerDamage},
		{verb: "cut-tail", on: aBroker, lasts: 80, most: 8000, options: (*field).tail,
			only: dangerBlackout},
	}
}

func faultNames() []string {
	var names []string
	for _, x := range faults() {
		if !slices.Contains(names, x.verb) {
			names = append(names, x.verb)
		}
	}
	return names
}

// drawFaults adds single faults: some kinds off altogether, the others weighed anew.
func (f *field) drawFaults(r dice) {
	kinds := faults()
	weights := make([]int, len(kinds))
	for i := range kinds {
		weights[i] = f.d.profile.Faults.of(kinds[i].verb)
	}
	weights = r.swarmed(weights)
	for i := range kinds {
		only := kinds[i].only
		if only != dangerNone && only != f.d.danger || kinds[i].unless != nil &&
			kinds[i].unless(f) {
			weights[i] = 0
		}
	}
	from, to := 1, f.millis
	if r.chance(25) { // all of them at about the same time
		from = r.between(1, f.millis)
		to = min(f.millis, from+4000)
	}
	for range f.d.count(f.d.profile.FaultCount, r) {
		if at := r.weighed(weights); at >= 0 {
			f.drawFault(&kinds[at], r.between(from, to), r)
		}
	}
}

// count draws how many entries of a kind there are: few often, many sometimes.
func (d *drawing) count(s span, r dice) int {
	if s.high == 0 {
		return 0
	}
	return max(s.low, r.skewed(1, s.high+1)-1)
}

func (f *field) drawFault(k *fault, at int, r dice) {
	role := f.role(k.on, r)
	if role == "" {
		return
	}
	e := (&entry{}).with(k.verb, role)
	if k.options != nil && !k.options(f, e, r) {
		return
	}
	if long := r.skewed(20, max(k.most, 20)); r.chance(k.lasts) {
		e.with("for", millis(long))
	}
	f.add(at, e)
}

func (f *field) other(e *entry, r dice) bool {
	to := f.role(anyNode, r)
	if to != "" {
		e.with("to", to)
	}
	return to != ""
}

func (f *field) by(e *entry, r dice) bool {
	e.with("by", millis(r.skewed(1, 2000)))
	return true
}

// clockBy sets a clock forward or back: by little or by far.
func (f *field) clockBy(e *entry, r dice) bool {
	e.with("by", r.one("", "-")+millis(r.skewed(1, 60_000)))
	return true
}

// clockDrift has a clock run fast or slow, by what a bad crystal does or a broken one.
func (f *field) clockDrift(e *entry, r dice) bool {
	e.with("by", r.one("", "-")+itoa(r.skewed(20, 200_000))+"ppm")
	return true
}

func (f *field) slowly(e *entry, r dice) bool { return f.other(e, r) && f.by(e, r) }

// drawnAPIs are requests whose messages are lost, kept back and delayed one by one.
func drawnAPIs() []string {
	return []string{
		"Fetch", "Fetch", "Produce", "Produce", "AlterPartition", "LeaderAndISR", "StopReplica",
		"UpdateMetadata", "OffsetForLeaderEpoch", "ListOffsets", "Metadata", "InitProducerID",
		"JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup", "OffsetCommit", "OffsetFetch",
		"FindCoordinator", "ControlledShutdown",
	}
}

func (f *field) messages(e *entry, r dice) bool {
	if !f.other(e, r) {
		return false
	}
	e.with("api", r.one(drawnAPIs()...)).with("message", r.one("request", "reply"))
	e.with("nth", r.skewed(1, 20)).with("count", r.one("1", "1", "3", "1000"))
	return true
}

// copies are requests that arrive twice.
func (f *field) copies(e *entry, r dice) bool {
	if !f.other(e, r) {
		return false
	}
	e.with("api", r.one(drawnAPIs()...)).with("nth", r.skewed(1, 20))
	e.with("count", r.one("1", "1", "3", "1000"))
	return f.by(e, r)
}

func (f *field) lateMessages(e *entry, r dice) bool { return f.messages(e, r) && f.by(e, r) }

// lies are the errors that a client takes for something that passes, by request.
func lies() map[string][]string {
	leader := []string{"NOT_LEADER_OR_FOLLOWER", "UNKNOWN_TOPIC_OR_PARTITION",
		"LEADER_NOT_AVAILABLE"}
	coordinator := []string{"NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE",
		"COORDINATOR_LOAD_IN_PROGRESS"}
	return map[string][]string{
		"Produce":     append(slices.Clone(leader), "NOT_ENOUGH_REPLICAS", "REQUEST_TIMED_OUT"),
		"Fetch":       append(slices.Clone(leader), "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH"),
		"ListOffsets": leader, "Metadata": {"LEADER_NOT_AVAILABLE"},
		"FindCoordinator": coordinator[1:], "OffsetFetch": coordinator, "JoinGroup": coordinator,
		"SyncGroup": append(slices.Clone(coordinator[:2]), "REBALANCE_IN_PROGRESS"),
		"Heartbeat": append(slices.Clone(coordinator[:2]), "REBALANCE_IN_PROGRESS",
			"UNKNOWN_MEMBER_ID"),
		"OffsetCommit":   append(slices.Clone(coordinator), "REBALANCE_IN_PROGRESS"),
		"InitProducerID": {"COORDINATOR_LOAD_IN_PROGRESS", "REQUEST_TIMED_OUT"},
	}
}

// liedAPIs are the keys of lies, in an order.
func liedAPIs() []string {
	return []string{
		"Produce", "Fetch", "ListOffsets", "Metadata", "FindCoordinator", "OffsetFetch",
		"JoinGroup",
		"SyncGroup", "Heartbeat", "OffsetCommit", "InitProducerID",
	}
}

// lie has requests answered with an error in place of being handled, or although they were.
func (f *field) lie(e *entry, r dice) bool {
	api := r.one(liedAPIs()...)
	e.with("api", api).with("error", r.one(lies()[api]...)).with("message", r.one("request",
		"reply"))
	e.with("nth", r.skewed(1, 20)).with("count", r.one("1", "1", "3"))
	return true
}

// flap has a link break and come back again and again.
func (f *field) flap(e *entry, r dice) bool { return f.other(e, r) && f.step(e, r) }

// step draws how long it is from one step to the next.
func (f *field) step(e *entry, r dice) bool {
	e.with("every", millis(r.skewed(100, 3000)))
	return true
}

// few tells whether there are too few brokers to part them in a pattern.
func (f *field) few() bool { return f.s.Cluster.Brokers < 3 }

func (f *field) ofPartition(e *entry, r dice) bool {
	e.with("partition", f.partition(r))
	return true
}

// keeping draws what a power loss leaves of what was not flushed.
func (f *field) keeping(e *entry, r dice) bool {
	if r.chance(50) {
		e.with("keeps", "nothing")
	}
	return true
}

func (f *field) tail(e *entry, r dice) bool {
	e.with("partition", f.partition(r)).with("records", r.skewed(1, 50))
	return true
}

// some draws how many.
func (f *field) some(e *entry, r dice) bool {
	e.with("count", r.skewed(1, 20))
	return true
}

// files draws which files rot.
func (f *field) files(e *entry, r dice) bool {
	if which := r.one("log", "index", "checkpoint", "snapshot"); r.chance(60) {
		e.with("files", which)
	}
	return f.some(e, r)
}

func (f *field) toTime(e *entry, r dice) bool {
	e.with("partition", f.partition(r)).with("timestamp", millis(r.between(1, f.millis)))
	return true
}

func (f *field) toOffset(e *entry, r dice) bool {
	e.with("partition", f.partition(r)).with("offset", r.skewed(1, 300)-1)
	return true
}

// load changes what a client does.
func (f *field) load(e *entry, r dice) bool {
	rate, process := r.skewed(1, 400), r.skewed(1, 100)
	if kind := (*e)[0].value; len(kind) > 8 && kind[:9] == "producer-" {
		e.with("rate", itoa(rate)+"/s")
	} else {
		e.with("process", millis(process))
	}
	return true
}
