package controller

import (
	"slices"

	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// stateStore reads and writes the state nodes of partitions. What is read or written goes into the
// partitions.
type stateStore struct {
	zk      *zkClient
	cluster *cluster
}

// read refreshes the states of list from ZooKeeper. One that cannot be read stays as it is.
func (st *stateStore) read(out *model.Effects, list []*partition, then chain.Next) {
	reads := make([]request, len(list))
	for i, p := range list {
		reads[i] = request{kind: opGet, path: znode.PartitionStatePath(p.tp)}
	}
	st.zk.submit(out, reads, func(out *model.Effects, r []result) {
		for i, p := range list {
			if r[i].code != zookeeper.ErrNone {
				continue
			}
			if s, err := znode.DecodePartitionState(p.tp, r[i].data); err == nil {
				p.state, p.version = s, r[i].stat.Version
			}
		}
		then(out)
	})
}

// stateChange is a state that is to be written for p.
type stateChange struct {
	p     *partition
	state znode.PartitionState
}

// create writes the first states of partitions and applies those that were written. existing are
// the partitions that have one already.
func (st *stateStore) create(out *model.Effects, changes []stateChange,
	then func(out *model.Effects, created, existing []*partition),
) {
	st.createParents(out, changes, func(out *model.Effects) {
		writes := make([]request, len(changes))
		for i := range changes {
			writes[i] = request{kind: opCreate, path: znode.PartitionStatePath(changes[i].p.tp),
				guarded: true, data: znode.EncodePartitionState(changes[i].state)}
		}
		st.zk.submit(out, writes, func(out *model.Effects, r []result) {
			var created, existing []*partition
			for i, change := range changes {
				switch r[i].code {
				case zookeeper.ErrNone:
					st.apply(change.p, change.state, 0)
					created = append(created, change.p)
				case zookeeper.ErrNodeExists:
					existing = append(existing, change.p)
				}
			}
			then(out, created, existing)
		})
	})
}

// createParents makes the nodes above the states.
func (st *stateStore) createParents(out *model.Effects, changes []stateChange,
	then chain.Next,
) {
	var writes []request
	for i := range changes {
		tp := changes[i].p.tp
		if i == 0 || changes[i-1].p.tp.Topic != tp.Topic {
			writes = append(writes,
				request{kind: opCreate, path: znode.PartitionsPath(tp.Topic), guarded: true})
		}
		writes = append(writes, request{kind: opCreate, path: znode.PartitionPath(tp), guarded: true})
	}
	st.zk.submit(out, writes, func(out *model.Effects, _ []result) {
		then(out)
	})
}

// write writes states at the versions last read and applies those that were written. late are the
// partitions whose leader wrote first; their states must be read again.
func (st *stateStore) write(out *model.Effects, changes []stateChange,
	then func(out *model.Effects, written, late []*partition),
) {
	writes := make([]request, len(changes))
	for i := range changes {
		changes[i].state.ControllerEpoch = st.cluster.epoch
		writes[i] = request{kind: opSet, path: znode.PartitionStatePath(changes[i].p.tp), guarded: true,
			data: znode.EncodePartitionState(changes[i].state), version: changes[i].p.version}
	}
	st.zk.submit(out, writes, func(out *model.Effects, r []result) {
		var written []*partition
		var unsure []stateChange
		for i, change := range changes {
			switch r[i].code {
			case zookeeper.ErrNone:
				st.apply(change.p, change.state, r[i].stat.Version)
				written = append(written, change.p)
			case zookeeper.ErrBadVersion:
				unsure = append(unsure, change)
			}
		}
		st.findOwnWrites(out, written, unsure, then)
	})
}

// findOwnWrites reads states again that had another version than expected. One that equals what was
// to be written was written: the connection broke before the answer came, and the second try
// failed. Kafka 3.9 mistakes that for a leader's write, and elects once more.
func (st *stateStore) findOwnWrites(out *model.Effects, written []*partition,
	unsure []stateChange,
	then func(out *model.Effects, written, late []*partition),
) {
	if len(unsure) == 0 {
		then(out, written, nil)
		return
	}
	list := make([]*partition, len(unsure))
	for i := range unsure {
		list[i] = unsure[i].p
	}
	st.read(out, list, func(out *model.Effects) {
		var late []*partition
		for i, p := range list {
			if !p.state.Equal(unsure[i].state) {
				late = append(late, p)
				continue
			}
			st.apply(p, p.state, p.version)
			written = append(written, p)
		}
		slices.SortFunc(written, comparePartitions)
		then(out, written, late)
	})
}

// apply makes a state that ZooKeeper has at version the known one.
func (st *stateStore) apply(p *partition, s znode.PartitionState, version int32) {
	p.state, p.version = s, version
	p.phase = partitionOffline
	if st.cluster.online(p, s.Leader) {
		p.phase, p.reported = partitionOnline, false
	}
}
