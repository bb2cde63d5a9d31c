package broker

import (
	"errors"
	"time"

	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// logCleaner compacts the logs of topics with cleanup.policy=compact, one after the other, the
// dirtiest first (LogCleaner with one thread, 3.9).
type logCleaner struct {
	reached checkpointFile // up to where each log is clean
	keys    *log.OffsetMap // of the log in work; made when one needs it
	busy    bool           // what was cleaned is being flushed
	// uncleanable are logs with damage, left alone from then on.
	uncleanable map[kafka.TopicPartition]bool
}

// cleanCost is the CPU time of reading or writing a kilobyte.
const cleanCost = 2 * time.Microsecond

// startCleaner sets the timer of the cleaner, unless that is off.
func (b *Broker) startCleaner(out *model.Effects) {
	if b.cfg.LogCleanerEnable {
		out.SetTimer(model.Timer{Kind: timerCleaner}, out.Now.Add(b.cleanerBackoff()))
	}
}

func (b *Broker) cleanerBackoff() time.Duration {
	return max(time.Millisecond, b.cfg.LogCleanerBackoff)
}

func (b *Broker) onCleanerTimer(out *model.Effects) {
	b.cleanFilthiest(out)
	out.SetTimer(model.Timer{Kind: timerCleaner}, out.Now.Add(b.cleanerBackoff()))
}

// cleanFilthiest cleans the log with the largest dirty share of those that need it, and goes on
// until none does (CleanerThread.cleanFilthiestLog, 3.9).
func (b *Broker) cleanFilthiest(out *model.Effects) {
	if b.cleaner.busy {
		return
	}
	for _, p := range b.ordered {
		if p.cfg.CleanupCompact {
			p.deleteOldSegments(out)
		}
	}
	if p, dirt := b.filthiest(out.Now); p != nil {
		b.clean(out, p, dirt)
	}
}

func (b *Broker) filthiest(now model.Time) (*Partition, log.Dirt) {
	var filthiest *Partition
	var most log.Dirt
	for _, p := range b.ordered {
		if !p.cfg.CleanupCompact || b.cleaner.uncleanable[p.tp] {
			continue
		}
		reached, ok := b.cleaner.reached.offsets[p.tp]
		if !ok {
			reached = kafka.NoOffset
		}
		dirt, due := p.log.Cleanable(now, p.highWatermark, reached)
		if due && (filthiest == nil || dirt.Ratio() > most.Ratio()) {
			filthiest, most = p, dirt
		}
	}
	return filthiest, most
}

// clean rewrites a log beside itself and makes that durable.
func (b *Broker) clean(out *model.Effects, p *Partition, dirt log.Dirt) {
	if b.cleaner.keys == nil {
		b.cleaner.keys = log.NewOffsetMap(b.cfg.LogCleanerBufferSize, int(b.cfg.LogCleanerLoadFactor))
	}
	cleaning, err := p.log.Clean(out.Now, dirt, b.cleaner.keys)
	if err != nil {
		var damage *wire.BatchError
		if errors.As(err, &damage) {
			b.cleaner.uncleanable[p.tp] = true
		}
		return
	}
	kilobytes := (cleaning.MapBytes + cleaning.BytesBefore + cleaning.BytesAfter) / 1024
	out.Work += cleaning.CodecCost + cleanCost*time.Duration(kilobytes)
	b.cleaner.busy = true
	paths := cleaning.Paths()
	open := len(paths) + 1
	done := func(out *model.Effects) {
		if open--; open == 0 {
			b.cleaner.busy = false
			b.replaceCleaned(out, p, cleaning)
		}
	}
	for _, path := range paths {
		b.flush(out, path, done)
	}
	done(out)
}

// replaceCleaned puts what was cleaned into its place, unless the log was truncated or deleted
// meanwhile, and goes on with the next log.
func (b *Broker) replaceCleaned(out *model.Effects, p *Partition,
	cleaning *log.Cleaning,
) {
	if p.gone || b.shutdown.phase == stopping {
		return
	}
	ok, err := p.log.Replace(cleaning)
	if err != nil {
		return // the log directory has seen it
	}
	if ok {
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.LogCleaned, Topic: p.tp.Topic, Partition: p.tp.Partition, Offset: cleaning.End,
			Text: cleaning.String(),
		})
		b.setCleaned(out, p, cleaning.End, nothing)
	}
	b.cleanFilthiest(out)
}

// setCleaned writes down up to where the log of p is clean.
func (b *Broker) setCleaned(out *model.Effects, p *Partition, to kafka.Offset,
	done func(*model.Effects),
) {
	b.cleaner.reached.offsets[p.tp] = to
	if log.WriteCheckpoint(b.dir, b.cleaner.reached.name, b.cleaner.reached.offsets) == nil {
		b.flush(out, b.cleaner.reached.name, done)
	}
}

// onUncleaned takes back what was cleaned behind a truncation, and holds the fetchers up until that
// is durable: otherwise the records that come there would count as clean
// (LogCleanerManager.maybeTruncateCheckpoint, 3.9).
func (p *Partition) onUncleaned(out *model.Effects) {
	b := p.b
	if b.cleaner.reached.offsets[p.tp] > p.log.ActiveBase() {
		b.flushes.holding++
		b.setCleaned(out, p, p.log.ActiveBase(), b.release)
	}
}
