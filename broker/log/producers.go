package log

import (
	"maps"
	"slices"
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// producers is what a log knows of the idempotent producers that wrote to it, so that a batch which
// is sent again is known again (ProducerStateManager, 3.9; KIP-98). It follows from the batches of
// the log; snapshots spare reading them all. It is independent of the log's start: a producer whose
// records were deleted is still known (KIP-360), until it has been silent for
// producer.id.expiration.ms.
type producers struct {
	byID map[int64]*producerEntry
	end  kafka.Offset // one past the last batch that is accounted for
}

func newProducers() producers { return producers{byID: map[int64]*producerEntry{}} }

// check looks at a batch that a producer has sent: the batch of the log that it repeats, if it
// does, or what is wrong with it. A producer that is not known may begin with any number, unless it
// is of those whose records were deleted and forgotten with them, before KIP-360.
func (p *producers) check(h *wire.BatchHeader, cfg *Config) (*producerBatch, error) {
	if h.ProducerID < 0 {
		return nil, nil
	}
	e := p.byID[h.ProducerID]
	if e == nil {
		if cfg.ForgetProducersWithLog && h.BaseSequence != 0 {
			return nil, &wire.BatchError{
				Code: wire.UnknownProducerID, Problem: "none of the producer's records are in the log",
			}
		}
		return nil, nil
	}
	if d := e.duplicate(h); d != nil {
		return d, nil
	}
	return nil, e.check(h)
}

// add accounts for a batch that is in the log now.
func (p *producers) add(h *wire.BatchHeader) {
	p.end = max(p.end, h.LastOffset()+1)
	if h.ProducerID < 0 || h.Control() {
		return
	}
	e := p.byID[h.ProducerID]
	if e == nil {
		e = &producerEntry{
			id: h.ProducerID, epoch: h.ProducerEpoch, coordinatorEpoch: -1, transaction: -1,
		}
		p.byID[h.ProducerID] = e
	}
	e.add(h)
}

// forget drops the producers for which gone is true.
func (p *producers) forget(gone func(*producerEntry) bool) {
	maps.DeleteFunc(p.byID, func(_ int64, e *producerEntry) bool { return gone(e) })
}

// ids are the known producer ids, ascending.
func (p *producers) ids() []int64 { return slices.Sorted(maps.Keys(p.byID)) }

// ExpireProducers forgets the producers that have been silent for expiration
// (ProducerStateManager.removeExpiredProducers, 3.9).
func (l *Log) ExpireProducers(now model.Time, expiration time.Duration) {
	l.producers.forget(func(e *producerEntry) bool { return e.expired(now, expiration) })
}

// Producers is how many producer ids the log knows.
func (l *Log) Producers() int { return len(l.producers.byID) }

// ActiveProducer is what the log knows of one idempotent producer. LastSequence and LastTimestamp
// (milliseconds) are −1 when none of its batches is remembered.
type ActiveProducer struct {
	ID            int64
	Epoch         int16
	LastSequence  int32
	LastTimestamp int64
}

// ActiveProducers lists the producers that the log knows, by id.
func (l *Log) ActiveProducers() []ActiveProducer {
	var active []ActiveProducer
	for _, id := range l.producers.ids() {
		e := l.producers.byID[id]
		a := ActiveProducer{ID: id, Epoch: e.epoch, LastSequence: -1, LastTimestamp: -1}
		if last := e.last(); last != nil {
			a.LastSequence, a.LastTimestamp = last.lastSequence, last.timestamp
		}
		active = append(active, a)
	}
	return active
}

// loadProducers makes the state anew from the newest snapshot that is not beyond the log's end and
// from the batches behind it. Snapshots that are damaged are passed over, and those beyond the end
// removed (ProducerStateManager.truncateAndReload, UnifiedLog.rebuildProducerState, 3.9).
func (l *Log) loadProducers(r *Recovery) error {
	l.producers = newProducers()
	offsets, err := l.snapshots()
	if err != nil {
		return err
	}
	beyond, damaged := leftovers{dir: l.dir}, leftovers{dir: l.dir}
	for i := len(offsets) - 1; i >= 0; i-- {
		at := offsets[i]
		if at > l.LogEnd() {
			if err := beyond.remove(l.disk, l.snapshotName(at)); err != nil {
				return err
			}
			continue
		}
		loaded, ok, err := l.readSnapshot(at)
		if err != nil {
			return err
		}
		if ok {
			l.producers = loaded
			break
		}
		if err := damaged.remove(l.disk, l.snapshotName(at)); err != nil {
			return err
		}
	}
	beyond.report("snapshots of producers behind the end of the log", r)
	damaged.report("damaged snapshots of producers", r)
	return l.replayProducers()
}

// replayProducers accounts for the batches from what the state has seen on.
func (l *Log) replayProducers() error {
	from := l.producers.end
	for i := l.segmentFor(from); i < len(l.segments); i++ {
		s := l.segments[i]
		err := s.each(s.positionFor(from), func(h *wire.BatchHeader, _ int64) bool {
			if h.BaseOffset >= from {
				l.producers.add(h)
			}
			return true
		})
		if err != nil {
			if err := diskError(err); err != nil {
				return err
			}
		}
	}
	l.producers.end = l.LogEnd()
	return nil
}
