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
	// checkFloor is the same for check, which makes no run: a history of a million operations is
	// judged below 600 MB, in half the time that it takes in 128 MB.
	checkFloor = 384 << 20
)

// floorOf is the floor of the command that args call.
func floorOf(args []string) int64 {
	if len(args) > 0 && args[0] == "check" {
		return checkFloor
	}
	return memoryFloor
}

// adjustEvery is often enough for a check that gathers a million operations in a second.
const adjustEvery = 250 * time.Millisecond

// tuneMemory adjusts the memory now and then until the returned function is called.
func tuneMemory(floor int64) (stop func()) {
	adjustMemory(floor)
	ticker, done := time.NewTicker(adjustEvery), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				adjustMemory(floor)
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

// adjustMemory is called at the start and now and then: collect seldom while there is room (the
// floor, which keeps a lesson below 150 MB), and let a long run have a fifth more than is alive. Who
// sets Go's $GOGC or $GOMEMLIMIT has his way instead.
func adjustMemory(floor int64) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(gcPercent)
	alive := int64(live[0].Value.Uint64())
	debug.SetMemoryLimit(max(floor, alive+max(floor/2, alive/5)))
}

// memoryAdjuster is adjustMemory for those who tell of the progress of a run.
func memoryAdjuster(_, _ model.Time) { adjustMemory(memoryFloor) }
