package controller

import (
	"fmt"

	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/model"
)

// stateUpdate is a step that changes the states of some partitions. It goes in rounds: the states
// are read, new ones decided and written. Where the leader wrote in between, the partition goes
// into the next round; the update is done when none is left.
type stateUpdate struct {
	name   string
	states *stateStore
	left   []*partition
	round  int // from 1 once it runs

	// prepare reads what decide needs besides the states of list. May be nil.
	prepare func(out *model.Effects, list []*partition, then chain.Next)
	// decide is the state that p is to have, or false when it stays as it is.
	decide func(out *model.Effects, p *partition) (znode.PartitionState, bool)
	// written ends a round: list are the partitions that have their new state. May be nil.
	written func(out *model.Effects, list []*partition, then chain.Next)
}

func (u *stateUpdate) Run(out *model.Effects, then chain.Next) {
	if len(u.left) == 0 {
		then(out)
		return
	}
	u.round++
	u.states.read(out, u.left, func(out *model.Effects) {
		if u.prepare == nil {
			u.write(out, then)
			return
		}
		u.prepare(out, u.left, func(out *model.Effects) {
			u.write(out, then)
		})
	})
}

func (u *stateUpdate) write(out *model.Effects, then chain.Next) {
	var changes []stateChange
	for _, p := range u.left {
		if s, ok := u.decide(out, p); ok {
			changes = append(changes, stateChange{p, s})
		}
	}
	u.states.write(out, changes, func(out *model.Effects,
		written, late []*partition,
	) {
		u.left = late
		if u.written == nil {
			u.Run(out, then)
			return
		}
		u.written(out, written, func(out *model.Effects) {
			u.Run(out, then)
		})
	})
}

// String implements step: "elect leaders: 3 partitions left, round 2".
func (u *stateUpdate) String() string {
	return fmt.Sprintf("%s: %d partitions left, round %d", u.name, len(u.left), u.round)
}
