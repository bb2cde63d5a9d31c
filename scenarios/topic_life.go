package scenarios

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// topicLives is which topics of the scenario there are now, and since when.
type topicLives struct {
	absent map[string]bool       // it is not there
	since  map[string]model.Time // when a topic that was deleted was created again, Never before that
	made   map[string]int        // partitions that the timeline created it with
}

func newTopicLives(s *Scenario) topicLives {
	l := topicLives{map[string]bool{}, map[string]model.Time{}, map[string]int{}}
	for i := range s.Topics {
		if t := &s.Topics[i]; !t.Create {
			l.absent[t.Name] = true
		}
	}
	return l
}

// partitions is how many partitions a topic has by now.
func (p *player) partitions(t *Topic) int {
	if p.topics.absent[t.Name] {
		return 0
	}
	first := t.Partitions
	if n := p.topics.made[t.Name]; n > 0 {
		first = n
	}
	return slices.Max(append(slices.Clone(p.grown[t.Name]), first))
}

// createTopic asks for a topic that is not there.
func (p *player) createTopic(f *firing) {
	for i := range p.s.Topics {
		if p.s.Topics[i].Name != f.Name {
			continue
		}
		t := p.s.Topics[i]
		if f.Partitions > 0 {
			t.Partitions, t.Assignment = f.Partitions, nil
		}
		t.Config = append(slices.Clone(t.Config), f.Config...)
		p.topics.made[t.Name] = t.Partitions
		p.world.Command(adminNode, t.command())
	}
}

// observe follows the topics that come and go; grown are the sizes that topics were to get.
func (l *topicLives) observe(line *kafka.TraceLine, grown map[string][]int) {
	name := line.Note.Topic
	if line.Note.Kind == kafka.TopicDeleted {
		l.absent[name], l.since[name] = true, model.Never
		delete(grown, name)
		delete(l.made, name)
		return
	}
	if _, again := l.since[name]; again {
		l.since[name] = line.At
	}
	delete(l.absent, name)
}

// judged is the history without what concerns topics that were deleted, up to when they were
// created again: their records are rightly gone, and their offsets begin anew. What is left out is
// blank, so that every line keeps its place.
func (l *topicLives) judged(all kafka.Operations) kafka.Operations {
	if len(l.since) == 0 {
		return all
	}
	gone := func(topic string, at model.Time) bool {
		since, deleted := l.since[topic]
		return deleted && at < since
	}
	h := make(kafka.History, all.Len())
	began := map[int]model.Time{} // by process: when its operation was invoked
	for i := range h {
		h[i] = *all.At(i)
		op := &h[i]
		if op.Type == kafka.Invoke {
			began[op.Process] = op.Time
		}
		at := began[op.Process]
		value := slices.Clone(op.Value)
		for j := range value {
			value[j].Polled = slices.DeleteFunc(slices.Clone(value[j].Polled),
				func(r kafka.PolledRecords) bool { return gone(r.Key.Topic, at) })
		}
		op.Value = value
		op.Offsets = slices.DeleteFunc(slices.Clone(op.Offsets),
			func(o kafka.PartitionOffset) bool { return gone(o.Key.Topic, at) })
		switch {
		case op.F == kafka.FSend && len(value) > 0 && gone(value[0].Key.Topic, at):
			op.F, op.Value = kafka.FSubscribe, nil
		case op.F == kafka.FProcess && len(op.Offsets) == 0:
			op.F = kafka.FCommit
		}
	}
	return h
}
