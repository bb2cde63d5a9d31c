package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"sandcastle/model"
)

const (
	// gcPercent lets the heap grow further between collections than Go's 100, whatever is alive: a run
	// lives for a second.
	gcPercent = 400
	// leastAlive is what is alive in a program that has just begun.
	leastAlive = 4 << 20
	// memoryFloor is below what a run of a lesson may use at most. Where more is alive, the limit
	// follows, so that the collector never fights for room that is not there.
	memoryFloor = 128 << 20
	// checkFloor is the same for check, which makes no run: a history of a million operations is
	// judged below 600 MB, in half the time that it takes in 128 MB.
	checkFloor = 384 << 20
)

// floorOf is the floor of the command that args call. Runs that are played side by side have as
// much room each as one has.
func floorOf(args []string) int64 {
	switch {
	case len(args) == 0:
	case args[0] == "check":
		return checkFloor
	case args[0] == "sweep", args[0] == "course":
		return memoryFloor * int64(runtime.GOMAXPROCS(0))
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

// adjustMemory is called at the start and now and then: collect seldom while there is room, which
// keeps a lesson below 150 MB, and let a long run have a fifth more than is alive. Go's own $GOGC
// and $GOMEMLIMIT come first.
func adjustMemory(floor int64) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	percent, limit := collecting(floor, int64(live[0].Value.Uint64()))
	debug.SetGCPercent(percent)
	debug.SetMemoryLimit(limit)
}

// collecting is how far the heap may grow between collections, and the most that it may be, when so
// many bytes are alive. What a run keeps alive is little beside what it uses once: half of the room
// is filled before anything is collected.
func collecting(floor, alive int64) (percent int, limit int64) {
	limit = max(floor, alive+max(floor/2, alive/5))
	return max(gcPercent, int(100*(limit/2-alive)/max(alive, leastAlive))), limit
}

// memoryAdjuster is adjustMemory for those who tell of the progress of a run.
func memoryAdjuster(_, _ model.Time) { adjustMemory(memoryFloor) }
