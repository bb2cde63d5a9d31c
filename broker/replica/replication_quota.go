package replica

import (
	"math"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The rate of throttled replication is that of the last eleven samples of a second
// (ReplicationQuotaManagerConfig, 3.9).
const (
	quotaSamples    = 11
	quotaSampleTime = time.Second
)

// replicationQuota measures the bytes of throttled replicas that this broker sends as a leader, or
// takes as a follower (KIP-73, ReplicationQuotaManager, 3.9).
type replicationQuota struct {
	at      model.Time // as of which it is judged: that of the newest fetch
	samples [quotaSamples]quotaSample
	current int
}

// quotaSample is what went through from start on, for a second.
type quotaSample struct {
	start model.Time
	bytes int64
}

// record counts bytes that went through.
func (q *replicationQuota) record(bytes int) {
	s := &q.samples[q.current]
	if q.at.Sub(s.start) >= quotaSampleTime {
		q.current = (q.current + 1) % quotaSamples
		s = &q.samples[q.current]
		*s = quotaSample{start: q.at}
	}
	s.bytes += int64(bytes)
}

// exceeded tells whether more than rate bytes a second went through (SimpleRate, 3.9).
func (q *replicationQuota) exceeded(rate int64) bool {
	if rate == math.MaxInt64 {
		return false
	}
	elapsed, bytes := quotaSampleTime, int64(0)
	for _, s := range q.samples {
		if age := q.at.Sub(s.start); s.bytes > 0 && age < quotaSamples*quotaSampleTime {
			bytes += s.bytes
			elapsed = max(elapsed, age)
		}
	}
	ms := elapsed.Milliseconds()
	return (bytes*1000+ms-1)/ms > rate
}

// throttles tells whether the follower of a fetch gets no records of p for now: p is throttled
// here, the follower is not in sync, and the quota is used up (ReplicaManager.shouldLeaderThrottle,
// 3.9).
func (x *fetchSession) throttles(p *Partition) bool {
	id := kafka.BrokerID(x.reader.replica)
	return p.throttledAsLeader() && id >= 0 && !p.isr.has(id) &&
		x.rs.leaderQuota.exceeded(x.rs.cfg.LeaderThrottledRate)
}

func (p *Partition) throttledAsLeader() bool {
	r := p.cfg.LeaderThrottledReplicas
	return r != "" && r.Has(p.tp.Partition, p.rs.cfg.ID)
}

func (p *Partition) throttledAsFollower() bool {
	r := p.cfg.FollowerThrottledReplicas
	return r != "" && r.Has(p.tp.Partition, p.rs.cfg.ID)
}

// throttled tells whether the leader is not asked for the partition for now
// (RemoteLeaderEndPoint.shouldFollowerThrottle, 3.9).
func (x *fetched) throttled() bool {
	rs := x.p.rs
	return x.p.throttledAsFollower() && !x.inSync &&
		rs.followerQuota.exceeded(rs.cfg.FollowerThrottledRate)
}
