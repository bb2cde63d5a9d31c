package checks

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ownership is the right to read a partition for a group in one generation.
type ownership struct {
	group      string
	generation int32
	tp         kafka.TopicPartition
}

// owner is who had it first.
type owner struct {
	member string
	seen   kafka.Witness
}

// observeOwner remembers the first member that owned a partition in a generation: each generation
// has one assignment. A member of an older generation may not have heard of the next one yet; its
// commits are fenced.
func (w *Watcher) observeOwner(line *kafka.TraceLine) (list []violation) {
	n := &line.Note
	if n.Kind != kafka.PartitionsAssigned || n.Group == "" || n.Generation < 0 {
		return nil
	}
	now := owner{n.Member, kafka.Witness{
		Op: -1, Seq: line.Seq, At: line.At, Who: string(line.Node), Text: n.String(),
	}}
	for _, tp := range n.Partitions {
		key := ownership{n.Group, n.Generation, tp}
		before, owned := w.owners[key]
		if owned && before.member == n.Member {
			continue
		}
		// A static member that was started again is another member of the same generation, with what
		// it had before (KIP-345): one client does not own a partition beside itself.
		if !owned || before.seen.Who == string(line.Node) {
			w.owners[key] = now
			continue
		}
		list = append(list, doubleOwnerOf(key, before, now))
	}
	return list
}

// doubleOwners finds members that own the same partition in the same generation at the same time,
// each by its own account.
func doubleOwners(_ *Watcher, v *look) (list []violation) {
	first := map[ownership]*kafka.MemberView{}
	for i := range v.Members {
		m := &v.Members[i]
		if m.Group == "" || m.Generation < 0 {
			continue
		}
		for _, tp := range m.Owned {
			key := ownership{m.Group, m.Generation, tp}
			before, owned := first[key]
			switch {
			case !owned:
				first[key] = m
			case before.Member != m.Member:
				list = append(list, doubleOwnerOf(key, key.ownedBy(before, v.At), key.ownedBy(m, v.At)))
			}
		}
	}
	return list
}

// ownedBy is a member that says at a time that it owns k's partition.
func (k ownership) ownedBy(m *kafka.MemberView, at model.Time) owner {
	return owner{m.Member, kafka.Witness{
		Op: -1, At: at, Who: string(m.Client),
		Text: fmt.Sprintf("owns %s in generation %d of %s", k.tp, k.generation, k.group),
	}}
}

func doubleOwnerOf(key ownership, a, b owner) violation {
	return violation{
		anomaly:  kafka.DoubleOwner,
		identity: fmt.Sprint(key.group, key.generation, key.tp),
		explanation: fmt.Sprintf("members %q and %q of %s both owned %s in generation %d", a.member,
			b.member, key.group, key.tp, key.generation),
		witnesses: []kafka.Witness{a.seen, b.seen},
	}
}
