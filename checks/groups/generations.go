package groups

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Generations finds a generation that is older than one that was given out or stored before.
func (f *Facts) Generations(x *kafka.GroupExchange) []Violation {
	g := f.groups[x.Group]
	if x.API != kafka.JoinGroup || !x.Answered || x.Code != 0 || g == nil ||
		!f.rules(x.Broker, x.Partition) {
		return nil
	}
	return f.olderGeneration(g, x.Join.Generation, witness(x), x.At)
}

func (f *Facts) olderGeneration(g *group, now int32, seen kafka.Witness, at model.Time,
) []Violation {
	before := g.synced
	if g.latestIn == f.reign(g.partition).number {
		before = max(before, g.latest)
	}
	if now >= before || g.restarts || f.nothingLeft(g, at) {
		return nil
	}
	v := Violation{
		Anomaly: kafka.RegressedGeneration, Identity: fmt.Sprint(g.name, now, before),
		Explanation: fmt.Sprintf("%s went back to generation %d after generation %d", g.name, now,
			before),
		Witnesses: []kafka.Witness{seen},
	}
	if gen := g.generations[before]; gen != nil {
		v.Witnesses = []kafka.Witness{gen.seen, seen}
	}
	return []Violation{v}
}

// nothingLeft tells whether the coordinator may have forgotten the group: nobody is a member, and
// no committed offset stands.
func (f *Facts) nothingLeft(g *group, now model.Time) bool {
	for _, m := range g.members { //unordered: one is enough
		if m.gone == nil && m.joined {
			return false
		}
	}
	for _, r := range g.offsets { //unordered: one is enough
		last := r.last(now)
		if last != nil && !last.gone && r.void < 0 && !f.mayHaveExpired(g, last, now) {
			return false
		}
	}
	return true
}

// Torn finds members of one generation that were told different things.
func (f *Facts) Torn(x *kafka.GroupExchange) []Violation {
	g := f.groups[x.Group]
	if g == nil || x.Code != 0 || !f.rules(x.Broker, x.Partition) {
		return nil
	}
	why, before := "", kafka.Witness{}
	switch {
	case x.API == kafka.JoinGroup && x.Answered:
		why, before = f.tornJoin(g, x)
	case x.API == kafka.SyncGroup && x.Answered:
		why, before = g.tornSync(x)
	}
	if why == "" {
		return nil
	}
	v := Violation{
		Anomaly: kafka.TornGeneration, Identity: fmt.Sprint(g.name, x.Member, why),
		Explanation: fmt.Sprintf("%s: %s", g.name, why), Witnesses: []kafka.Witness{witness(x)},
	}
	if before.Text != "" {
		v.Witnesses = []kafka.Witness{before, witness(x)}
	}
	return []Violation{v}
}

func (f *Facts) tornJoin(g *group, x *kafka.GroupExchange) (string, kafka.Witness) {
	j := x.Join
	if x.Member != "" && j.Given != x.Member {
		return fmt.Sprintf("%s asked as member %q and was answered as %q", x.Client, x.Member, j.Given),
			kafka.Witness{}
	}
	if m := g.members[j.Given]; m != nil && m.client != "" && m.client != x.Client {
		return fmt.Sprintf("%s and %s are both member %q", m.client, x.Client, j.Given), kafka.Witness{}
	}
	if _, known := j.Supports(j.Protocol); !known {
		return fmt.Sprintf("protocol %q was chosen for generation %d, which %q does not know", j.Protocol,
			j.Generation, j.Given), kafka.Witness{}
	}
	if gen := g.generations[j.Generation]; gen != nil && !f.nothingLeft(g, x.At) &&
		(gen.reign == f.reign(g.partition).number || gen.number <= g.synced) {
		switch {
		case gen.protocol != j.Protocol:
			return fmt.Sprintf("generation %d has protocols %q and %q", gen.number, gen.protocol,
				j.Protocol), gen.seen
		case !g.same(gen.leader, j.Leader) && !g.takesOver(gen.leader, x):
			return fmt.Sprintf("generation %d has leaders %q and %q", gen.number, gen.leader,
				j.Leader), gen.seen
		}
	}
	return g.tornList(x)
}

// takesOver tells whether a leader of another id may have the place of one: it has its
// group.instance.id, which begins the ids of static members. Who dies before it is answered is told
// of by others alone.
func (g *group) takesOver(member string, x *kafka.GroupExchange) bool {
	m := g.members[member]
	return m == nil || x.Instance != nil && m.instance == *x.Instance ||
		m.instance != "" && g.members[x.Join.Leader] == nil &&
			strings.HasPrefix(x.Join.Leader, m.instance+"-")
}

// tornList looks at the members that the leader was told of.
func (g *group) tornList(x *kafka.GroupExchange) (string, kafka.Witness) {
	j := x.Join
	if j.Leader == j.Given && len(j.Members) == 0 {
		return fmt.Sprintf("%q leads generation %d and was told of no members", j.Given, j.Generation),
			kafka.Witness{}
	}
	own := len(j.Members) == 0
	for i := range j.Members {
		m := &j.Members[i]
		own = own || m.Name == j.Given
		if slices.ContainsFunc(j.Members[:i], func(o kafka.GroupMemberData) bool {
			return o.Name == m.Name
		}) {
			return fmt.Sprintf("the leader was told of %q twice", m.Name), kafka.Witness{}
		}
		asked := g.members[m.Name]
		if m.Name == j.Given || asked == nil || len(asked.asked) == 0 {
			continue
		}
		if !slices.ContainsFunc(asked.asked, func(a *kafka.JoinExchange) bool {
			data, known := a.Supports(j.Protocol)
			return known && bytes.Equal(data, m.Data)
		}) {
			return fmt.Sprintf("the leader of generation %d was told that %q has metadata which it never "+
				"sent for protocol %q", j.Generation, m.Name, j.Protocol), kafka.Witness{}
		}
	}
	if !own {
		return fmt.Sprintf("the leader of generation %d was told of members without itself",
			j.Generation), kafka.Witness{}
	}
	return "", kafka.Witness{}
}

// tornSync compares what a member was given with what the leader gave it.
func (g *group) tornSync(x *kafka.GroupExchange) (string, kafka.Witness) {
	gen := g.generations[x.Generation]
	if gen == nil {
		return "", kafka.Witness{}
	}
	if len(gen.plans) == 0 {
		return fmt.Sprintf("%q was given an assignment in generation %d, and its leader %q has made none",
			x.Member, x.Generation, gen.leader), gen.seen
	}
	for _, plan := range gen.plans {
		if bytes.Equal(g.planned(plan, x.Member).Data, x.Assignment) {
			return "", kafka.Witness{}
		}
	}
	return fmt.Sprintf("%q was given another assignment in generation %d than the leader made for it",
		x.Member, x.Generation), gen.seen
}

// planned is what a plan has for a member, or for the one whose place it took.
func (g *group) planned(plan map[string]kafka.GroupMemberData, id string) kafka.GroupMemberData {
	if data, ok := plan[id]; ok {
		return data
	}
	for name, data := range plan { //unordered: one member has the instance
		if g.same(name, id) {
			return data
		}
	}
	return kafka.GroupMemberData{}
}

// Owners finds a partition that a leader gave to two members.
func (f *Facts) Owners(x *kafka.GroupExchange) (list []Violation) {
	if x.API != kafka.SyncGroup || x.Answered {
		return nil
	}
	owners := map[kafka.TopicPartition]string{}
	for i := range x.Assignments {
		a := &x.Assignments[i]
		for _, tp := range a.Owned {
			if other, owned := owners[tp]; owned {
				list = append(list, Violation{
					Anomaly: kafka.DoubleOwner, Identity: fmt.Sprint(x.Group, x.Generation, tp),
					Explanation: fmt.Sprintf("the leader of %s gave %s to members %q and %q in generation %d",
						x.Group, tp, other, a.Name, x.Generation),
					Witnesses: []kafka.Witness{witness(x)},
				})
			}
			owners[tp] = a.Name
		}
	}
	return list
}

// Taken compares what a client took for its own with what it was given.
func (f *Facts) Taken(line *kafka.TraceLine) []Violation {
	n := &line.Note
	g := f.groups[n.Group]
	if n.Kind != kafka.PartitionsAssigned || g == nil {
		return nil
	}
	m := g.members[n.Member]
	if m == nil || !m.owned || m.givenIn != n.Generation {
		return nil
	}
	given, took := slices.Clone(m.given), slices.Clone(n.Partitions)
	slices.SortFunc(given, kafka.TopicPartition.Compare)
	slices.SortFunc(took, kafka.TopicPartition.Compare)
	if slices.Equal(given, took) {
		return nil
	}
	return []Violation{{
		Anomaly: kafka.TornGeneration, Identity: fmt.Sprint(n.Group, n.Member, n.Generation, "took"),
		Explanation: fmt.Sprintf("%s: member %q took %v in generation %d, and was given %v", n.Group,
			n.Member, took, n.Generation, given),
		Witnesses: []kafka.Witness{{
			Op: -1, Seq: line.Seq, At: line.At, Who: string(line.Node), Text: n.String(),
		}},
	}}
}
