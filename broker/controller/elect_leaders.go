// ElectLeaders (key 43): v0–v2.
// Does: preferred and unclean elections of the partitions named, or of all (KIP-460).
// Does not: wait until this broker's metadata names the new leaders.
// State: elect_leaders.go.   Lessons: replication/*.

package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// electionKind is which leaders ElectLeaders asks for, in the protocol's numbers (KIP-460).
type electionKind int8

const (
	preferredLeader electionKind = 0 // the first replica of the assignment
	uncleanLeader   electionKind = 1 // any replica, where there is no leader
)

// electionCodes are the results of elections, by partition.
type electionCodes map[kafka.TopicPartition]wire.Code

// HandleElectLeaders answers ElectLeaders v0–v2: it makes the first replica of each partition the
// leader, or gives partitions without one any live replica
// (KafkaController.processReplicaLeaderElection, 3.9; KIP-460).
func (c *Controller) HandleElectLeaders(out *model.Effects,
	req *kmsg.ElectLeadersRequest, reply Reply,
) {
	kind := electionKind(req.ElectionType)
	if kind != preferredLeader && kind != uncleanLeader {
		// As 4.x (ControllerApis.handleElectLeaders); 3.9 has UNKNOWN_SERVER_ERROR for it.
		resp := kmsg.NewPtrElectLeadersResponse()
		resp.ErrorCode = int16(wire.InvalidRequest)
		reply(out, resp)
		return
	}
	c.whenActive(out, chain.NewLazy("elect leaders", func() chain.Step {
		asked, codes := c.cluster.electionTargets(req)
		return chain.New("elect leaders", c.partitions.elect(kind, asked, codes),
			chain.Action("answer", func(out *model.Effects) {
				reply(out, electionAnswer(codes, req.Topics == nil))
			}))
	}), func(out *model.Effects) { reply(out, electionRefused(req, wire.NotController)) })
}

// electionRefused answers with code for each partition that is named. When none is, Kafka's brokers
// answer for each one that they know; here the answer as a whole carries the code.
func electionRefused(req *kmsg.ElectLeadersRequest, code wire.Code) kmsg.Response {
	codes := electionCodes{}
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

// electionTargets lists the partitions that a request names, all if it names none, with the codes
// for those that cannot be elected for.
func (x *cluster) electionTargets(req *kmsg.ElectLeadersRequest,
) ([]*partition, electionCodes) {
	codes := electionCodes{}
	if req.Topics == nil {
		return x.partitions(func(t *topic, p *partition) bool {
			return t.deletion == nil && p.hasState()
		}), codes
	}
	var list []*partition
	seen := map[*partition]bool{}
	for i := range req.Topics {
		for _, n := range req.Topics[i].Partitions {
			tp := kafka.TopicPartition{Topic: req.Topics[i].Topic, Partition: n}
			p := x.partition(tp)
			switch {
			case p == nil:
				codes[tp] = wire.UnknownTopicOrPartition
			case x.deleting(p):
				codes[tp] = wire.InvalidTopicException
			case !p.hasState() && electionKind(req.ElectionType) == uncleanLeader:
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

// elect elects leaders of one kind for list, and puts the result of each election into codes.
func (m *partitionStateMachine) elect(kind electionKind, list []*partition, codes electionCodes,
) chain.Step {
	outOfSync := map[*partition]bool{} // whose new leader was not in the ISR
	return &stateUpdate{
		name: "elect leaders", states: m.states, left: list,
		decide: func(_ *model.Effects, p *partition) (znode.PartitionState, bool) {
			s, code := m.electOne(p, kind)
			codes[p.tp] = code
			if code != wire.None {
				return s, false
			}
			codes[p.tp] = wire.UnknownServerError // unless it is written
			outOfSync[p] = !slices.Contains(p.state.ISR, s.Leader)
			return s, true
		},
		written: func(out *model.Effects, list []*partition, then chain.Next) {
			for _, p := range list {
				codes[p.tp] = wire.None
				m.announceLeader(out, p, outOfSync[p])
			}
			m.batch.flush(out)
			then(out)
		},
	}
}

// electOne chooses the preferred leader of p, or for an unclean election any that may lead if there
// is none.
func (m *partitionStateMachine) electOne(p *partition, kind electionKind,
) (znode.PartitionState, wire.Code) {
	s, eligible := p.state, m.cluster.eligible(p)
	if kind == uncleanLeader {
		if m.cluster.online(p, s.Leader) {
			return s, wire.ElectionNotNeeded
		}
		s, ok := electOffline(s, p.assignment.Replicas, m.cluster.onlineFor(p), eligible, true)
		if !ok {
			return s, wire.EligibleLeadersNotAvailable
		}
		return s, wire.None
	}
	preferred := p.assignment.Replicas[0]
	switch {
	case s.Leader == preferred:
		return s, wire.ElectionNotNeeded
	case !eligible(preferred) || !slices.Contains(s.ISR, preferred):
		return s, wire.PreferredLeaderNotAvailable
	}
	s.Leader = preferred
	s.LeaderEpoch++
	return s, wire.None
}

// electionAnswer is the response with the result of each partition; when the request was for all,
// only of those that needed an election.
func electionAnswer(codes electionCodes, all bool) *kmsg.ElectLeadersResponse {
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
