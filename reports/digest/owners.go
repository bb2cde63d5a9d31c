package digest

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Ownership is a stretch of time in which a member of a group owned a partition, or was in the
// group without one.
type Ownership struct {
	Node     model.NodeID
	TP       kafka.TopicPartition // zero for an idle member
	From, To model.Time
	// Dead is true when the member is dead and the coordinator does not know yet: nobody reads.
	Dead bool
	open bool
}

// Group is who owned what in one group.
type Group struct {
	Name       string
	Members    []model.NodeID
	Partitions []kafka.TopicPartition
	Owned      []Ownership // in order of beginning
}

// owners collects ownership by group.
type owners struct {
	groups []*Group
	// clients finds the node of a member id.
	clients map[string]model.NodeID
	// last is the latest assignment of each member of a group.
	last map[memberKey][]kafka.TopicPartition
}

type memberKey struct {
	group string
	node  model.NodeID
}

func newOwners() owners {
	return owners{clients: map[string]model.NodeID{}, last: map[memberKey][]kafka.TopicPartition{}}
}

func (o *owners) group(name string) *Group {
	for _, g := range o.groups {
		if g.Name == name {
			return g
		}
	}
	g := &Group{Name: name}
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
	if !slices.Contains(g.Members, l.Node) {
		g.Members = append(g.Members, l.Node)
	}
	g.end(l.At, func(w *Ownership) bool {
		return w.Node == l.Node && (w.Dead || !slices.Contains(n.Partitions, w.TP))
	})
	if len(n.Partitions) == 0 {
		g.begin(l.At, l.Node, kafka.TopicPartition{}, false)
	}
	for _, tp := range n.Partitions {
		g.end(l.At, func(w *Ownership) bool { return w.TP == tp && w.Dead })
		g.begin(l.At, l.Node, tp, false)
	}
	return !again || !slices.Equal(had, n.Partitions)
}

func (o *owners) onRevoked(l *kafka.TraceLine) {
	o.group(l.Note.Group).end(l.At, func(w *Ownership) bool {
		return w.Node == l.Node && slices.Contains(l.Note.Partitions, w.TP)
	})
}

// onMemberLeft ends what is still held in the name of a member that the coordinator let go.
func (o *owners) onMemberLeft(l *kafka.TraceLine) {
	node, ok := o.clients[l.Note.Member]
	if !ok {
		return
	}
	o.group(l.Note.Group).end(l.At, func(w *Ownership) bool { return w.Node == node })
}

// onDeath turns what node owns into partitions that nobody reads.
func (o *owners) onDeath(at model.Time, node model.NodeID) {
	for _, g := range o.groups {
		var held []kafka.TopicPartition
		g.end(at, func(w *Ownership) bool {
			if w.Node == node && !w.Dead {
				held = append(held, w.TP)
				return true
			}
			return false
		})
		for _, tp := range held {
			g.begin(at, node, tp, true)
		}
	}
}

func (g *Group) begin(at model.Time, node model.NodeID, tp kafka.TopicPartition, dead bool) {
	if tp.Topic != "" && !slices.Contains(g.Partitions, tp) {
		g.Partitions = append(g.Partitions, tp)
	}
	for i := range g.Owned {
		if w := &g.Owned[i]; w.open && w.Node == node && w.TP == tp {
			return
		}
	}
	g.Owned = append(g.Owned, Ownership{Node: node, TP: tp, From: at, Dead: dead, open: true})
}

func (g *Group) end(at model.Time, match func(*Ownership) bool) {
	for i := range g.Owned {
		if w := &g.Owned[i]; w.open && match(w) {
			w.To, w.open = at, false
		}
	}
}

// finish returns the groups by name, with members and partitions sorted, what is open ended at end.
func (o *owners) finish(end model.Time) []Group {
	var out []Group
	for _, g := range o.groups {
		c := Group{Name: g.Name, Members: slices.Clone(g.Members),
			Partitions: slices.Clone(g.Partitions), Owned: slices.Clone(g.Owned)}
		slices.SortFunc(c.Members, CompareNodes)
		slices.SortFunc(c.Partitions, kafka.TopicPartition.Compare)
		for i := range c.Owned {
			if c.Owned[i].open {
				c.Owned[i].To = end
			}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Group) int { return compareNames(a.Name, b.Name) })
	return out
}
