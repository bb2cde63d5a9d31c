package group

import (
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// State is where a group stands in its life.
type State uint8

const (
	// Empty: no members. Offsets may be there. A first member leads to PreparingRebalance; time
	// leads to Dead.
	Empty State = iota + 1
	// PreparingRebalance: members are called back; JoinGroup is parked. Leads to
	// CompletingRebalance, or to Empty when nobody came.
	PreparingRebalance
	// CompletingRebalance: a new generation waits for its leader's assignment; SyncGroup is
	// parked. Leads to Stable, or back to PreparingRebalance.
	CompletingRebalance
	// Stable: the generation runs. Leads to PreparingRebalance.
	Stable
	// Dead: unloaded or removed. No request can find the group, only an append that was in flight:
	// where Kafka's threads see such a group and answer COORDINATOR_NOT_AVAILABLE, requests here
	// get NOT_COORDINATOR or UNKNOWN_MEMBER_ID.
	Dead
)

// String is Kafka's name of the state.
func (s State) String() string {
	switch s {
	case Empty:
		return "Empty"
	case PreparingRebalance:
		return "PreparingRebalance"
	case CompletingRebalance:
		return "CompletingRebalance"
	case Stable:
		return "Stable"
	case Dead:
		return "Dead"
	default:
		return fmt.Sprintf("state(%d)", uint8(s))
	}
}

// group is one classic group.
type group struct {
	id          string
	partition   int32 // of __consumer_offsets
	state       State
	sinceMillis int64 // when the state was entered

	// The durable half, changed by apply alone.
	stored    *kmsg.GroupMetadataValue // the last stored generation, nil if none
	storedSeq uint64
	offsets   map[kafka.TopicPartition]commit

	// The rest. Invariant: members, byID and byInstance hold the same members.
	generation   int32
	protocolType string
	protocol     *string // the one chosen for this generation
	leader       string  // member id, "" for none
	members      []*member
	byID         map[string]*member
	byInstance   map[string]*member    // static members by group.instance.id
	pending      map[string]model.Time // ids given out by MEMBER_ID_REQUIRED, with their expiry
	supports     map[string]int        // how many members know the protocol
	parkedJoins  int                   // members with join set
	reads        subscription          // of the last generation
	inFlight     int                   // appends without an answer yet
	// dropped are the commits in flight that have no effect: those of a partition up to this append.
	dropped map[kafka.TopicPartition]uint64
	storing int32 // generation whose assignment is in flight, 0 for none

	// The join phase. While initial, the wait ends with its time alone.
	joinDeadline   model.Time
	initial        bool
	delay          time.Duration // of the running part of the initial wait
	delayLeft      time.Duration // how much longer new members can make it
	newMemberAdded bool
	syncDeadline   model.Time

	timerID uint64
	armed   model.Time // what the timer is set to, or Never
}

func (g *group) becomePreparingRebalance(now model.Time) {
	g.become(now, PreparingRebalance, Empty, CompletingRebalance, Stable)
}

func (g *group) becomeCompletingRebalance(now model.Time) {
	g.become(now, CompletingRebalance, PreparingRebalance)
}

func (g *group) becomeStable(now model.Time) { g.become(now, Stable, CompletingRebalance) }

func (g *group) becomeEmpty(now model.Time) {
	if len(g.members) > 0 {
		panic(fmt.Sprintf("group: %s becomes Empty with %d members", g.id, len(g.members)))
	}
	g.become(now, Empty, PreparingRebalance)
}

func (g *group) becomeDead(now model.Time) {
	g.become(now, Dead, Empty, PreparingRebalance, CompletingRebalance, Stable)
}

func (g *group) become(now model.Time, to State, from ...State) {
	if !slices.Contains(from, g.state) {
		panic(fmt.Sprintf("group: %s goes from %s to %s", g.id, g.state, to))
	}
	g.state, g.sinceMillis = to, now.Millis()
}

// add adds m. The first member decides the group's protocol type; the leader is the first that
// comes when there is none.
func (g *group) add(m *member, protocolType string) {
	if g.byID[m.id] != nil {
		panic(fmt.Sprintf("group: %s has member %s already", g.id, m.id))
	}
	if len(g.members) == 0 {
		g.protocolType = protocolType
	}
	if g.leader == "" {
		g.leader = m.id
	}
	g.members = append(g.members, m)
	g.byID[m.id] = m
	if m.instance != nil {
		g.byInstance[*m.instance] = m
	}
	g.count(m, 1)
	delete(g.pending, m.id)
}

// remove removes m. Whoever is parked must have been answered.
func (g *group) remove(m *member) {
	if m.join != nil {
		panic(fmt.Sprintf("group: %s removes %s, whose JoinGroup is parked", g.id, m.id))
	}
	g.members = slices.DeleteFunc(g.members, func(other *member) bool { return other == m })
	delete(g.byID, m.id)
	if m.instance != nil {
		delete(g.byInstance, *m.instance)
	}
	g.count(m, -1)
	if g.leader == m.id {
		g.leader = ""
		if len(g.members) > 0 {
			g.leader = g.members[0].id
		}
	}
}

// count adds by to the number of members that know each protocol of m.
func (g *group) count(m *member, by int) {
	seen := make(map[string]bool, len(m.protocols))
	for _, p := range m.protocols {
		if seen[p.Name] {
			continue
		}
		seen[p.Name] = true
		if g.supports[p.Name] += by; g.supports[p.Name] == 0 {
			delete(g.supports, p.Name)
		}
	}
}

// accepts tells whether a member with these protocols fits in: one of them is known to all.
func (g *group) accepts(protocolType string, protocols []kmsg.JoinGroupRequestProtocol) bool {
	if g.state == Empty {
		return protocolType != "" && len(protocols) > 0
	}
	return protocolType == g.protocolType &&
		slices.ContainsFunc(protocols, func(p kmsg.JoinGroupRequestProtocol) bool {
			return g.supports[p.Name] == len(g.members)
		})
}

// selectProtocol lets each member vote for the first of its protocols that all know. Most votes
// win; of equals, the one that was voted for first, where Kafka chooses whichever its map has
// first.
func (g *group) selectProtocol() string {
	votes := map[string]int{}
	best := ""
	for _, m := range g.members {
		for _, p := range m.protocols {
			if g.supports[p.Name] == len(g.members) {
				votes[p.Name]++
				break
			}
		}
	}
	for _, m := range g.members {
		for _, p := range m.protocols {
			if votes[p.Name] > votes[best] {
				best = p.Name
			}
		}
	}
	if votes[best] == 0 {
		panic(fmt.Sprintf("group: %s has no protocol that all members know", g.id))
	}
	return best
}

// rebalanceTimeout is the longest that a member may take to come back.
func (g *group) rebalanceTimeout() time.Duration {
	var longest time.Duration
	for _, m := range g.members {
		longest = max(longest, m.rebalance)
	}
	return longest
}

// note is a note on the group; the caller adds further fields.
func (g *group) note(kind kafka.NoteKind, memberID, text string) kafka.Note {
	return kafka.Note{
		Kind: kind, Group: g.id, Member: memberID, Generation: g.generation, Text: text,
	}
}
