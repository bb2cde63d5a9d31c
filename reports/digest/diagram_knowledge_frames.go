package digest

import (
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// registry is what ZooKeeper keeps of the brokers, as far as the answers tell that they got.
type registry struct {
	lane       int // of ZooKeeper, −1 before its first message
	brokers    []string
	controller string
}

// onFrame learns from what is on the wire what no note tells: the sessions and the registrations in
// ZooKeeper, and the positions of consumers.
func (k *knowledge) onFrame(event, lane, peer int, l *kafka.TraceLine) {
	switch name, reply := l.Label.Name, l.Label.Reply; {
	case name == "zk.connect" && !reply:
		k.registry.lane = lane
		k.set(event, lane, "session of "+string(l.Peer), "open")
	case name == "zk.closeSession" && !reply:
		k.set(event, lane, "session of "+string(l.Peer), "closed")
		k.sessionEnds(event, string(l.Peer))
	case name == "zk.create" && reply:
		k.onCreated(event, l)
	case name == "Fetch" && !reply && peer >= 0:
		k.onFetch(event, peer, l)
	}
}

// onCreated takes in that a node was created: "/brokers/ids/2 zxid=55".
func (k *knowledge) onCreated(event int, l *kafka.TraceLine) {
	path, rest, _ := strings.Cut(l.Note.Text, " ")
	id, ok := strings.CutPrefix(path, "/brokers/ids/")
	broker := "broker-" + id
	if !ok || !strings.HasPrefix(rest, "zxid=") || slices.Contains(k.registry.brokers, broker) {
		return
	}
	k.registry.brokers = append(k.registry.brokers, broker)
	slices.SortFunc(k.registry.brokers, func(a, b string) int {
		return CompareNodes(model.NodeID(a), model.NodeID(b))
	})
	k.setRegistry(event)
}

// sessionEnds takes away the nodes that lived as long as the session.
func (k *knowledge) sessionEnds(event int, node string) {
	r := &k.registry
	r.brokers = slices.DeleteFunc(r.brokers, func(b string) bool { return b == node })
	if r.controller == node {
		r.controller = ""
	}
	k.setRegistry(event)
}

func (k *knowledge) setRegistry(event int) {
	r := &k.registry
	if r.lane < 0 {
		return
	}
	k.set(event, r.lane, "/brokers/ids", strings.Join(r.brokers, ", "))
	k.set(event, r.lane, "/controller", r.controller)
}

// onFetch takes a consumer's position from what it asks for: "session=1 orders-0@2765 epoch=0". A
// follower's is its log end, which it tells itself.
func (k *knowledge) onFetch(event, peer int, l *kafka.TraceLine) {
	if strings.HasPrefix(l.Note.Text, "replica=") {
		return
	}
	for _, tp := range l.Note.Partitions {
		_, rest, ok := strings.Cut(" "+l.Note.Text, " "+tp.String()+"@")
		offset, _, _ := strings.Cut(rest, " ")
		if _, err := strconv.ParseUint(strings.TrimSuffix(offset, ","), 10, 63); ok && err == nil {
			k.set(event, peer, tp.String()+" position", strings.TrimSuffix(offset, ","))
		}
	}
}
