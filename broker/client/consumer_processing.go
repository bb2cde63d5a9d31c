package client

import (
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// processing is what the application does with the records: it works on those of the last poll, or
// is paused, or is free to poll.
type processing struct {
	cfg     *ConsumerConfig
	alarm   *alarm
	history *consumerHistory

	paused    bool
	busyUntil model.Time // it works on records until then
	// records are those that it was handed and is not done with, when each of them is to be in the
	// history; otherwise there are none.
	records []kafka.PartitionOffset
	begun   bool       // the application works on the first of them
	op      kafka.Op   // that work
	doneAt  model.Time // when it ends
}

// free reports whether the application could poll.
func (w *processing) free(now model.Time) bool { return !w.paused && now >= w.busyUntil }

// keep adds the records of a poll to those that are to be in the history.
func (w *processing) keep(polled []kafka.PolledRecords) {
	if !w.cfg.RecordProcessing {
		return
	}
	for i := range polled {
		for _, r := range polled[i].Records {
			at := kafka.PartitionOffset{Key: polled[i].Key, Offset: r.Offset}
			w.records = append(w.records, at)
		}
	}
}

// discard drops the records of a poll before the application begins to work on them.
func (w *processing) discard() { w.records = nil }

// begin has the application work on n records from now on.
func (w *processing) begin(out *model.Effects, n int) {
	w.busyUntil = out.Now.Add(time.Duration(n) * w.cfg.ProcessTime)
	if out.Now < w.busyUntil {
		w.alarm.by(out, w.busyUntil)
	}
	if len(w.records) > 0 {
		w.beginRecord(out)
	}
	w.run(out)
}

// run ends the work on the records that are done by now, and begins the next.
func (w *processing) run(out *model.Effects) {
	for w.begun {
		if out.Now < w.doneAt {
			w.alarm.by(out, w.doneAt)
			return
		}
		w.history.complete(out, kafka.OK, w.op)
		done := w.records[0]
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.RecordProcessed, Topic: done.Key.Topic, Partition: done.Key.Partition,
			Group: w.cfg.Group, Offset: done.Offset + 1,
		})
		w.begun, w.records = false, w.records[1:]
		if len(w.records) > 0 {
			w.beginRecord(out)
		}
	}
}

func (w *processing) beginRecord(out *model.Effects) {
	op := kafka.Op{F: kafka.FProcess, Offsets: w.records[:1:1]}
	w.begun, w.op, w.doneAt = true, w.history.invoke(out, op), out.Now.Add(w.cfg.ProcessTime)
}
