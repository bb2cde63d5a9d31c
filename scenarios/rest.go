package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sandcastle/broker/client"
	"sandcastle/broker/group"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/cluster"
)

// groupRest is a run as its groups and consumers see its end.
type groupRest struct{ *player }

// settleWhole waits until groups and the metadata of all servers are at rest too, and returns a
// finding of each that does not get there.
func (p groupRest) settleWhole() (list []kafka.Finding) {
	began := p.world.Now()
	reading := progress{}
	p.waitFor(func() bool {
		p.startServers() // as in atRest
		return len(p.whyUnsteady()) == 0 && len(p.cluster.WhyStale()) == 0 &&
			reading.enough(p)
	}, began.Add(max(p.s.Settle, p.joinWait)))
	if why := p.cluster.WhyStale(); len(why) > 0 {
		list = append(list, waitingFinding(kafka.StaleMetadata, why, p.world.Now(),
			"ZooKeeper and the brokers do not say the same at rest"))
	}
	if why := p.whyUnsteady(); len(why) > 0 {
		list = append(list, waitingFinding(kafka.UnstableGroup, why, p.world.Now(),
			fmt.Sprintf("%v after everything was healed a group is not as it should be",
				p.world.Now().Sub(began))))
	}
	if reading.stuck(p) {
		list = append(list, waitingFinding(kafka.StuckReader, p.whyBehind(), p.world.Now(),
			"consumers did not catch up, and do not get any further"))
	}
	return list
}

// longestJoin is how long a consumer may wait for a JoinGroup that nobody answers: its coordinator
// lost power, and a client that has nothing to send does not find out. It gives up the time of a
// rebalance and five seconds after it asked (JoinGroupRequest.maybeOverrideRebalanceTimeout, 3.9),
// and the group goes on when its old self has expired.
func (p groupRest) longestJoin() (longest time.Duration) {
	for i := range p.s.Consumers {
		cfg := p.consumerConfig(&p.s.Consumers[i])
		poll, session := cfg.MaxPollInterval, cfg.SessionTimeout
		longest = max(longest, 2*orDefault(poll, 5*time.Minute)+5*time.Second+
			2*orDefault(session, 45*time.Second))
	}
	return longest
}

// progress is how far consumers have read, since when they have got no further, and since when
// anybody asks.
type progress struct {
	read         kafka.Offset
	since, began model.Time
}

// enough tells whether all consumers have caught up, or have been seen to get on for a while: slow
// ones are not waited for.
func (x *progress) enough(p groupRest) bool {
	const asked, moved = 20 * time.Second, 10 * time.Second
	x.look(p)
	now := p.world.Now()
	return len(p.whyBehind()) == 0 || now.Sub(x.began) >= asked && now.Sub(x.since) < moved
}

// stuck tells whether some are behind and nobody has got any further for long.
func (x *progress) stuck(p groupRest) bool {
	x.look(p)
	return len(p.whyBehind()) > 0 && p.world.Now().Sub(x.since) >= p.s.Settle/4
}

func (x *progress) look(p groupRest) {
	read := kafka.Offset(0)
	for _, id := range p.consumers {
		if c, ok := p.world.Process(id).(*client.Consumer); ok {
			for _, tp := range p.partitions() {
				if at, known := c.Position(tp); known {
					read += at
				}
			}
		}
	}
	if x.began == 0 {
		x.began = p.world.Now()
	}
	if read != x.read || x.since == 0 {
		x.read, x.since = read, p.world.Now()
	}
}

// members are the consumers that are to be in a group, by their places in p.consumers; ok is false
// when one of them takes no part in a way that leaves open what the group has to be.
func (p groupRest) members(groupID string) (list []int, ok bool) {
	for i, id := range p.consumers {
		cfg := p.consumerOf[i]
		if cfg.Group != groupID || len(cfg.Topics) == 0 || !p.world.Running(id) {
			continue
		}
		c, runs := p.world.Process(id).(*client.Consumer)
		if !runs || c.Closed() {
			continue
		}
		if !c.Polling() || p.tooSlow(cfg) {
			return nil, false
		}
		list = append(list, i)
	}
	return list, true
}

// tooSlow tells whether an application may take longer for the records of a poll than it may stay
// away: it drops out of its group time and again, and never gets any further.
func (p groupRest) tooSlow(cfg *Consumer) bool {
	if cfg.Group == "" {
		return false
	}
	c := p.consumerConfig(cfg)
	most := orDefault(c.MaxPollRecords, 500)
	return time.Duration(most)*c.ProcessTime >= orDefault(c.MaxPollInterval, 5*time.Minute)
}

// groups are the groups of the scenario that have had members.
func (p groupRest) groups() (list []string) {
	for i, id := range p.consumers {
		if name := p.consumerOf[i].Group; name != "" && p.world.Incarnation(id) > 0 &&
			!slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// whyUnsteady says of every group why it is not at rest.
func (p groupRest) whyUnsteady() (list []cluster.Waiting) {
	for _, name := range p.groups() {
		list = append(list, p.whyUnstable(name)...)
	}
	return list
}

// whyUnstable says why a group is not at rest: Stable with its live members, each of which owns
// what it was assigned, and all partitions together; or empty, when it has no members.
func (p groupRest) whyUnstable(name string) []cluster.Waiting {
	wait := func(who, format string, args ...any) []cluster.Waiting {
		return []cluster.Waiting{{Who: who, What: fmt.Sprintf(format, args...)}}
	}
	members, ok := p.members(name)
	if !ok {
		return nil
	}
	tp := p.offsetsPartition(name)
	leaders := p.cluster.Leaders(tp)
	if len(leaders) == 0 {
		if _, made := p.cluster.PartitionState(tp); !made && len(members) == 0 {
			return nil
		}
		return wait("group "+name, "has no coordinator: nobody leads %s", tp)
	}
	g, there := p.coordinated(leaders[0], name)
	switch {
	case !there && len(members) > 0:
		return wait(string(leaders[0]), "coordinates no group %s, or loads it yet: %s", name,
			p.doing(members))
	case !there:
		return nil
	case len(members) == 0 && len(g.Members) == 0:
		return nil
	case len(members) == 0:
		return wait(string(leaders[0]), "still has %d members of %s, and none of them is alive",
			len(g.Members), name)
	case g.State != group.Stable:
		return wait(string(leaders[0]), "has group %s in state %s of generation %d: %s", name, g.State,
			g.Generation, p.doing(members))
	case len(g.Members) != len(members):
		return wait(string(leaders[0]), "has %d members in group %s, and %d are alive: %s",
			len(g.Members), name, len(members), p.doing(members))
	}
	return p.whyNotOwned(name, &g, members)
}

func (p groupRest) coordinated(node model.NodeID, name string) (group.View, bool) {
	for _, g := range p.cluster.Broker(node).Groups() {
		if g.Group == name {
			return g, true
		}
	}
	return group.View{}, false
}

// doing says what members do, for people.
func (p groupRest) doing(members []int) string {
	var words []string
	for _, i := range members {
		if c, ok := p.world.Process(p.consumers[i]).(*client.Consumer); ok {
			words = append(words, string(p.consumers[i])+" "+c.Doing())
		}
	}
	return strings.Join(words, ", ")
}

// whyNotOwned compares what members own with what they were assigned, and with what there is.
func (p groupRest) whyNotOwned(name string, g *group.View, members []int) (list []cluster.Waiting) {
	var owned []kafka.TopicPartition
	newest := true
	for _, i := range members {
		id := p.consumers[i]
		v := p.world.Process(id).(*client.Consumer).View()
		at := slices.IndexFunc(g.Members, func(m group.MemberView) bool { return m.ID == v.Member })
		if at < 0 || v.Generation != g.Generation {
			list = append(list, cluster.Waiting{Who: string(id), What: fmt.Sprintf(
				"takes itself for member %q of generation %d of %s, whose coordinator is in generation %d "+
					"and does not know it so", v.Member, v.Generation, name, g.Generation)})
			continue
		}
		given := cluster.Owned(g.Members[at].Assignment)
		slices.SortFunc(given, kafka.TopicPartition.Compare)
		if !slices.Equal(given, v.Owned) {
			list = append(list, cluster.Waiting{Who: string(id), What: fmt.Sprintf(
				"owns %v of %s, and was assigned %v", v.Owned, name, given)})
		}
		owned = append(owned, v.Owned...)
		newest = newest && p.topics.Changed().Add(p.metadataAge(i)) < p.world.Now()
	}
	if len(list) > 0 {
		return list
	}
	for _, tp := range p.subscribed(members) {
		if n := countOf(owned, tp); n != 1 && (newest || n > 1) {
			list = append(list, cluster.Waiting{Who: "group " + name, What: fmt.Sprintf(
				"has %d owners of %s in generation %d", n, tp, g.Generation)})
		}
	}
	return list
}

// metadataAge is how long a consumer may know nothing of a change of its topics, and some more for
// the rebalance that follows.
func (p groupRest) metadataAge(consumer int) time.Duration {
	const usual, more = 5 * time.Minute, 20 * time.Second
	if age := p.consumerOf[consumer].MetadataAge; age > 0 {
		return age + more
	}
	return usual + more
}

// subscribed are the partitions of all topics that some member reads.
func (p groupRest) subscribed(members []int) (list []kafka.TopicPartition) {
	for _, tp := range p.partitions() {
		if slices.ContainsFunc(members, func(i int) bool {
			return slices.Contains(p.consumerOf[i].Topics, tp.Topic)
		}) {
			list = append(list, tp)
		}
	}
	return list
}

func countOf(list []kafka.TopicPartition, tp kafka.TopicPartition) (n int) {
	for _, other := range list {
		if other == tp {
			n++
		}
	}
	return n
}

// outlived tells whether a consumer is where a topic was that is gone. It waits for another one of
// that name; and if there is one, with an offset that was committed in the one before, for a leader
// as new as that offset, which nobody is (Metadata.currentLeader, 3.9).
func (p groupRest) outlived(c *client.Consumer, tp kafka.TopicPartition) bool {
	state, exists := p.cluster.PartitionState(tp)
	return !exists || c.PositionEpoch(tp) > state.Epoch
}

// whyBehind says which consumers have not read to the end of what they own.
func (p groupRest) whyBehind() (list []cluster.Waiting) {
	for i, id := range p.consumers {
		c, ok := p.world.Process(id).(*client.Consumer)
		if !ok || !p.world.Running(id) || !c.Polling() || p.tooSlow(p.consumerOf[i]) {
			continue
		}
		for _, at := range c.Behind() {
			if p.outlived(c, at.Key) {
				continue
			}
			what := fmt.Sprintf("has no position in %s", at.Key)
			if at.Offset >= 0 {
				what = fmt.Sprintf("has read %s to offset %d, and there is more", at.Key, at.Offset)
			}
			list = append(list, cluster.Waiting{Who: string(id), What: what})
		}
	}
	return list
}
