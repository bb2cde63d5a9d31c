package log

import (
	"fmt"
	"math"
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// CleanerOffsetCheckpoint is the file of a broker that says up to where its logs are clean.
const CleanerOffsetCheckpoint = "cleaner-offset-checkpoint"

// Cleaned is what a round of cleaning did.
type Cleaned struct {
	From, End                     kafka.Offset // the section that was dirty and no longer is
	BytesBefore, BytesAfter       int64        // of the segments that were rewritten
	RecordsBefore, RecordsAfter   int64
	MapBytes                      int64 // that were read to learn the newest record of each key
	Keys                          int   // in the dirty section
	SegmentsBefore, SegmentsAfter int
	CodecCost                     time.Duration // CPU time of decompressing and compressing
}

// String prints the outcome in a few words.
func (c *Cleaned) String() string {
	return fmt.Sprintf("offsets %d to %d: %d of %d records and %d of %d bytes left", c.From, c.End,
		c.RecordsAfter, c.RecordsBefore, c.BytesAfter, c.BytesBefore)
}

// Cleaning is a part of a log that has been rewritten beside it and is yet to take its place.
type Cleaning struct {
	Cleaned
	groups      []cleanedGroup
	truncations uint64 // of the log when it began
}

// cleanedGroup is one segment that is to stand for some neighbours.
type cleanedGroup struct {
	old     []*segment
	cleaned *segment
}

// cleaner is one round of cleaning one log.
type cleaner struct {
	l       *Log
	m       *OffsetMap
	now     model.Time
	end     kafka.Offset // first that is not to be cleaned
	filter  wire.BatchFilter
	header  *wire.BatchHeader // of the batch that is being filtered
	keep    func(*wire.Record) bool
	cleaned Cleaned
}

// Clean rewrites the log up to d.End, beside it, so that of the records of a key that lie below the
// end of the result only the newest is left (Cleaner.doClean, 3.9). m is emptied and filled with
// the dirty section; where it is full the result ends and the next round goes on. Tombstones stay
// for delete.retention.ms after they were first cleaned (KIP-534); records without a key go. The
// last batch of every active producer stays, without records if need be. Control batches stay, and
// every transaction counts as committed.
//
// The files that Paths names have to be flushed before Replace. The log must not be cleaned anew
// until then. A *wire.BatchError is a batch that is damaged, or has more keys than m can hold: the
// log cannot be cleaned, and is as it was. Any other error is the disk's.
func (l *Log) Clean(now model.Time, d Dirt, m *OffsetMap) (*Cleaning, error) {
	c := &cleaner{l: l, m: m, now: now, end: d.End}
	c.keep = c.keeps
	if err := c.fill(d.First); err != nil {
		return nil, err
	}
	out := &Cleaning{truncations: l.truncations}
	c.cleaned.From, c.cleaned.End, c.cleaned.Keys = d.First, m.latest+1, m.Len()
	if c.cleaned.End == d.First && m.full() {
		return nil, &wire.BatchError{Code: wire.RecordListTooLarge, Problem: fmt.Sprintf(
			"%s at offset %d: a batch with more keys than the %d that fit in memory", l.dir, d.First,
			m.most)}
	}
	for _, old := range l.cleanGroups(min(c.cleaned.End, d.End), d.End) {
		g, err := c.rewrite(old)
		if g.cleaned != nil {
			out.groups = append(out.groups, g)
		}
		if err != nil {
			if diskError(err) == nil {
				err = l.abandon(out, err)
			}
			return nil, err
		}
		c.cleaned.SegmentsBefore += len(old)
		c.cleaned.SegmentsAfter++
	}
	out.Cleaned = c.cleaned
	return out, nil
}

// fill learns from the records from offset from on, until the map is full (Cleaner.buildOffsetMap,
// 3.9).
func (c *cleaner) fill(from kafka.Offset) error {
	c.m.reset(from)
	l := c.l
	for i := l.segmentFor(from); l.segments[i].base < c.end; i++ {
		s := l.segments[i]
		full := false
		err := s.eachSound(s.positionFor(from), func(b *wire.Batch) (bool, error) {
			c.cleaned.MapBytes += int64(b.Size())
			var err error
			if full, err = c.learn(b, from); full || err != nil {
				return false, err
			}
			c.m.latest = max(c.m.latest, b.LastOffset())
			return true, nil
		})
		if err != nil || full {
			return err
		}
		c.m.latest = max(c.m.latest, l.segments[i+1].base-1)
	}
	return nil
}

// learn puts the records of a batch into the map and says whether that was full before the last.
func (c *cleaner) learn(batch *wire.Batch, from kafka.Offset) (bool, error) {
	if batch.Control() {
		return false, nil
	}
	for r, err := range batch.Records() {
		if err != nil {
			return false, err
		}
		if r.Key == nil || r.Offset < from {
			continue
		}
		if c.m.full() {
			return true, nil
		}
		c.m.put(r.Key, r.Offset)
	}
	return false, nil
}

// cleanGroups are the segments with records below end, and of neighbours as many together as make
// one segment (Cleaner.groupSegmentsBySize, 3.9). None reaches to limit.
func (l *Log) cleanGroups(end, limit kafka.Offset) [][]*segment {
	var groups [][]*segment
	var size, offsets, times int64
	for i, s := range l.segments {
		if s.base >= end {
			break
		}
		size += s.size
		offsets += int64(len(s.offsets.entries)) * offsetEntrySize
		times += int64(len(s.times.entries)) * timeEntrySize
		last := limit - 1
		if next := l.segments[i+1].base; next < end {
			last = next - 1
		}
		n := len(groups) - 1
		if n >= 0 && size <= l.cfg.SegmentBytes && max(offsets, times) <= l.cfg.indexBytes() &&
			last-groups[n][0].base <= math.MaxInt32 {
			groups[n] = append(groups[n], s)
			continue
		}
		groups = append(groups, []*segment{s})
		size = s.size
		offsets = int64(len(s.offsets.entries)) * offsetEntrySize
		times = int64(len(s.times.entries)) * timeEntrySize
	}
	return groups
}

// rewrite makes one segment of what stays of some neighbours (Cleaner.cleanSegments, 3.9).
func (c *cleaner) rewrite(old []*segment) (cleanedGroup, error) {
	g := cleanedGroup{old: old}
	var err error
	if g.cleaned, err = createCleaned(c.l, old[0].base, c.now); err != nil {
		return g, err
	}
	for _, s := range old {
		c.cleaned.BytesBefore += s.size
		err = s.eachSound(0, func(b *wire.Batch) (bool, error) {
			return true, c.copy(g.cleaned, b)
		})
		if err != nil {
			return g, err
		}
	}
	c.cleaned.BytesAfter += g.cleaned.size
	g.cleaned.modified = old[len(old)-1].modified
	return g, g.cleaned.seal()
}

// copy writes what stays of a batch to a segment.
func (c *cleaner) copy(to *segment, batch *wire.Batch) error {
	c.header = &batch.BatchHeader
	left := wire.Filtered{Batch: *batch, Records: int(batch.Count), Kept: int(batch.Count)}
	if !batch.Control() {
		horizon := c.now.Add(c.l.cfg.DeleteRetention).Millis()
		var err error
		if left, err = c.filter.Filter(batch, horizon, c.keep); err != nil {
			return err
		}
	}
	c.cleaned.RecordsBefore += int64(left.Records)
	c.cleaned.RecordsAfter += int64(left.Kept)
	c.cleaned.CodecCost += left.Cost
	if left.Kept == 0 && !batch.Control() {
		if !c.l.isLastOfProducer(&batch.BatchHeader) && batch.LastOffset() != c.end-1 {
			return nil
		}
		left.Batch = c.filter.Empty(batch)
	}
	return to.append(&left.Batch, &c.l.cfg, to.modified)
}

// keeps tells whether a record stays (Cleaner.shouldRetainRecord, 3.9).
func (c *cleaner) keeps(r *wire.Record) bool {
	if r.Offset > c.m.latest {
		return true
	}
	if r.Key == nil || r.Offset < c.m.newest(r.Key) {
		return false
	}
	horizon, set := c.header.DeleteHorizon()
	return r.Value != nil || !set || c.now.Millis() < horizon
}

// eachSound calls f with every batch from pos on, until f says no. The error is a *wire.BatchError
// before a batch that does not pass its check: rewriting it would give it a CRC that is right.
func (s *segment) eachSound(pos int64, f func(batch *wire.Batch) (bool, error)) error {
	for pos < s.size {
		h, err := s.headerAt(pos)
		if err != nil {
			return err
		}
		batch, err := s.batchAt(pos, &h)
		if err != nil {
			return err
		}
		if err := batch.Validate(); err != nil {
			return s.at(pos, err)
		}
		more, err := f(&batch)
		if err != nil {
			return s.at(pos, err)
		}
		if !more {
			return nil
		}
		pos += int64(h.Size())
	}
	return nil
}

// isLastOfProducer tells whether a batch is the newest of a producer that is active: it holds the
// sequence number that the producer's next batch goes on from.
func (l *Log) isLastOfProducer(h *wire.BatchHeader) bool {
	e := l.producers.byID[h.ProducerID]
	return e != nil && e.last() != nil && e.last().last == h.LastOffset()
}
