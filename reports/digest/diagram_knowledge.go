package digest

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// knowledge follows what every node knows of itself.
type knowledge struct {
	states   []StateChange
	lanes    []laneKnowledge
	registry registry
}

// laneKnowledge is what one node knows now.
type laneKnowledge struct {
	keys    []string
	values  map[string]string
	alive   []string            // brokers that this controller sees
	members map[string][]string // of the groups that this broker coordinates
	retries int
}

func newKnowledge() knowledge { return knowledge{registry: registry{lane: -1}} }

func (k *knowledge) lane(lane int) *laneKnowledge {
	for len(k.lanes) <= lane {
		lane := laneKnowledge{values: map[string]string{}, members: map[string][]string{}}
		k.lanes = append(k.lanes, lane)
	}
	return &k.lanes[lane]
}

// set records that from the event on the node of lane knows that key is value; with "" it no longer
// knows of key.
func (k *knowledge) set(event, lane int, key, value string) {
	l := k.lane(lane)
	old, known := l.values[key]
	if old == value {
		return
	}
	if !known {
		l.keys = append(l.keys, key)
	}
	l.values[key] = value
	for i := len(k.states) - 1; i >= 0 && k.states[i].Event == event; i-- {
		if s := &k.states[i]; s.Lane == lane && s.Key == key {
			s.Value = value
			return
		}
	}
	k.states = append(k.states, StateChange{event, lane, key, value})
}

// reset drops all that the node knew: it is dead.
func (k *knowledge) reset(event, lane int) {
	l := k.lane(lane)
	for _, key := range l.keys {
		k.set(event, lane, key, "")
	}
	l.alive, l.retries = nil, 0
	clear(l.members)
}

// moved tells that events have new indexes: of each the next one that is left, of n.
func (k *knowledge) moved(next []int, n int) {
	type place struct {
		event, lane int
		key         string
	}
	last := map[place]int{}
	kept := k.states[:0]
	for _, s := range k.states {
		s.Event = min(next[s.Event], n-1)
		p := place{s.Event, s.Lane, s.Key}
		if i, ok := last[p]; ok {
			kept[i].Value = s.Value
			continue
		}
		last[p] = len(kept)
		kept = append(kept, s)
	}
	k.states = kept
}

// onEvent takes in a line that is an event of the diagram. peer is the lane of a frame's sender.
func (k *knowledge) onEvent(event, lane, peer int, l *kafka.TraceLine) {
	switch {
	case lane < 0:
	case l.Note.Kind != kafka.NoNote:
		k.onNote(event, lane, l)
	case l.Kind == model.Started.String():
		k.set(event, lane, "process", "")
	case l.Label.Name != "" && l.Kind == model.FrameReceived.String():
		k.onFrame(event, lane, peer, l)
	case IsFault(l.Kind):
		switch f := faultOf(l); {
		case f.kills() && f.Verb != model.FaultDisk:
			k.reset(event, lane)
			k.set(event, lane, "process", "dead")
		case f.Verb == model.FaultPause:
			k.set(event, lane, "process", "paused")
		case f.Verb == model.FaultResume:
			k.set(event, lane, "process", "")
		}
	}
}

// onNote takes in what a node says of itself.
func (k *knowledge) onNote(event, lane int, l *kafka.TraceLine) {
	n := &l.Note
	switch {
	case lane < 0 || event < 0 || kafka.InternalTopic(n.Topic):
	case n.Topic != "":
		k.onPartition(event, lane, n)
	case n.Group != "":
		k.onGroup(event, lane, n)
	default:
		k.onNode(event, lane, n)
	}
}

func (k *knowledge) onPartition(event, lane int, n *kafka.Note) {
	tp := n.TP().String()
	set := func(what, value string) { k.set(event, lane, tp+" "+what, value) }
	offset := fmt.Sprint(n.Offset)
	switch n.Kind {
	case kafka.LogEnd, kafka.LogTruncated, kafka.LogRecovered:
		set("log end", offset)
	case kafka.HighWatermark:
		set("high watermark", offset)
	case kafka.LogStart:
		set("log start", offset)
	case kafka.BecameLeader:
		set("role", fmt.Sprintf("leader, epoch %d", n.Epoch))
		set("in sync", prose.BrokerList(n.Brokers))
		set("log end", offset)
	case kafka.BecameFollower:
		set("role", fmt.Sprintf("follower of broker-%d, epoch %d", n.Broker, n.Epoch))
		set("in sync", "")
		set("log end", offset)
	case kafka.ISRShrunk, kafka.ISRExpanded:
		set("in sync", prose.BrokerList(n.Brokers))
	case kafka.LeaderElected:
		set("elected", fmt.Sprintf("broker-%d, epoch %d", n.Broker, n.Epoch))
	case kafka.PartitionOffline:
		set("elected", "nobody")
	case kafka.OffsetCommitted:
		set("committed by "+n.Group, offset)
	case kafka.RecordProcessed:
		set("processed below", offset)
	case kafka.RecordsAcked:
		set("acknowledged below", offset)
	case kafka.ProduceRetried:
		l := k.lane(lane)
		l.retries++
		k.set(event, lane, "retries", fmt.Sprint(l.retries))
	case kafka.TruncationDetected, kafka.PositionReset:
		set("position", offset)
	}
}

func (k *knowledge) onGroup(event, lane int, n *kafka.Note) {
	l := k.lane(lane)
	key := "group " + n.Group
	switch n.Kind {
	case kafka.PartitionsAssigned:
		k.set(event, lane, "owns", owned(n.Partitions))
		k.set(event, lane, "generation", fmt.Sprint(n.Generation))
	case kafka.PartitionsRevoked:
		if len(n.Partitions) > 0 {
			k.set(event, lane, "owns", "nothing")
		}
	case kafka.RebalanceStarted:
		k.set(event, lane, key, fmt.Sprintf("rebalance after generation %d", n.Generation))
	case kafka.GroupStable:
		k.set(event, lane, key, fmt.Sprintf("stable, generation %d", n.Generation))
	case kafka.MemberJoined:
		if !slices.Contains(l.members[n.Group], n.Member) {
			l.members[n.Group] = append(l.members[n.Group], n.Member)
		}
		k.set(event, lane, key+" members", fmt.Sprint(len(l.members[n.Group])))
	case kafka.MemberLeft:
		l.members[n.Group] = slices.DeleteFunc(l.members[n.Group], func(m string) bool {
			return m == n.Member
		})
		k.set(event, lane, key+" members", fmt.Sprint(len(l.members[n.Group])))
	}
}

func owned(tps []kafka.TopicPartition) string {
	if len(tps) == 0 {
		return "nothing"
	}
	return prose.PartitionList(tps)
}

func (k *knowledge) onNode(event, lane int, n *kafka.Note) {
	l := k.lane(lane)
	broker := fmt.Sprintf("broker-%d", n.Broker)
	switch n.Kind {
	case kafka.ControllerElected:
		k.set(event, lane, "controller", fmt.Sprintf("controller epoch %d", n.Epoch))
		k.registry.controller = broker
		k.setRegistry(event)
	case kafka.ControllerResigned:
		l.alive = nil
		k.set(event, lane, "controller", "")
		k.set(event, lane, "sees alive", "")
	case kafka.BrokerRegistered:
		if !slices.Contains(l.alive, broker) {
			l.alive = append(l.alive, broker)
			slices.SortFunc(l.alive, func(a, b string) int {
				return CompareNodes(model.NodeID(a), model.NodeID(b))
			})
		}
		k.set(event, lane, "sees alive", strings.Join(l.alive, ", "))
	case kafka.BrokerUnregistered:
		l.alive = slices.DeleteFunc(l.alive, func(b string) bool { return b == broker })
		k.set(event, lane, "sees alive", strings.Join(l.alive, ", "))
	case kafka.SessionExpired:
		k.set(event, lane, "session of "+n.Text, "expired")
		k.sessionEnds(event, n.Text)
	case kafka.LogDirFailed:
		k.set(event, lane, "disk", "failed")
	case kafka.ProducerIDAssigned:
		k.set(event, lane, "producer id", fmt.Sprintf("%d, epoch %d", n.Offset, n.Generation))
	}
}
