package logs

import (
	"fmt"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// clocks is how wrong wall clocks are, and have been: those of brokers each by itself, since
// retention and compaction go by their own; and a bound for all, since what was once decided by a
// wrong clock, as to forget a producer, stays so when it is right again.
type clocks struct {
	of      map[model.NodeID]*clock // of nodes whose clocks were ever wrong
	shifted time.Duration           // all that clocks were set by
	ppm     int64                   // the fastest drift
	since   model.Time              // of the first
}

// clock is the wall clock of a node.
type clock struct {
	ahead time.Duration // how far it was ahead at the time since
	ppm   int64         // by how many millionths it runs fast since then
	since model.Time
	// most is the furthest that it was ever ahead, until since.
	most  time.Duration
	right model.Time // when it was set right last
}

// off is how far the clock is ahead at a time.
func (k *clock) off(now model.Time) time.Duration {
	return k.ahead + time.Duration(int64(now.Sub(k.since))/1_000_000*k.ppm)
}

// set has the clock be so far ahead from now on, and run fast by so much.
func (k *clock) set(now model.Time, ahead time.Duration, ppm int64) {
	k.most = max(k.most, k.off(now))
	k.ahead, k.ppm, k.since = ahead, ppm, now
}

// observe takes a fault of a clock.
func (c *clocks) observe(at model.Time, f *model.Fault) {
	if f.Verb != model.FaultShiftClock && f.Verb != model.FaultDriftClock {
		return
	}
	k := c.of[f.Node]
	if k == nil {
		if c.of == nil {
			c.of = map[model.NodeID]*clock{}
		}
		k = &clock{}
		c.of[f.Node] = k
	}
	switch f.Verb {
	case model.FaultShiftClock:
		k.set(at, k.off(at)+f.By, k.ppm)
		c.shifted += max(f.By, -f.By)
	case model.FaultDriftClock:
		var ppm int64
		if n, err := fmt.Sscanf(f.Detail, "%dppm", &ppm); n != 1 || err != nil {
			panic("logs: a drift of " + f.Detail)
		}
		if c.ppm == 0 {
			c.since = at
		}
		c.ppm = max(c.ppm, ppm, -ppm)
		k.set(at, k.off(at), ppm)
	}
}

// heal takes note that a node's clock was set right.
func (c *clocks) heal(at model.Time, node model.NodeID) {
	if k := c.of[node]; k != nil {
		k.set(at, 0, 0)
		k.right = at
	}
}

// shows is what a broker's clock shows, and mostSince the latest that it may have shown since some
// time; rounded up, for what a drift adds in less than a millisecond.
func (c *clocks) shows(now model.Time, id kafka.BrokerID) model.Time {
	if len(c.of) == 0 {
		return now
	}
	if k := c.of[node(id)]; k != nil {
		return now.Add(k.off(now))
	}
	return now
}

func (c *clocks) mostSince(since, now model.Time, id kafka.BrokerID) model.Time {
	if len(c.of) == 0 {
		return now
	}
	k := c.of[node(id)]
	if k == nil || k.ahead == 0 && k.ppm == 0 && k.right < since {
		return now
	}
	return now.Add(max(k.most, k.off(now), 0) + time.Millisecond)
}

// node is the name of a broker's node.
func node(id kafka.BrokerID) model.NodeID { return model.NodeID(fmt.Sprintf("broker-%d", id)) }

// off is by how much a clock may be wrong at a time.
func (c *clocks) off(now model.Time) time.Duration {
	return c.shifted + time.Duration(int64(now.Sub(c.since))/1_000_000*c.ppm)
}

// latest is the latest that a clock may show at a time, seen from a record that another clock may
// have stamped.
func (c *clocks) latest(now model.Time) model.Time { return now.Add(2 * c.off(now)) }
