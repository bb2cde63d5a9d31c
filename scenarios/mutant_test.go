package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker"
	"sandcastle/model"
)

// A broker that advances its high watermark before the followers have the records acknowledges what
// it can lose. Checks of two kinds catch it: of what clients were told, and of what the brokers hold.
func TestEagerHighWatermarkIsCaught(t *testing.T) {
	found := map[model.Anomaly]bool{}
	for seed := range uint64(3) {
		r := playLesson(t, "replication/leader-failover", Options{
			Seed: seed, HasSeed: true, Mutant: broker.EagerHighWatermark, LookEvery: 10 * time.Millisecond,
		})
		require.Equal(t, model.VerdictViolated, r.Run.Verdict, "seed %d", seed)
		for _, f := range r.Run.Findings {
			found[f.Anomaly] = true
		}
	}
	require.True(t, found[model.InconsistentOffsets], "what clients were told: %v", found)
	require.True(t, found[model.WeakIsr], "what the brokers hold: %v", found)
}
