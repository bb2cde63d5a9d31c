package broker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/brokertest"
)

// A broker that has to open hundreds of logs for one LeaderAndIsr does it in pieces, between which
// others have their turn, and answers once.
func TestLongLeaderAndIsrIsCutIntoPieces(t *testing.T) {
	const partitions, piece = 275, 100
	c := startCluster(t, 2)
	replicas := make([][]int32, partitions)
	for i := range replicas {
		replicas[i] = []int32{int32(1 + i%2), int32(2 - i%2)}
	}
	open := func(id int) (n int) {
		held := c.Broker(id).Replicas()
		for i := range replicas {
			if _, leads := held.Leads(tp("orders", i)); leads || held.Follows(tp("orders", i)) {
				n++
			}
		}
		return n
	}
	line := c.Dial(c.Controller())
	req := brokertest.CreateTopicsRequest("orders", replicas)
	sent := line.Send(req)
	before, most := 0, 0
	c.Eventually(20*time.Second, "all are open", func() bool {
		now := open(1)
		most = max(most, now-before)
		before = now
		return now == partitions && open(2) == partitions
	})
	require.LessOrEqual(t, most, piece)
	line.Receive(req, sent)
	c.MustProduce(tp("orders", partitions-1), "a")
}
