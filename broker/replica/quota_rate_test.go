package replica

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// The rate is that of the samples of the last eleven seconds, and of one second at the least.
func TestReplicationQuota(t *testing.T) {
	q := &replicationQuota{}
	at := func(d time.Duration) *replicationQuota {
		q.at = model.Time(0).Add(d)
		return q
	}
	require.False(t, at(0).exceeded(0), "nothing went through")
	at(100 * time.Millisecond).record(1000)
	require.True(t, q.exceeded(999))
	require.False(t, q.exceeded(1000))
	require.False(t, q.exceeded(math.MaxInt64))
	at(900 * time.Millisecond).record(500)
	require.True(t, q.exceeded(1499), "they fall into one sample")
	require.True(t, at(3*time.Second).exceeded(499))
	require.False(t, q.exceeded(500), "1,500 bytes in three seconds")
	q.record(300)
	require.True(t, q.exceeded(599))
	require.False(t, q.exceeded(600))
	require.True(t, at(11*time.Second).exceeded(37), "the first sample is too old: 300 bytes in 8 s")
	require.False(t, q.exceeded(38))
	require.False(t, at(14*time.Second).exceeded(0))
	for i := range 100 {
		at(time.Duration(20+i) * time.Second).record(10)
	}
	require.True(t, q.exceeded(10), "eleven samples over the ten seconds between them")
	require.False(t, q.exceeded(11))
}
