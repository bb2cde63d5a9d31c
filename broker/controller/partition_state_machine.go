package controller

import (
	"fmt"
	"slices"

	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// partitionStateMachine elects the leaders of partitions, and adds what brokers must know of it to
// the batch (ZkPartitionStateMachine, 3.9).
type partitionStateMachine struct {
	zk      *zkClient
	cluster *cluster
	states  *stateStore
	batch   *requestBatch
	// unclean is unclean.leader.election.enable for topics that do not say.
	unclean bool
}

// electAll elects leaders for every partition that waits for one when the step begins.
func (m *partitionStateMachine) electAll() chain.Step {
	return chain.NewLazy("elect leaders", func() chain.Step {
		fresh, offline := m.cluster.electable()
		return chain.New("elect leaders", m.initialize(fresh), m.electLeaders(offline))
	})
}

// initialize gives new partitions their first leader and ISR. A partition without a live replica
// stays new.
func (m *partitionStateMachine) initialize(fresh []*partition) chain.Step {
	return chain.Do(fmt.Sprintf("initialize %d partitions", len(fresh)),
		func(out *model.Effects, then chain.Next) {
			var changes []stateChange
			for _, p := range fresh {
				s, ok := initialState(p.assignment.Replicas, m.cluster.onlineFor(p), m.cluster.epoch)
				if !ok {
					reportOffline(out, p)
					continue
				}
				changes = append(changes, stateChange{p, s})
			}
			m.states.create(out, changes, func(out *model.Effects,
				created, existing []*partition,
			) {
				m.onInitialized(out, created, existing, then)
			})
		})
}

func (m *partitionStateMachine) onInitialized(out *model.Effects,
	created, existing []*partition, then chain.Next,
) {
	for _, p := range created {
		noteLeader(out, p)
		m.batch.addLeaderAndIsr(p, p.state.ISR, true)
	}
	if len(existing) == 0 {
		then(out)
		return
	}
	// An earlier controller wrote the state, or we did and the answer was lost.
	m.states.read(out, existing, func(out *model.Effects) {
		for _, p := range existing {
			m.states.apply(p, p.state, p.version)
			m.batch.addLeaderAndIsr(p, p.assignment.Replicas, true)
		}
		then(out)
	})
}

// electLeaders finds leaders for partitions whose leader is gone. The state is read first, because
// the old leader may have changed the ISR until its end
// (ZkPartitionStateMachine.doElectLeaderForPartitions, 3.9).
func (m *partitionStateMachine) electLeaders(list []*partition) chain.Step {
	var unclean map[string]bool        // topics that allow it
	outOfSync := map[*partition]bool{} // whose new leader was not in the ISR
	return &stateUpdate{
		name: "elect leaders", states: m.states, left: list,
		prepare: func(out *model.Effects, list []*partition, then chain.Next) {
			m.readUnclean(out, m.withoutLiveISR(list), func(out *model.Effects,
				allowed map[string]bool,
			) {
				unclean = allowed
				then(out)
			})
		},
		decide: func(out *model.Effects, p *partition) (znode.PartitionState, bool) {
			if p.state.ControllerEpoch > m.cluster.epoch {
				// That is a newer controller's business; ours ends as soon as we write anything.
				return p.state, false
			}
			s, ok := electOffline(p.state, p.assignment.Replicas, m.cluster.onlineFor(p),
				m.cluster.eligible(p), unclean[p.tp.Topic])
			if !ok {
				reportOffline(out, p)
				return s, false
			}
			outOfSync[p] = !slices.Contains(p.state.ISR, s.Leader)
			return s, true
		},
		written: func(out *model.Effects, list []*partition, then chain.Next) {
			for _, p := range list {
				m.announceLeader(out, p, outOfSync[p])
			}
			then(out)
		},
	}
}

// announceLeader notes the leader of p, and adds it to the batch for the replicas. unclean says
// that it was not in the ISR.
func (m *partitionStateMachine) announceLeader(out *model.Effects, p *partition, unclean bool) {
	noteLeader(out, p)
	if unclean {
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.UncleanElected, Topic: p.tp.Topic, Partition: p.tp.Partition,
			Broker: p.state.Leader, Epoch: p.state.LeaderEpoch,
		})
	}
	m.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
}

// withoutLiveISR lists the topics of list that have a partition whose ISR is offline altogether. In
// list the partitions of a topic stand together.
func (m *partitionStateMachine) withoutLiveISR(list []*partition) []string {
	var names []string
	for _, p := range list {
		last := len(names) > 0 && names[len(names)-1] == p.tp.Topic
		if !last && !slices.ContainsFunc(p.state.ISR, m.cluster.onlineFor(p)) {
			names = append(names, p.tp.Topic)
		}
	}
	return names
}

// readUnclean looks up which of topics allow unclean leader election, by their own setting or the
// broker's.
func (m *partitionStateMachine) readUnclean(out *model.Effects, topics []string,
	then func(*model.Effects, map[string]bool),
) {
	reads := make([]request, len(topics))
	for i, name := range topics {
		reads[i] = request{kind: opGet, path: znode.TopicConfigPath(name)}
	}
	m.zk.submit(out, reads, func(out *model.Effects, r []result) {
		unclean := map[string]bool{}
		for i, name := range topics {
			unclean[name] = m.unclean
			config, err := znode.DecodeConfig(r[i].data)
			if value, ok := config["unclean.leader.election.enable"]; ok && err == nil {
				unclean[name] = value == "true"
			}
		}
		then(out, unclean)
	})
}

// noteLeader notes that p has a new leader.
func noteLeader(out *model.Effects, p *partition) {
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.LeaderElected, Topic: p.tp.Topic, Partition: p.tp.Partition,
		Broker: p.state.Leader, Epoch: p.state.LeaderEpoch, Brokers: slices.Clone(p.state.ISR),
	})
}

// reportOffline notes once that p has no eligible leader.
func reportOffline(out *model.Effects, p *partition) {
	if p.reported {
		return
	}
	p.reported = true
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.PartitionOffline, Topic: p.tp.Topic, Partition: p.tp.Partition,
		Epoch: p.state.LeaderEpoch, Brokers: slices.Clone(p.state.ISR),
	})
}
