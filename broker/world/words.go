package world

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sandcastle/broker/wire/frametext"
	"sandcastle/broker/world/wires"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// words says in words what happens.
type words struct {
	ofKafka     *frametext.Describer
	ofZooKeeper *zookeeper.Describer
	memberID    *regexp.Regexp
	members     map[string]string   // names of member ids
	ids         map[string][]string // member ids of a client, oldest first
}

func newWords() words {
	return words{
		ofKafka: frametext.New(), ofZooKeeper: zookeeper.NewDescriber(),
		memberID: regexp.MustCompile(`([\w.]+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`),
		members:  map[string]string{}, ids: map[string][]string{},
	}
}

// shown tells whether a note is part of what a script shows by itself: what comes with every record
// is not, nor what happens to Kafka's own topics.
func shown(n *kafka.Note) bool {
	return !kafka.InternalTopic(n.Topic) && !slices.Contains([]kafka.NoteKind{
		kafka.LogEnd, kafka.HighWatermark, kafka.RecordsAcked, kafka.OffsetCommitted,
		kafka.CoordinatorLoaded, kafka.RecordProcessed, kafka.AdminCompleted,
	}, n.Kind)
}

// describe gives a frame its text while it is sent.
func (x *words) describe(now model.Time, p *wires.Packet) {
	if p.Kind != wires.Frame {
		return
	}
	line := kafka.TraceLine{TraceLine: model.TraceLine{
		At: now, Node: p.To, Peer: p.From, Kind: model.FrameReceived.String(), Label: p.Label,
	}}
	if strings.HasPrefix(p.Label.Name, "zk.") {
		x.ofZooKeeper.Describe(&line, p.Data)
	} else {
		x.ofKafka.Describe(&line, p.Data)
	}
	p.Text = line.Note.Text
}

// packet says what a packet is, in a line.
func (x *words) packet(p *wires.Packet) string {
	text := fmt.Sprintf("%s -> %s ", p.From, p.To)
	switch p.Kind {
	case wires.Dial:
		return text + "dials"
	case wires.Opened:
		return text + "accepts"
	case wires.Closed:
		return text + p.Text
	case wires.FlushDone:
		return string(p.To) + " flushes"
	}
	text += p.Label.Name
	if p.Label.Reply {
		text += " reply"
	}
	if p.Text != "" {
		text += ": " + p.Text
	}
	return text
}

// withNames puts the client's name for every member id: c1 for the first, c1(2) for the next one
// that it got.
func (x *words) withNames(text string) string {
	return x.memberID.ReplaceAllStringFunc(text, func(id string) string {
		if x.members[id] == "" {
			name := x.memberID.FindStringSubmatch(id)[1]
			x.ids[name] = append(x.ids[name], id)
			if n := len(x.ids[name]); n > 1 {
				x.members[id] = fmt.Sprintf("%s(%d)", name, n)
			} else {
				x.members[id] = name
			}
		}
		return x.members[id]
	})
}
