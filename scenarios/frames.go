package scenarios

import (
	"strings"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// describe returns what completes the lines of frames, nil for nothing.
func (o *Options) describe() func(l *model.TraceLine, frame []byte) {
	if o.wordless {
		return nil
	}
	describe := describeFrames()
	if o.onFrame == nil {
		return describe
	}
	return func(l *model.TraceLine, frame []byte) {
		o.onFrame(l, frame)
		describe(l, frame)
	}
}

// describeFrames returns what says for the trace of one run what its frames mean, and its timers.
func describeFrames() func(l *model.TraceLine, frame []byte) {
	kafka, zk := wire.NewDescriber(), zookeeper.NewDescriber()
	return func(l *model.TraceLine, frame []byte) {
		if l.Kind == model.TimerFired.String() {
			l.Note.Text = timerWords(l)
			return
		}
		if strings.HasPrefix(l.Label.Name, "zk.") {
			zk.Describe(l, frame)
			return
		}
		kafka.Describe(l, frame)
	}
}

// timerWords say what a timer is for. Nodes are named for what they are.
func timerWords(l *model.TraceLine) string {
	switch {
	case strings.HasPrefix(string(l.Node), "broker-"):
		return broker.TimerWords(l.Timer)
	case strings.HasPrefix(string(l.Node), "zookeeper-"):
		return "a session may be over"
	default:
		return client.TimerWords(l.Timer)
	}
}
