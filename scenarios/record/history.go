package record

import (
	"sync"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// history is a history that many goroutines write. Its times begin with the recording.
type history struct {
	mu       sync.Mutex
	started  time.Time
	recorder scenarios.Recorder
	next     uint64
}

// invoke records the start of an operation and returns it for its completion.
func (h *history) invoke(client string, op kafka.Op) kafka.Op {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next++
	op.ID, op.Type = h.next, kafka.Invoke
	h.put(client, op)
	return op
}

// complete records how an operation ended.
func (h *history) complete(client string, kind kafka.OpType, op kafka.Op) {
	h.mu.Lock()
	defer h.mu.Unlock()
	op.Type = kind
	h.put(client, op)
}

func (h *history) put(client string, op kafka.Op) {
	h.recorder.Record(model.NodeID(client), model.Time(time.Since(h.started)), &op)
}

func (h *history) lines() kafka.Operations {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recorder.History()
}
