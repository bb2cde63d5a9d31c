package broker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/log"
	"sandcastle/model/kafka"
)

// damages are what a broker said of its disk, each in one line.
func (c *cluster) damages(id int) []string {
	var said []string
	for _, line := range c.Notes {
		if line.Note.Kind == kafka.DamageFound && line.Node == node(id) {
			said = append(said, line.Note.Text)
		}
	}
	return said
}

// flip changes one byte of a file of a broker.
func (c *cluster) flip(id int, name string, at int64) {
	f, err := c.Sim.Disk(node(id)).Open(name)
	require.NoError(c.T, err)
	b := make([]byte, 1)
	_, _ = f.ReadAt(b, at)
	b[0] ^= 0x40
	_, err = f.WriteAt(b, at)
	require.NoError(c.T, err)
}

// A broker that starts says what it found: an unreadable checkpoint, a damaged end of a log that
// was shut down cleanly (and is kept), a log that is shorter than its high watermark, and groups
// whose commits cannot be read.
func TestABrokerSaysWhatItFoundDamaged(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.retry.backoff.ms=100")
	c.CreateTopic("orders", [][]int32{{1}})
	orders := tp("orders", 0)
	c.MustProduce(orders, "a")
	first := int64(len(c.File(1, "orders-0/00000000000000000000.log")))
	c.MustProduce(orders, "b")
	id := c.FindCoordinator("billing")
	member, generation := c.join(id, "billing")
	c.commit(id, "billing", member, generation, orders, 1)
	offsets := offsetsPartition(c.Broker(1), "billing")
	commits := int64(len(c.File(1, offsets.String()+"/00000000000000000000.log")))
	c.Run(6 * time.Second)
	c.shutDown(1)
	require.Empty(t, c.damages(1))

	whole := c.File(1, "orders-0/00000000000000000000.log")
	c.flip(1, log.LogStartCheckpoint, 0)
	c.flip(1, "orders-0/00000000000000000000.log", first+16) // magic
	c.flip(1, offsets.String()+"/00000000000000000000.log", commits-1)
	damaged := c.File(1, "orders-0/00000000000000000000.log")
	require.NotEqual(t, whole, damaged)
	c.Sim.Start(node(1))
	c.Eventually(time.Minute, "it leads", func() bool {
		return c.Leader(orders) == 1 && c.Noted(kafka.CoordinatorLoaded, node(1), offsets) == 2
	})
	said := c.damages(1)
	has := func(words ...string) {
		t.Helper()
		for _, w := range words {
			found := false
			for _, line := range said {
				found = found || len(line) >= len(w) && line[:len(w)] == w
			}
			require.True(t, found, "%q in %q", w, said)
		}
	}
	aside := "orders-0/00000000000000000000.log.69.aside"
	has("ignored log-start-offset-checkpoint: ",
		"set-aside orders-0/00000000000000000000.log position=69 bytes=69 offset=1 to="+aside+": ",
		"short orders-0 offset=1 end=2: the log ends at offset 1, its high watermark was 2",
		"short orders-0 offset=1 end=2: the log ends at offset 1, its recovery point was 2",
		"ignored "+offsets.String()+" count=1 offset=1 end=2: what groups committed")
	require.Equal(t, damaged, c.File(1, "orders-0/00000000000000000000.log")+c.File(1, aside))
	c.Run(time.Second)
	c.Sim.PowerLossNothingKept(node(1))
	require.Equal(t, damaged[first:], c.File(1, aside), "what was set aside is durable")
}
