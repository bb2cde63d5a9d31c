package kafka

import "sandcastle/model"

// Near remembers what was found last for the notes of replicas, so that those which come with every
// record, and are of few replicas, need no look into a map. The zero value is empty.
type Near[V any] struct {
	places [8]nearPlace[V]
	next   int // of places, to be written over
}

// nearPlace is one replica, by the node and the partition of a note.
type nearPlace[V any] struct {
	node      model.NodeID
	topic     string
	partition int32
	found     V
}

// Find is what was found for the replica that a line is about, if that is remembered.
func (x *Near[V]) Find(line *TraceLine) (found V, ok bool) {
	for i := range x.places {
		p := &x.places[i]
		if p.partition == line.Note.Partition && p.node == line.Node && p.topic == line.Note.Topic &&
			p.node != "" {
			return p.found, true
		}
	}
	return found, false
}

// Found remembers what was found for the replica that a line is about.
func (x *Near[V]) Found(line *TraceLine, found V) {
	x.places[x.next] = nearPlace[V]{line.Node, line.Note.Topic, line.Note.Partition, found}
	x.next = (x.next + 1) % len(x.places)
}

// Forget is for when something else would be found now.
func (x *Near[V]) Forget() { *x = Near[V]{} }
