package model

import (
	"fmt"
	"time"
)

// Time is a point in a run: nanoseconds since the run began. In the simulator it is virtual, on a
// real host it is measured from the start of the process; no process can tell the difference.
type Time int64

// Never is later than every other Time.
const Never Time = 1<<63 - 1

// Add returns t shifted by d, which may be negative.
func (t Time) Add(d time.Duration) Time { return t + Time(d) }

// Sub returns how long after u the time t is.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Millis returns t in milliseconds, rounded down: the unit of every time on Kafka's wire.
func (t Time) Millis() int64 { return int64(t) / int64(time.Millisecond) }

// String prints seconds with six digits, as in "5.000125s".
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	micros := int64(t) / 1000
	return fmt.Sprintf("%d.%06ds", micros/1_000_000, micros%1_000_000)
}
