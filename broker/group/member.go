package group

import (
	"bytes"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// newMemberTimeout bounds the wait of a member that joins for the first time: it does not know its
// id yet and cannot send heartbeats (NewMemberJoinTimeoutMs, GroupCoordinator.scala 3.9).
const newMemberTimeout = 5 * time.Minute

// member is one member of a group.
type member struct {
	id         string
	instance   *string // group.instance.id of a static member
	client     ClientInfo
	session    time.Duration
	rebalance  time.Duration
	protocols  []kmsg.JoinGroupRequestProtocol // in order of preference
	assignment []byte

	join Reply // of the parked JoinGroup, nil if none
	sync Reply // of the parked SyncGroup, nil if none
	// isNew until the first join phase it took part in is over.
	isNew       bool
	syncPending bool       // its SyncGroup of this generation has not come
	deadline    model.Time // when its session ends, see expiresAt
}

// expiresAt is when the member counts as dead, if it does nothing until then. Whoever waits for
// the coordinator is alive; only a new member may not wait for ever.
func (m *member) expiresAt() model.Time {
	if !m.isNew && (m.join != nil || m.sync != nil) {
		return model.Never
	}
	return m.deadline
}

// touch starts the member's session anew.
func (m *member) touch(now model.Time) { m.deadline = now.Add(m.session) }

// metadata is what the member sent for the leader under a protocol.
func (m *member) metadata(protocol string) []byte {
	i := slices.IndexFunc(m.protocols, func(p kmsg.JoinGroupRequestProtocol) bool {
		return p.Name == protocol
	})
	if i < 0 {
		panic("group: member " + m.id + " does not know the chosen protocol " + protocol)
	}
	return m.protocols[i].Metadata
}

// matches tells whether the member would change nothing by joining with these protocols.
func (m *member) matches(protocols []kmsg.JoinGroupRequestProtocol) bool {
	return slices.EqualFunc(m.protocols, protocols, func(a, b kmsg.JoinGroupRequestProtocol) bool {
		return a.Name == b.Name && bytes.Equal(a.Metadata, b.Metadata)
	})
}

// checkMember tells whether a request may speak for the member: Kafka's validateCurrentMember.
func (g *group) checkMember(memberID string, instance *string) wire.Code {
	if instance != nil {
		switch m := g.byInstance[*instance]; {
		case m == nil:
			return wire.UnknownMemberID
		case m.id != memberID:
			return wire.FencedInstanceID
		}
	}
	if g.byID[memberID] == nil {
		return wire.UnknownMemberID
	}
	return wire.None
}

// checkGeneration is checkMember, and the request must be of the current generation.
func (g *group) checkGeneration(memberID string, instance *string, generation int32) wire.Code {
	if code := g.checkMember(memberID, instance); code != wire.None {
		return code
	}
	if generation != g.generation {
		return wire.IllegalGeneration
	}
	return wire.None
}

// newMemberID makes an id no one can guess by accident: the client's own name and a random UUID.
func (r *rebalancer) newMemberID(name string) string {
	const hex = "0123456789abcdef"
	high, low := r.rand.Uint64(), r.rand.Uint64()
	high = high&^0xf000 | 0x4000        // version 4
	low = low&^(3<<62) | 1<<63          // variant 1
	id := make([]byte, 0, len(name)+37) // the name, and '-' with 36 characters
	id = append(append(id, name...), '-')
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			id = append(id, '-')
		}
		x := high
		if i >= 16 {
			x = low
		}
		id = append(id, hex[x>>(60-4*(i%16))&15])
	}
	return string(id)
}
