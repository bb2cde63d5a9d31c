package groups

import (
	"fmt"

	"sandcastle/model/kafka"
)

// Fenced finds who was let through that had lost the right: a commit of an older generation, of a
// member that is gone or whose place another took, or of one that the generation never had
// (stale-commit); and a heartbeat of such a one that was answered without error (zombie-member).
func (f *Facts) Fenced(x *kafka.GroupExchange) []Violation {
	anomaly := kafka.StaleCommit
	switch {
	case !x.Answered || x.Code != 0 || x.Generation < 0 || !f.rules(x.Broker, x.Partition):
		return nil
	case x.API == kafka.CommitOffsets:
		if !anyAccepted(x) {
			return nil
		}
	case x.API == kafka.Heartbeat || x.API == kafka.SyncGroup:
		anomaly = kafka.ZombieMember
	default:
		return nil
	}
	g, r := f.groups[x.Group], f.reign(x.Partition)
	if g == nil || x.Asked < r.since {
		return nil
	}
	why, seen := g.fenced(x, r.number)
	if why == "" {
		return nil
	}
	return []Violation{{
		Anomaly: anomaly, Identity: fmt.Sprint(x.Group, x.Member, x.Generation, why),
		Explanation: fmt.Sprintf("%s of %q in generation %d of %s was accepted: %s", x.API, x.Member,
			x.Generation, x.Group, why),
		Witnesses: []kafka.Witness{seen, witness(x)},
	}}
}

func anyAccepted(x *kafka.GroupExchange) bool {
	for i := range x.Offsets {
		if x.Offsets[i].Code == 0 {
			return true
		}
	}
	return false
}

// fenced says why a member may not do what it asked for in a reign, "" when it may.
func (g *group) fenced(x *kafka.GroupExchange, reign int) (string, kafka.Witness) {
	m, gen := g.members[x.Member], g.generations[x.Generation]
	newer := g.generations[g.latest]
	switch {
	case m != nil && m.gone != nil && m.goneIn == reign && m.gone.At < x.Asked:
		return "it was out of the group", *m.gone
	case g.latestIn == reign && newer != nil && x.Generation < g.latest && newer.seen.At < x.Asked:
		return fmt.Sprintf("generation %d had begun", g.latest), newer.seen
	case x.Generation < g.synced && g.generations[g.synced] != nil &&
		g.generations[g.synced].seen.At < x.Asked:
		return fmt.Sprintf("generation %d was stored", g.synced), g.generations[g.synced].seen
	case gen != nil && gen.reign == reign && !gen.has(g, x.Member):
		return "it is no member of that generation", gen.seen
	}
	return "", kafka.Witness{}
}

// has tells whether a member was told of the generation.
func (n *generation) has(g *group, id string) bool {
	if n.members[id] {
		return true
	}
	for other := range n.members { //unordered: one is enough
		if g.same(other, id) {
			return true
		}
	}
	return false
}
