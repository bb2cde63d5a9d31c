package reports

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ownership is a stretch of time in which a member of a group owned a partition, or was in the
// group without one.
type ownership struct {
	node     model.NodeID
	tp       kafka.TopicPartition // zero for an idle member
	from, to model.Time
	// dead is true when the member is dead and the coordinator does not know yet: nobody reads.
	dead bool
	open bool
}

// groupStory is who owned what in one group.
type groupStory struct {
	group      string
	members    []model.NodeID
	partitions []kafka.TopicPartition
	owned      []ownership // in order of beginning
}

// owners collects ownership by group.
type owners struct {
	groups []*groupStory
	// clients finds the node of a member id.
	clients map[string]model.NodeID
	// last is what each member of a group was given last.
	last map[memberKey][]kafka.TopicPartition
}

type memberKey struct {
	group string
	node  model.NodeID
}

func newOwners() owners {
	return owners{clients: map[string]model.NodeID{}, last: map[memberKey][]kafka.TopicPartition{}}
}

func (o *owners) group(name string) *groupStory {
	for _, g := range o.groups {
		if g.group == name {
			return g
		}
	}
	g := &groupStory{group: name}
	o.groups = append(o.groups, g)
	return g
}

// onAssigned starts what l.Node owns now. Whatever it owned before and does not now has ended.
// It returns false when the member gets what it had before.
func (o *owners) onAssigned(l *kafka.TraceLine) (news bool) {
	g, n := o.group(l.Note.Group), &l.Note
	key := memberKey{n.Group, l.Node}
	had, again := o.last[key]
	o.last[key] = n.Partitions
	o.clients[n.Member] = l.Node
	if !slices.Contains(g.members, l.Node) {
		g.members = append(g.members, l.Node)
	}
	g.end(l.At, func(w *ownership) bool {
		return w.node == l.Node && (w.dead || !slices.Contains(n.Partitions, w.tp))
	})
	if len(n.Partitions) == 0 {
		g.begin(l.At, l.Node, kafka.TopicPartition{}, false)
	}
	for _, tp := range n.Partitions {
		g.end(l.At, func(w *ownership) bool { return w.tp == tp && w.dead })
		g.begin(l.At, l.Node, tp, false)
	}
	return !again || !slices.Equal(had, n.Partitions)
}

func (o *owners) onRevoked(l *kafka.TraceLine) {
	o.group(l.Note.Group).end(l.At, func(w *ownership) bool {
		return w.node == l.Node && slices.Contains(l.Note.Partitions, w.tp)
	})
}

// onMemberLeft ends what is still held in the name of a member that the coordinator let go.
func (o *owners) onMemberLeft(l *kafka.TraceLine) {
	node, ok := o.clients[l.Note.Member]
	if !ok {
		return
	}
	o.group(l.Note.Group).end(l.At, func(w *ownership) bool { return w.node == node })
}

// onDeath turns what node owns into partitions that nobody reads.
func (o *owners) onDeath(at model.Time, node model.NodeID) {
	for _, g := range o.groups {
		var held []kafka.TopicPartition
		g.end(at, func(w *ownership) bool {
			if w.node == node && !w.dead {
				held = append(held, w.tp)
				return true
			}
			return false
		})
		for _, tp := range held {
			g.begin(at, node, tp, true)
		}
	}
}

func (g *groupStory) begin(at model.Time, node model.NodeID, tp kafka.TopicPartition, dead bool) {
	if tp.Topic != "" && !slices.Contains(g.partitions, tp) {
		g.partitions = append(g.partitions, tp)
	}
	for i := range g.owned {
		if w := &g.owned[i]; w.open && w.node == node && w.tp == tp {
			return
		}
	}
	g.owned = append(g.owned, ownership{node: node, tp: tp, from: at, dead: dead, open: true})
}

func (g *groupStory) end(at model.Time, match func(*ownership) bool) {
	for i := range g.owned {
		if w := &g.owned[i]; w.open && match(w) {
			w.to, w.open = at, false
		}
	}
}

// finish returns the groups by name, with members and partitions sorted, what is open ended at end.
func (o *owners) finish(end model.Time) []groupStory {
	var out []groupStory
	for _, g := range o.groups {
		c := groupStory{group: g.group, members: slices.Clone(g.members),
			partitions: slices.Clone(g.partitions), owned: slices.Clone(g.owned)}
		slices.SortFunc(c.members, compareNodes)
		slices.SortFunc(c.partitions, kafka.TopicPartition.Compare)
		for i := range c.owned {
			if c.owned[i].open {
				c.owned[i].to = end
			}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b groupStory) int {
		if a.group < b.group {
			return -1
		}
		return 1
	})
	return out
}
