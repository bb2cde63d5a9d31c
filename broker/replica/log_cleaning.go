package replica

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
	rs      *Set
	reached checkpointFile // up to where each log is clean
	keys    *log.OffsetMap // of the log in work; made when one needs it
	busy    bool           // what was cleaned is being flushed
	// uncleanable are logs with damage, left alone from then on.
	uncleanable map[kafka.TopicPartition]bool
}

// cleanCost is the CPU time of reading or writing a kilobyte.
const cleanCost = 2 * time.Microsecond

func newLogCleaner(rs *Set) logCleaner {
	return logCleaner{
		rs: rs, reached: rs.loadCheckpoint(log.CleanerOffsetCheckpoint),
		uncleanable: map[kafka.TopicPartition]bool{},
	}
}

// start sets the timer of the cleaner, unless that is off.
func (c *logCleaner) start(out *model.Effects) {
	if c.rs.cfg.LogCleanerEnable {
		out.SetTimer(model.Timer{Kind: c.rs.timers.Cleaner}, out.Now.Add(c.backoff()))
	}
}

func (c *logCleaner) backoff() time.Duration {
	return max(time.Millisecond, c.rs.cfg.LogCleanerBackoff)
}

func (c *logCleaner) onTimer(out *model.Effects) {
	c.cleanFilthiest(out)
	out.SetTimer(model.Timer{Kind: c.rs.timers.Cleaner}, out.Now.Add(c.backoff()))
}

// cleanFilthiest cleans the log with the largest dirty share of those that need it, and goes on
// until none does (CleanerThread.cleanFilthiestLog, 3.9).
func (c *logCleaner) cleanFilthiest(out *model.Effects) {
	if c.busy {
		return
	}
	for _, p := range c.rs.ordered {
		if p.cfg.CleanupCompact {
			p.deleteOldSegments(out)
		}
	}
	if p, dirt := c.filthiest(out.Wall); p != nil {
		c.clean(out, p, dirt)
	}
}

func (c *logCleaner) filthiest(now model.Time) (*Partition, log.Dirt) {
	var filthiest *Partition
	var most log.Dirt
	for _, p := range c.rs.ordered {
		if !p.cfg.CleanupCompact || c.uncleanable[p.tp] {
			continue
		}
		reached, ok := c.reached.offsets[p.tp]
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
func (c *logCleaner) clean(out *model.Effects, p *Partition, dirt log.Dirt) {
	if c.keys == nil {
		c.keys = log.NewOffsetMap(c.rs.cfg.LogCleanerBufferSize, int(c.rs.cfg.LogCleanerLoadFactor))
	}
	cleaning, err := p.log.Clean(out.Wall, dirt, c.keys)
	if err != nil {
		var damage *wire.BatchError
		if errors.As(err, &damage) {
			c.uncleanable[p.tp] = true
		}
		return
	}
	kilobytes := (cleaning.MapBytes + cleaning.BytesBefore + cleaning.BytesAfter) / 1024
	out.Work += cleaning.CodecCost + cleanCost*time.Duration(kilobytes)
	c.busy = true
	paths := cleaning.Paths()
	open := len(paths) + 1
	done := func(out *model.Effects) {
		if open--; open == 0 {
			c.busy = false
			c.replaceCleaned(out, p, cleaning)
		}
	}
	for _, path := range paths {
		c.rs.dir.Flush(out, path, done)
	}
	done(out)
}

// replaceCleaned puts what was cleaned into its place, unless the log was truncated or deleted
// meanwhile, and goes on with the next log.
func (c *logCleaner) replaceCleaned(out *model.Effects, p *Partition,
	cleaning *log.Cleaning,
) {
	if p.gone || c.rs.closing {
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
		c.setCleaned(out, p, cleaning.End, nil)
	}
	c.cleanFilthiest(out)
}

// setCleaned writes down up to where the log of p is clean.
func (c *logCleaner) setCleaned(out *model.Effects, p *Partition, to kafka.Offset,
	done func(*model.Effects),
) {
	c.reached.offsets[p.tp] = to
	if log.WriteCheckpoint(c.rs.dir, c.reached.name, c.reached.offsets) == nil {
		c.rs.dir.Flush(out, c.reached.name, done)
	}
}

// onUncleaned takes back what was cleaned behind a truncation, and holds the fetchers up until that
// is durable: otherwise the records that come there would count as clean
// (LogCleanerManager.maybeTruncateCheckpoint, 3.9).
func (p *Partition) onUncleaned(out *model.Effects) {
	c := &p.rs.cleaner
	if c.reached.offsets[p.tp] > p.log.ActiveBase() {
		p.rs.fetchers.hold()
		c.setCleaned(out, p, p.log.ActiveBase(), p.rs.fetchers.release)
	}
}
