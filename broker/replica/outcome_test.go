package replica

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// A write whose offset the high watermark has reached, while fewer are in sync than must be, says
// NOT_ENOUGH_REPLICAS_AFTER_APPEND. Since the watermark stands still meanwhile (KAFKA-15583), only
// the rule itself can be shown, not a story that leads there.
func TestOutcomeOfAWrite(t *testing.T) {
	p := &Partition{
		role: roleLeader, highWatermark: 5, replicas: []kafka.BrokerID{1, 2, 3},
		cfg: config.Topic{MinInSyncReplicas: 2},
	}
	for _, row := range []struct {
		name               string
		role               role
		required           kafka.Offset
		committed, pending []kafka.BrokerID
		code               wire.Code
		settled            bool
	}{
		{"reached", roleLeader, 5, []kafka.BrokerID{1, 2}, nil, wire.None, true},
		{"not reached", roleLeader, 6, []kafka.BrokerID{1, 2}, nil, wire.None, false},
		{"reached by one", roleLeader, 5, []kafka.BrokerID{1}, nil,
			wire.NotEnoughReplicasAfterAppend, true},
		{"one is about to join", roleLeader, 5, []kafka.BrokerID{1}, []kafka.BrokerID{1, 2},
			wire.None, true},
		{"not reached by one", roleLeader, 6, []kafka.BrokerID{1}, nil, wire.None, false},
		{"not the leader", roleFollower, 5, []kafka.BrokerID{1, 2}, nil,
			wire.NotLeaderOrFollower, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			p.role, p.isr = row.role, isrState{committed: row.committed, pending: row.pending}
			code, settled := (&producePart{p: p, required: row.required}).outcome()
			require.Equal(t, row.code, code)
			require.Equal(t, row.settled, settled)
		})
	}
}
