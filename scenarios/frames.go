package scenarios

import (
	"strings"

	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// describeFrames returns what says for the trace of one run what its frames mean.
func describeFrames() func(l *model.TraceLine, frame []byte) {
	kafka, zk := wire.NewDescriber(), zookeeper.NewDescriber()
	return func(l *model.TraceLine, frame []byte) {
		if strings.HasPrefix(l.Label.Name, "zk.") {
			zk.Describe(l, frame)
			return
		}
		kafka.Describe(l, frame)
	}
}
