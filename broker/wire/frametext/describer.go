package frametext

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Describer says for the trace what frames mean: their fields in a line, the partitions they are
// about, and whether a reply brings nothing new.
//
// Some frames mean nothing by themselves. A Fetch names its topics by id, and in a session
// (KIP-227) only what has changed; so a describer remembers the names and the sessions that went
// by. It sees the frames of one run in their order and has no influence on them.
type Describer struct {
	text     line
	messages map[messageKey]message
	keys     map[string]int16
	sessions sessionNotes
}

// messageKey finds the memory into which frames of one kind are decoded, over and over.
type messageKey struct {
	key, version int16
	reply        bool
}

// message is a kmsg.Request or kmsg.Response.
type message interface {
	IsFlexible() bool
	UnsafeReadFrom(b []byte) error
}

// New returns a describer that has seen nothing yet.
func New() *Describer {
	d := &Describer{text: newLine(), messages: map[messageKey]message{},
		keys: map[string]int16{}, sessions: newSessionNotes()}
	for key := range int16(kmsg.MaxKey + 1) {
		d.keys[kmsg.NameForKey(key)] = key
	}
	return d
}

// Describe completes the line of a Kafka frame, without length, that the line's label names. The
// line's Partitions last until the next call.
func (d *Describer) Describe(l *kafka.TraceLine, frame []byte) {
	d.text.reset()
	if !d.describe(l, frame) {
		d.text.reset()
		d.text.word("cannot be read")
	}
	if len(d.text.b) == 0 { // it lists things, and there is none
		d.text.word("nothing")
	}
	l.Note.Text, l.Note.Partitions, l.Empty = d.text.String(), d.text.tps, d.text.empty
}

// describe returns false for bytes that are not what the label says.
func (d *Describer) describe(l *kafka.TraceLine, frame []byte) bool {
	key, ok := d.keys[l.Label.Name]
	if !ok || !l.Label.Versioned {
		return false
	}
	m := d.message(messageKey{key, l.Label.Version, l.Label.Reply})
	if m == nil {
		return false
	}
	body, ok := wire.FrameBody(frame, key, l.Label.Version, l.Label.Reply, m.IsFlexible())
	if !ok || m.UnsafeReadFrom(body) != nil {
		return false
	}
	defer d.sessions.onFrame(&d.text, l, m)
	for _, describe := range [...]func(*line, message) bool{
		describeLog, describeGroup, describeGroups, describeReplicas, describeAssignment,
		describeTopics, describeConfigs, describeClusters, describeSecurity,
	} {
		if describe(&d.text, m) {
			return true
		}
	}
	return false
}

// message returns the memory for frames of one kind, nil for what no API is.
func (d *Describer) message(k messageKey) message {
	if m := d.messages[k]; m != nil {
		return m
	}
	req := kmsg.RequestForKey(k.key)
	if req == nil || k.version < 0 || k.version > req.MaxVersion() {
		return nil
	}
	req.SetVersion(k.version)
	m, ok := req.(message)
	if k.reply {
		resp := req.ResponseKind()
		resp.SetVersion(k.version)
		m, ok = resp.(message)
	}
	if ok {
		d.messages[k] = m
	}
	return m
}
