package broker

import (
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// briefing is what a broker that has just registered hears of the controller: who leads what. Where
// config.Broker.AwaitMetadata says so requests of clients wait for it.
//
// A controller that has just been elected says first who lives and names topics when it has looked
// after their leaders; so where there are topics what names none is not enough.
type briefing struct {
	session *session
	then    func(*model.Effects) // takes up the requests that have waited

	done   bool
	asked  bool // ZooKeeper was asked whether there are topics
	known  bool // and has answered
	topics bool // that there are
	heard  bool // the controller has said something
	named  bool // with topics in it
}

// begin asks whether there are topics, once.
func (g *briefing) begin(out *model.Effects) {
	if g.done || g.asked {
		return
	}
	g.asked = true
	g.session.retryUntilAnswered(out, func(out *model.Effects, done zookeeper.Done) {
		g.session.Children(out, znode.TopicsPath, false, done)
	}, func(out *model.Effects, r zookeeper.Result) {
		g.known, g.topics = true, len(r.Children) > 0
		g.maybeEnd(out)
	})
}

// onMetadata takes note of an UpdateMetadata; named says that there are topics in it.
func (g *briefing) onMetadata(out *model.Effects, named bool) {
	g.heard, g.named = true, g.named || named
	g.maybeEnd(out)
}

func (g *briefing) maybeEnd(out *model.Effects) {
	if !g.done && g.known && g.heard && (g.named || !g.topics) {
		g.done = true
		g.then(out)
	}
}

// holds reports whether a request has to wait. What brokers say to each other does not.
func (g *briefing) holds(frame []byte) bool {
	if g.done || len(frame) < 2 {
		return false
	}
	switch kmsg.Key(binary.BigEndian.Uint16(frame)) {
	case kmsg.LeaderAndISR, kmsg.StopReplica, kmsg.UpdateMetadata, kmsg.ControlledShutdown,
		kmsg.AlterPartition, kmsg.ApiVersions:
		return false
	default:
		return true
	}
}
