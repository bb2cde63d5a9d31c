package swarm

import (
	"fmt"

	"sandcastle/scenarios"
)

// combination is faults that belong together: what one brings about is what the next one meets.
type combination struct {
	name string
	add  func(f *field, c *chain, r dice)
	not  func(f *field) bool // says that it cannot be here; nil for never
}

// chain is entries of a timeline, each after the one before it.
type chain struct {
	f     *field
	at    int
	began bool
}

// then adds an entry so many milliseconds after the one before.
func (c *chain) then(after int, e *entry) {
	first := entry{{"at", millis(max(c.at, 1))}}
	if c.began {
		first = entry{{"then", millis(after)}}
	}
	c.began = true
	c.f.entries = append(c.f.entries, append(first, *e...))
}

// when adds an entry at the first event from then on.
func (c *chain) when(event string, delay int, e *entry) {
	first := entry{{"then", "0ms"}, {"when", event}}
	if !c.began {
		first[0] = pair{"at", millis(max(c.at, 1))}
	}
	if delay > 0 {
		first = append(first, pair{"delay", millis(delay)})
	}
	c.began = true
	c.f.entries = append(c.f.entries, append(first, *e...))
}

// doing is an entry that does verb to a role.
func doing(verb, role string) *entry { return (&entry{}).with(verb, role) }

// lasting is such an entry that ends by itself.
func lasting(verb, role string, ms int) *entry { return doing(verb, role).with("for", millis(ms)) }

// combinations are those that a swarm draws, one row each.
func combinations() []combination {
	return []combination{
		{"lost-answer-and-death", (*field).lostAnswerAndDeath, (*field).noProducers},
		{"kill-while-returning", (*field).killWhileReturning, (*field).single},
		{"leader-that-was-ahead", (*field).leaderAhead, (*field).single},
		{"last-in-sync", (*field).lastInSync, (*field).single},
		{"session-expires", (*field).sessionExpires, nil},
		{"zombie", (*field).zombie, (*field).single},
		{"controller-after-controller", (*field).controllers, (*field).single},
		{"late-control", (*field).lateControl, (*field).single},
		{"deletion-and-expiry", (*field).deletionAndExpiry, (*field).noScratch},
		{"deletion-while-down", (*field).deletionWhileDown, (*field).noScratch},
		{"coordinator-in-rebalance", (*field).coordinatorInRebalance, (*field).noGroups},
		{"member-in-rebalance", (*field).memberInRebalance, (*field).noGroups},
		{"commit-and-death", (*field).commitAndDeath, (*field).noGroups},
		{"reassignment-and-death", (*field).reassignmentAndDeath, (*field).single},
		{"unclean-start", (*field).uncleanStart, (*field).pipelined},
		{"full-disk-and-return", (*field).fullDisk, nil},
		{"flapping-link", (*field).flapping, nil},
		{"cut-off-from-zookeeper", (*field).cutOff, nil},
	}
}

func combinedNames() []string {
	var names []string
	for _, x := range combinations() {
		names = append(names, x.name)
	}
	return names
}

func (f *field) single() bool      { return f.s.Cluster.Brokers < 2 }
func (f *field) noGroups() bool    { return len(f.groups) == 0 }
func (f *field) noProducers() bool { return len(f.s.Producers) == 0 }

func (f *field) drawCombined(r dice) {
	kinds := combinations()
	weights := make([]int, len(kinds))
	for i := range kinds {
		weights[i] = f.d.profile.Combined.of(kinds[i].name)
	}
	weights = r.swarmed(weights)
	for i := range kinds {
		if kinds[i].not != nil && kinds[i].not(f) {
			weights[i] = 0
		}
	}
	for range f.d.count(f.d.profile.CombinedCount, r) {
		if at := r.weighed(weights); at >= 0 {
			kinds[at].add(f, &chain{f: f, at: f.moment(r)}, r)
		}
	}
}

// held is an entry that holds messages, with a name for what comes when it has one.
func (f *field) held(from, to, api, message string, count int) (e *entry, name string) {
	f.names++
	name = fmt.Sprintf("h%d", f.names)
	return doing("hold", from).with("to", to).with("api", api).with("message", message).
		with("count", count).with("name", name), name
}

func (f *field) lostAnswerAndDeath(c *chain, r dice) {
	p := &f.s.Producers[r.between(0, len(f.s.Producers)-1)]
	leader := fmt.Sprintf("leader(%s-%d)", p.Topic, r.between(0, partitionsOf(f.s, p.Topic)-1))
	hold, name := f.held(leader, "producer-"+p.Name, "Produce", "reply", 1)
	c.then(0, hold)
	c.when("held("+name+")", r.skewed(1, 300)-1, lasting("kill", leader, r.skewed(200, 6000)))
	if r.chance(50) {
		c.then(r.skewed(1, 2000), doing(r.one("release", "discard"), name))
	}
}

func (f *field) killWhileReturning(c *chain, r dice) {
	tp := f.partition(r)
	c.then(0, lasting("kill", "follower("+tp+")", r.between(500, 4000)))
	event := r.one("broker-registered", "log-recovered("+tp+")", "became-follower("+tp+")",
		"isr-expanded("+tp+")")
	c.when(event, r.skewed(1, 800)-1, lasting("kill", r.one("leader("+tp+")", "controller"),
		r.between(300, 6000)))
}

// leaderAhead has a leader write what nobody copies, and die; what it has above the others is cut
// off when it comes back. Twice, the second time from the next leader, in half of the cases.
func (f *field) leaderAhead(c *chain, r dice) {
	tp := f.partition(r)
	times := r.between(1, 2)
	for i := range times {
		hold, name := f.held("followers("+tp+")", "leader("+tp+")", "Fetch", "request", 1000)
		if i == 0 {
			c.then(0, hold)
		} else {
			c.when("became-leader("+tp+")", r.skewed(1, 500), hold)
		}
		c.then(r.between(30, 1200), lasting("kill", "leader("+tp+")", r.between(500, 9000)))
		c.then(r.between(1, 300), doing("discard", name))
	}
}

func (f *field) lastInSync(c *chain, r dice) {
	tp := f.partition(r)
	c.then(0, lasting(r.one("kill", "pause", "cut-control"), "followers("+tp+")", r.between(4000,
		12000)))
	c.when("isr-shrunk("+tp+")", r.skewed(1, 1500)-1, lasting(r.one("kill", "pause", "kill"),
		"leader("+tp+")", r.between(300, 9000)))
}

// sessionExpires has a broker be away for about as long as its session lasts.
func (f *field) sessionExpires(c *chain, r dice) {
	who := f.role(aBroker, r)
	c.then(0, lasting(r.one("pause", "kill"), who, r.between(3500, 9500)))
	c.when("session-expired", r.skewed(1, 1000)-1, lasting("kill", r.one("zookeeper",
		"controller"), r.between(100, 3000)))
}

// zombie is a leader that stops while another takes over, and goes on as if nothing had been.
func (f *field) zombie(c *chain, r dice) {
	tp := f.partition(r)
	c.then(0, lasting(r.one("pause", "pause", "cut-control"), "leader("+tp+")", r.between(4500,
		11000)))
	c.when("became-leader("+tp+")", r.skewed(1, 500)-1, doing("reset", "brokers").with("to",
		"brokers"))
}

func (f *field) controllers(c *chain, r dice) {
	c.then(0, lasting(r.one("kill", "pause"), "controller", r.between(500, 9000)))
	c.when("controller-elected", r.skewed(1, 800)-1, lasting(r.one("kill", "pause"), "controller",
		r.between(500, 9000)))
}

// lateControl has requests of the controller arrive late, from one that is no controller any more.
func (f *field) lateControl(c *chain, r dice) {
	hold, name := f.held("controller", "brokers", r.one("LeaderAndISR", "UpdateMetadata",
		"StopReplica"), "request", r.between(1, 3))
	c.then(0, hold)
	c.then(r.skewed(1, 500), lasting("kill", f.role(aBroker, r), r.between(300, 5000)))
	c.when("held("+name+")", r.skewed(1, 500), lasting(r.one("pause", "cut"), "controller",
		r.between(3000, 9000)))
	if last := &f.entries[len(f.entries)-1]; last.has("cut") {
		last.with("to", "zookeeper")
	}
	c.then(r.skewed(100, 6000), doing("release", name))
}

func (f *field) deletionAndExpiry(c *chain, r dice) {
	c.then(0, lasting("pause", f.role(aBroker, r), r.between(4500, 9500)))
	c.then(r.between(1, 5000), doing("delete-topic", scratchTopic))
	c.then(r.skewed(1, 5000), doing("create-topic", scratchTopic))
}

// deletionWhileDown has a topic go, and come again, while a broker that holds it is down.
func (f *field) deletionWhileDown(c *chain, r dice) {
	id := f.broker(r)
	c.then(0, lasting(r.one("kill", "kill", "pause", "cut-control"), id, r.between(2000, 12000)))
	c.then(r.skewed(1, 1500), doing("delete-topic", scratchTopic))
	if r.chance(50) {
		c.when("topic-deleted("+scratchTopic+")", 0, lasting("kill", "controller", r.between(300,
			4000)))
	}
	c.then(r.skewed(1, 4000), doing("create-topic", scratchTopic))
}

func (f *field) coordinatorInRebalance(c *chain, r dice) {
	g := r.one(f.groups...)
	c.then(0, doing("restart", r.name("consumer-", f.consumers)))
	c.when("rebalance-started("+g+")", r.skewed(1, 1500)-1, lasting(r.one("kill", "kill", "pause"),
		"coordinator("+g+")", r.between(300, 9000)))
}

func (f *field) memberInRebalance(c *chain, r dice) {
	g := r.one(f.groups...)
	one, other := r.name("consumer-", f.consumers), r.name("consumer-", f.consumers)
	c.then(0, lasting(r.one("kill", "pause"), one, r.between(100, 12000)))
	c.when("rebalance-started("+g+")", r.skewed(1, 1500)-1, lasting(r.one("kill", "pause", "kill"),
		other, r.between(100, 9000)))
	if r.chance(40) {
		c.then(r.skewed(1, 2000), doing("restart", one))
	}
}

// commitAndDeath loses the answer to a commit together with who gave it or who asked.
func (f *field) commitAndDeath(c *chain, r dice) {
	who := r.name("consumer-", f.consumers)
	hold, name := f.held("brokers", who, r.one("OffsetCommit", "OffsetCommit", "SyncGroup",
		"JoinGroup"), "reply", 1)
	c.then(0, hold)
	c.when("held("+name+")", r.skewed(1, 300)-1, lasting("kill", r.one(who, f.coordinator(r)),
		r.between(100, 6000)))
}

func (f *field) reassignmentAndDeath(c *chain, r dice) {
	t := f.topic(r)
	tp := fmt.Sprintf("%s-%d", t.Name, r.between(0, t.Partitions-1))
	c.then(0, doing("reassign", tp).with("replicas", f.newReplicas(t, r)))
	c.when("reassignment-started("+tp+")", r.skewed(1, 1000)-1,
		lasting(r.one("kill", "pause", "kill"), r.one("leader("+tp+")", "controller",
			"follower("+tp+")"), r.between(300, 8000)))
	if r.chance(40) {
		c.then(r.skewed(1, 3000), doing("reassign", tp).with("replicas", f.newReplicas(t, r)))
	}
}

// uncleanStart has a broker that was shut down in good order start without the marker of that.
func (f *field) uncleanStart(c *chain, r dice) {
	id := f.broker(r)
	c.then(0, doing("stop", id))
	c.then(r.between(1500, 5000), doing("drop-marker", id))
	c.then(r.between(1, 500), doing("restart", id))
}

func (f *field) fullDisk(c *chain, r dice) {
	id := f.broker(r)
	c.then(0, lasting(r.one("fill-disk", "fail-disk", "fail-flush", "slow-disk"), id,
		r.between(300, 5000)))
	if last := &f.entries[len(f.entries)-1]; last.has("slow-disk") {
		last.with("by", millis(r.skewed(1, 2000)))
	}
	c.then(r.between(100, 5000), doing("restart", id))
}

// flapping breaks a link again and again.
func (f *field) flapping(c *chain, r dice) {
	who, to := f.role(aBroker, r), f.role(anyNode, r)
	if to == "" {
		return
	}
	for range r.between(2, 6) {
		e := doing(r.one("reset", "cut", "cut-one-way"), who).with("to", to)
		if !e.has("reset") {
			e.with("for", millis(r.skewed(10, 2500)))
		}
		c.then(r.skewed(10, 3000), e)
	}
}

// cutOff parts a broker from ZooKeeper alone: the others go on fetching from it.
func (f *field) cutOff(c *chain, r dice) {
	who := f.role(aBroker, r)
	c.then(0, lasting(r.one("cut", "cut-one-way"), who, r.between(2000, 12000)).with("to",
		"zookeeper"))
	if r.chance(40) {
		c.when("broker-unregistered", r.skewed(1, 500)-1, lasting("kill", "controller",
			r.between(300, 4000)))
	}
}

// partitionsOf is how many partitions a topic has before the run.
func partitionsOf(s *scenarios.Scenario, topic string) int {
	for i := range s.Topics {
		if s.Topics[i].Name == topic {
			return s.Topics[i].Partitions
		}
	}
	return 1
}
