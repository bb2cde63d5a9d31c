package cluster

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Topics is which topics of a scenario there are now, since when, and how many partitions they
// have.
type Topics struct {
	first  map[string]int   // partitions by the scenario
	made   map[string]int   // partitions that the timeline created it with
	grown  map[string][]int // how many they were to get, unless that was refused
	absent map[string]bool  // it is not there
	// changed is when topics or partitions last came or went.
	changed model.Time
	since   map[string]model.Time // when a topic that was deleted was created again, Never before that
}

// NewTopics returns Topics of which there are none.
func NewTopics() *Topics {
	return &Topics{
		first: map[string]int{}, made: map[string]int{}, grown: map[string][]int{},
		absent: map[string]bool{}, since: map[string]model.Time{},
	}
}

// Declare adds a topic of the scenario; absent is one that only the timeline creates.
func (x *Topics) Declare(name string, partitions int, absent bool) {
	x.first[name] = partitions
	if absent {
		x.absent[name] = true
	}
}

// Partitions is how many partitions a topic has by now.
func (x *Topics) Partitions(name string) int {
	if x.absent[name] {
		return 0
	}
	first := x.first[name]
	if n := x.made[name]; n > 0 {
		first = n
	}
	return slices.Max(append(slices.Clone(x.grown[name]), first))
}

// Changed is when a topic or a partition last came or went.
func (x *Topics) Changed() model.Time { return x.changed }

// Make says with how many partitions a topic that is not there is created.
func (x *Topics) Make(name string, partitions int) { x.made[name] = partitions }

// Grow says that a topic is to get so many partitions.
func (x *Topics) Grow(name string, partitions int) {
	x.grown[name] = append(x.grown[name], partitions)
}

// Refuse takes one Grow back.
func (x *Topics) Refuse(name string, partitions int) {
	if i := slices.Index(x.grown[name], partitions); i >= 0 {
		x.grown[name] = slices.Delete(x.grown[name], i, i+1)
	}
}

// Observe follows the topics that come and go. It takes any line.
func (x *Topics) Observe(line *kafka.TraceLine) {
	name := line.Note.Topic
	if line.Note.Kind == kafka.TopicDeleted || line.Note.Kind == kafka.TopicCreated ||
		line.Note.Kind == kafka.LeaderElected && line.Note.Epoch == 0 {
		x.changed = line.At
	}
	switch line.Note.Kind {
	case kafka.TopicDeleted:
		x.absent[name], x.since[name] = true, model.Never
		delete(x.grown, name)
		delete(x.made, name)
	case kafka.TopicCreated:
		if n := len(line.Note.Replicas); n > 0 { // several requests may have been open
			x.made[name] = n
		}
		if _, again := x.since[name]; again {
			x.since[name] = line.At
		}
		delete(x.absent, name)
	}
}

// Judged is the history without what concerns topics that were deleted, up to when they were
// created again: their records are rightly gone, and their offsets begin anew. What is left out is
// blank, so that every line keeps its place.
func (x *Topics) Judged(all kafka.Operations) kafka.Operations {
	if len(x.since) == 0 {
		return all
	}
	gone := func(topic string, at model.Time) bool {
		since, deleted := x.since[topic]
		return deleted && at < since
	}
	h := make(kafka.History, all.Len())
	began := map[int]model.Time{} // by process: when its operation was invoked
	// before are the values that were sent to a topic before it was made again. A consumer may return
	// what it fetched from the one that is gone.
	before := map[string]bool{}
	for i := range h {
		h[i] = *all.At(i)
		op := &h[i]
		if op.Type == kafka.Invoke {
			began[op.Process] = op.Time
		}
		at := began[op.Process]
		value := slices.Clone(op.Value)
		for j := range value {
			if m := &value[j]; m.F == kafka.FSend && gone(m.Key.Topic, at) {
				before[m.Value] = true
			}
			value[j].Polled = slices.DeleteFunc(slices.Clone(value[j].Polled),
				func(r kafka.PolledRecords) bool { return gone(r.Key.Topic, at) })
			x.leaveOut(before, value[j].Polled)
		}
		op.Value = value
		op.Offsets = slices.DeleteFunc(slices.Clone(op.Offsets),
			func(o kafka.PartitionOffset) bool { return gone(o.Key.Topic, at) })
		switch {
		case op.F == kafka.FSend && len(value) > 0 && gone(value[0].Key.Topic, at):
			op.F, op.Value = kafka.FSubscribe, nil
		case (op.F == kafka.FProcess || op.F == kafka.FReset) && len(op.Offsets) == 0:
			op.F = kafka.FCommit
		}
	}
	return h
}

// leaveOut takes records with some values out of what polls returned of topics that were deleted.
func (x *Topics) leaveOut(values map[string]bool, polled []kafka.PolledRecords) {
	for i := range polled {
		p := &polled[i]
		if _, deleted := x.since[p.Key.Topic]; deleted {
			p.Records = slices.DeleteFunc(slices.Clone(p.Records),
				func(r kafka.PolledRecord) bool { return values[r.Value] })
		}
	}
}
