// ElectLeaders (key 43): v0–v2.
// Does: preferred and unclean elections of the partitions named, or of all (KIP-460).
// Does not: wait until this broker's metadata names the new leaders.
// State: elect_leaders.go.   Lessons: replication/*.

package controller

import (
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The kinds of election that ElectLeaders asks for.
const (
	electPreferred int8 = 0
	electUnclean   int8 = 1
)

// HandleElectLeaders answers ElectLeaders v0–v2: it makes the first replica of each partition the
// leader, or gives partitions without one any live replica
// (KafkaController.processReplicaLeaderElection, 3.9; KIP-460).
func (c *Controller) HandleElectLeaders(out *model.Effects,
	req *kmsg.ElectLeadersRequest, reply Reply,
) {
	fail := func(out *model.Effects) {
		reply(out, electionRefused(req, wire.NotController))
	}
	switch {
	case !c.active:
		fail(out)
		return
	case req.ElectionType != electPreferred && req.ElectionType != electUnclean:
		reply(out, electionRefused(req, wire.InvalidRequest))
		return
	}
	c.enqueue(out, event{
		run: func(out *model.Effects) {
			asked, codes := c.electionTargets(req)
			c.electBy(out, req.ElectionType == electUnclean, asked, codes,
				func(out *model.Effects) {
					reply(out, electionAnswer(codes, req.Topics == nil))
					c.finish(out)
				})
		},
		abort: fail,
	})
}

// electionRefused answers with code for each partition that is named. Kafka's brokers know the
// names of all others too, and answer for those; here the answer as a whole carries the code then.
func electionRefused(req *kmsg.ElectLeadersRequest, code wire.Code) kmsg.Response {
	codes := map[kafka.TopicPartition]wire.Code{}
	for _, t := range req.Topics {
		for _, n := range t.Partitions {
			codes[kafka.TopicPartition{Topic: t.Topic, Partition: n}] = code
		}
	}
	resp := electionAnswer(codes, false)
	if len(codes) == 0 {
		resp.ErrorCode = int16(code)
	}
	return resp
}

// electionTargets lists the partitions that a request is about, all if it names none, and has a
// code for those that there are not.
func (c *Controller) electionTargets(req *kmsg.ElectLeadersRequest,
) ([]*partition, map[kafka.TopicPartition]wire.Code) {
	codes := map[kafka.TopicPartition]wire.Code{}
	if req.Topics == nil {
		return c.ctx.partitions(func(t *topic, p *partition) bool {
			return t.deletion == nil && p.hasState()
		}), codes
	}
	var list []*partition
	seen := map[*partition]bool{}
	for i := range req.Topics {
		for _, n := range req.Topics[i].Partitions {
			tp := kafka.TopicPartition{Topic: req.Topics[i].Topic, Partition: n}
			p := c.ctx.partition(tp)
			switch {
			case p == nil:
				codes[tp] = wire.UnknownTopicOrPartition
			case c.ctx.topics[tp.Topic].deletion != nil:
				codes[tp] = wire.InvalidTopicException
			case !p.hasState() && req.ElectionType == electUnclean:
				codes[tp] = wire.EligibleLeadersNotAvailable
			case !p.hasState():
				codes[tp] = wire.PreferredLeaderNotAvailable
			case !seen[p]:
				seen[p] = true
				list = append(list, p)
			}
		}
	}
	return list, codes
}

// electBy elects leaders of one kind for list, and puts how each went into codes.
func (c *Controller) electBy(out *model.Effects, unclean bool, list []*partition,
	codes map[kafka.TopicPartition]wire.Code, then next,
) {
	if len(list) == 0 {
		then(out)
		return
	}
	c.readStates(out, list, func(out *model.Effects) {
		var changes []stateChange
		outside := map[*partition]bool{}
		for _, p := range list {
			s, code := c.electOne(p, unclean)
			codes[p.tp] = code
			if code == wire.None {
				codes[p.tp] = wire.UnknownServerError // unless it is written
				changes = append(changes, stateChange{p, s})
				outside[p] = !slices.Contains(p.state.ISR, s.Leader)
			}
		}
		c.writeStates(out, changes, func(out *model.Effects,
			written, late []*partition,
		) {
			for _, p := range written {
				codes[p.tp] = wire.None
				c.announceLeaders(out, []*partition{p}, outside[p])
			}
			c.flush(out)
			c.electBy(out, unclean, late, codes, then)
		})
	})
}

// electOne chooses the preferred leader of p, or for an unclean election any that may lead if there
// is none.
func (c *Controller) electOne(p *partition, unclean bool) (znode.PartitionState, wire.Code) {
	s := p.state
	if unclean {
		if c.ctx.online(p, s.Leader) {
			return s, wire.ElectionNotNeeded
		}
		if s, ok := electOffline(s, p.assignment.Replicas, c.ctx.onlineFor(p), c.eligible(p), true); ok {
			return s, wire.None
		}
		return s, wire.EligibleLeadersNotAvailable
	}
	preferred := p.assignment.Replicas[0]
	switch {
	case s.Leader == preferred:
		return s, wire.ElectionNotNeeded
	case !c.eligible(p)(preferred) || !slices.Contains(s.ISR, preferred):
		return s, wire.PreferredLeaderNotAvailable
	}
	s.Leader = preferred
	s.LeaderEpoch++
	return s, wire.None
}

// electionAnswer tells how each partition went. Whoever asked for all hears only of those that
// needed an election.
func electionAnswer(codes map[kafka.TopicPartition]wire.Code, all bool,
) *kmsg.ElectLeadersResponse {
	var tps []kafka.TopicPartition
	for tp, code := range codes { //unordered: sorted below
		if !all || code != wire.ElectionNotNeeded {
			tps = append(tps, tp)
		}
	}
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	resp := kmsg.NewPtrElectLeadersResponse()
	for _, tp := range tps {
		if n := len(resp.Topics); n == 0 || resp.Topics[n-1].Topic != tp.Topic {
			t := kmsg.NewElectLeadersResponseTopic()
			t.Topic = tp.Topic
			resp.Topics = append(resp.Topics, t)
		}
		part := kmsg.NewElectLeadersResponseTopicPartition()
		part.Partition, part.ErrorCode = tp.Partition, int16(codes[tp])
		if codes[tp] != wire.None {
			why := codes[tp].String()
			part.ErrorMessage = &why
		}
		t := &resp.Topics[len(resp.Topics)-1]
		t.Partitions = append(t.Partitions, part)
	}
	return resp
}

// rebalanceDelay is how long after its election a controller looks for the first time whether
// leaders are spread (KafkaController.onControllerFailover, 3.9).
const rebalanceDelay = 5 * time.Second

// armRebalance sets the time of the next look.
func (c *Controller) armRebalance(out *model.Effects, in time.Duration) {
	if c.cfg.RebalanceInterval > 0 {
		out.SetTimer(c.timer(timerRebalance), out.Now.Add(in))
	}
}

// onRebalanceTimer gives leadership back to the preferred replicas of a broker that leads too few
// of those that prefer it (KafkaController.checkAndTriggerAutoLeaderRebalance, 3.9).
func (c *Controller) onRebalanceTimer(out *model.Effects) {
	if !c.active {
		return
	}
	c.armRebalance(out, c.cfg.RebalanceInterval)
	c.enqueue(out, event{run: func(out *model.Effects) {
		c.electBy(out, false, c.imbalanced(), map[kafka.TopicPartition]wire.Code{}, c.finish)
	}})
}

// imbalanced lists the partitions whose preferred leader could lead and does not, on brokers where
// these are more than RebalancePercentage of all that prefer it.
func (c *Controller) imbalanced() []*partition {
	prefer, away := map[kafka.BrokerID]int64{}, map[kafka.BrokerID][]*partition{}
	for _, p := range c.ctx.partitions(func(t *topic, p *partition) bool {
		return t.deletion == nil && p.hasState()
	}) {
		id := p.assignment.Replicas[0]
		prefer[id]++
		if p.state.Leader != id {
			away[id] = append(away[id], p)
		}
	}
	var list []*partition
	for _, b := range c.ctx.brokers {
		if int64(len(away[b.ID]))*100 <= c.cfg.RebalancePercentage*prefer[b.ID] {
			continue
		}
		for _, p := range away[b.ID] {
			if c.eligible(p)(b.ID) && slices.Contains(p.state.ISR, b.ID) {
				list = append(list, p)
			}
		}
	}
	return list
}
