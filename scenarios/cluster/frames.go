package cluster

import (
	"strings"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/wire/frametext"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// DescribeFrames returns what says for the trace of one run what its frames mean, and its timers.
func DescribeFrames() func(l *kafka.TraceLine, frame []byte) {
	ofKafka, ofZooKeeper := frametext.New(), zookeeper.NewDescriber()
	return func(l *kafka.TraceLine, frame []byte) {
		if l.Kind == model.TimerFired.String() {
			l.Note.Text = timerWords(l)
			return
		}
		if strings.HasPrefix(l.Label.Name, "zk.") {
			ofZooKeeper.Describe(l, frame)
			return
		}
		ofKafka.Describe(l, frame)
	}
}

// timerWords say what a timer is for. Nodes are named for what they are.
func timerWords(l *kafka.TraceLine) string {
	switch {
	case strings.HasPrefix(string(l.Node), "broker-"):
		return broker.TimerWords(l.Timer)
	case strings.HasPrefix(string(l.Node), "zookeeper-"):
		return "a session may be over"
	default:
		return client.TimerWords(l.Timer)
	}
}
