package logs

import (
	"fmt"
	"time"

	"sandcastle/model"
)

// clocks bounds by how much any wall clock has been wrong so far. Records are stamped by one clock
// and grow old by another, so that what is told from timestamps is only that certain.
type clocks struct {
	shifted time.Duration // all that clocks were set by
	ppm     int64         // the fastest drift
	since   model.Time    // of the first
}

// observe takes a fault of a clock.
func (c *clocks) observe(at model.Time, f *model.Fault) {
	switch f.Verb {
	case model.FaultShiftClock:
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
	}
}

// off is by how much a clock may be wrong at a time.
func (c *clocks) off(now model.Time) time.Duration {
	return c.shifted + time.Duration(int64(now.Sub(c.since))/1_000_000*c.ppm)
}

// latest is the latest that a clock may show at a time, and earliest the earliest, seen from a
// record that another clock may have stamped.
func (c *clocks) latest(now model.Time) model.Time   { return now.Add(2 * c.off(now)) }
func (c *clocks) earliest(now model.Time) model.Time { return now.Add(-2 * c.off(now)) }
