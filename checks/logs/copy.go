package logs

import (
	"slices"
	"sort"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// replica names one replica of one partition.
type replica struct {
	tp     kafka.TopicPartition
	broker kafka.BrokerID
}

// logCopy is what a replica's log held when it was last looked at.
type logCopy struct {
	replica
	// Invariant: batches are in order of offset; the last ends before end. What the last look has seen
	// below the log start is among them until the next.
	batches []batch
	start   kafka.Offset // the log start at the last look
	end     kafka.Offset // up to which the log was read; NoOffset before the first look
	high    kafka.Offset // the high watermark at the last look
	// noted is the log end as notes tell of it, which come with every change; NoOffset while unknown.
	noted kafka.Offset
	// hidden is the highest log start that notes tell of; see Book.hidden.
	hidden kafka.Offset
	// records are those of a topic that may be compacted, by offset; else none.
	records []record
	// horizons are the delete horizons of the batches that a cleaner has given one, by first offset.
	horizons map[kafka.Offset]int64

	// producers are the newest batches of the producers, by id, as far as batches were seen.
	producers map[int64]producer

	// What had happened before this look since the one before, and what has happened since.
	since
	pending since
	// fresh is the index of the first batch that this look has brought, gone of the first that does
	// not end below the log start.
	fresh, gone int
	// malformed are the batches among those read at this look that are not what they say.
	malformed []malformed
	// before is what the log held before it was read anew, nil when it was not.
	before *held

	// deletable is how many of the first batches retention may take, and bytes their length; total is
	// that of all.
	deletable    int
	bytes, total int64

	led    kafka.Epoch // in which the replica led at the last look, NoEpoch for not
	shown  shown       // at this look
	looks  uint64
	looked model.Time // at the last look
	care   model.Time // when it is next looked at whole
	whole  bool       // it is at this look
	idle   bool       // nothing is new at this look
	state  kafka.LogState
	late   lateSegment
}

// since is what notes and faults tell of a replica between two looks.
type since struct {
	lossy     bool // a disk may have less, or other, than was written
	restarted bool
	cut       bool // the log was truncated
	rolesDue  bool // what the log believes of itself is due to be looked at
	cleanings int  // rounds of compaction
}

// malformed is a batch that is not what it says.
type malformed struct {
	base kafka.Offset
	why  string
}

// shown is what a look has shown of a replica.
type shown struct {
	start, high kafka.Offset
	led         kafka.Epoch
}

// held is what a copy had of a log.
type held struct {
	batches  []batch
	records  []record
	horizons map[kafka.Offset]int64
	end      kafka.Offset
	since
}

// record is one record of a compacted topic.
type record struct {
	at        kafka.Offset
	key       uint64 // hash of the key; 0 for none
	sum       uint64
	tombstone bool
	seen      model.Time
}

// producer is the newest batch of an idempotent producer.
type producer struct {
	epoch    int16
	sequence int32 // of the batch's last record
	last     kafka.Offset
	maxTime  int64
	// sure says that the log must know it: nothing has happened by which it may be forgotten.
	sure bool
}

func newCopy(r replica) *logCopy {
	return &logCopy{
		replica: r, end: kafka.NoOffset, noted: kafka.NoOffset, producers: map[int64]producer{},
		shown: shown{led: kafka.NoEpoch}, pending: since{rolesDue: true},
	}
}

// at is the index of the first batch that ends at or behind offset.
func (c *logCopy) at(offset kafka.Offset) int {
	return sort.Search(len(c.batches), func(i int) bool { return c.batches[i].last >= offset })
}

// cutTo takes note that the log was truncated to end.
func (c *logCopy) cutTo(end kafka.Offset) {
	c.noted, c.pending.cut, c.pending.rolesDue = end, true, true
	if c.end == kafka.NoOffset || end >= c.end {
		return
	}
	n := sort.Search(len(c.batches), func(i int) bool { return c.batches[i].last >= end })
	c.batches = c.batches[:n]
	c.records = c.records[:sort.Search(len(c.records), func(i int) bool {
		return c.records[i].at >= end
	})]
	c.end = end
	c.recount()
	c.relearn(len(c.batches))
}

// recount sums up the lengths anew.
func (c *logCopy) recount() {
	c.deletable, c.bytes, c.total = 0, 0, 0
	for i := range c.batches {
		c.total += int64(c.batches[i].size)
	}
	c.fresh, c.gone = min(c.fresh, len(c.batches)), min(c.gone, len(c.batches))
}

// relearn learns the producers anew from the first n batches. Of one that has none of them left
// nothing is sure: it may be in a snapshot, or not.
func (c *logCopy) relearn(n int) {
	for id, p := range c.producers { //unordered: each is its own
		p.sure = false
		if p.last >= c.end {
			delete(c.producers, id)
			continue
		}
		c.producers[id] = p
	}
	for i := range c.batches[:n] {
		c.learn(&c.batches[i])
	}
}

// learn takes a batch for the newest of its producer.
func (c *logCopy) learn(b *batch) {
	if b.producer < 0 || b.control() {
		return
	}
	c.producers[b.producer] = producer{
		epoch: b.pepoch, sequence: b.lastSequence(), last: b.last, maxTime: b.maxTime, sure: true,
	}
}

// trim drops what the last look has seen below the log start.
func (c *logCopy) trim() {
	n := c.gone
	if n == 0 {
		return
	}
	for i := range c.batches[:n] {
		size := int64(c.batches[i].size)
		c.total -= size
		if i < c.deletable {
			c.bytes -= size
		}
	}
	c.deletable = max(0, c.deletable-n)
	c.batches = slices.Delete(c.batches, 0, n)
	c.gone, c.fresh = 0, max(0, c.fresh-n)
	if len(c.batches) > 0 {
		first := c.batches[0].base
		c.records = slices.Delete(c.records, 0, sort.Search(len(c.records), func(i int) bool {
			return c.records[i].at >= first
		}))
	} else {
		c.records = c.records[:0]
	}
}
