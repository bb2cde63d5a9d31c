package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"sandcastle/model"
)

const (
	// gcPercent lets the heap grow further between collections than Go's 100: a run lives for a
	// second.
	gcPercent = 400
	// memoryFloor is below what a run of a lesson may use at most. Where more is alive, the limit
	// follows, so that the collector never fights for room that is not there.
	memoryFloor = 128 << 20
)

// adjustEvery is often enough for a check that gathers a million operations in a second.
const adjustEvery = 250 * time.Millisecond

// tuneMemory adjusts the memory now and then until the returned function is called.
func tuneMemory() (stop func()) {
	adjustMemory()
	ticker, done := time.NewTicker(adjustEvery), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				adjustMemory()
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
	}
}

// adjustMemory is called at the start and now and then: collect seldom while there is room, keep a
// lesson below 150 MB, and let a long run have a fifth more than is alive. Who sets Go's own $GOGC
// or $GOMEMLIMIT has his way instead.
func adjustMemory() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(gcPercent)
	alive := int64(live[0].Value.Uint64())
	debug.SetMemoryLimit(max(memoryFloor, alive+max(memoryFloor/2, alive/5)))
}

// memoryAdjuster is adjustMemory for those who tell of the progress of a run.
func memoryAdjuster(_, _ model.Time) { adjustMemory() }
