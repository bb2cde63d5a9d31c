package logs

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// lookupBytes is how much a look asks a log to read.
const lookupBytes = 600

// WrongLookups asks each log that has grown for records by offset and by timestamp, and checks that
// it finds them: a read begins with the batch that holds the offset and goes on without a hole, up
// to the bytes or the offset that it may not reach; the first record that is not older than a
// timestamp is in the first batch that has one (LocalLog.read, LogSegment.findOffsetByTimestamp,
// 3.9). Other offsets come at each look.
func (b *Book) WrongLookups(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		// Every fourth time is enough: a wrong index stays wrong.
		if r.Lookups == nil || len(c.batches) == c.gone || c.looks%4 != 0 && !c.rolesDue ||
			b.part(r.TP).damaged {
			return
		}
		n := uint64(len(c.batches) - c.gone)
		i := c.gone + int(model.SumUint(c.looks, uint64(r.LogEnd))%n)
		wrong := c.misread(r, i)
		if wrong == "" && !b.rules.of(r.TP.Topic).compacts {
			wrong = c.mistimed(r, i)
		}
		if wrong == "" {
			return
		}
		list = append(list, Violation{
			Anomaly: kafka.WrongLookup, Identity: fmt.Sprint(r.TP, r.Broker),
			Explanation: fmt.Sprintf("the log of %s on broker %d does not find what it holds: %s", r.TP,
				r.Broker, wrong),
			Witnesses: []kafka.Witness{
				witness(now, r.Broker, r.TP.String()+": "+c.batches[i].describe()),
			},
		})
	})
	return list
}

// misread asks for the records from somewhere in batch i on, below the high watermark.
func (c *logCopy) misread(r *kafka.ReplicaView, i int) string {
	x := &c.batches[i]
	from := max(r.LogStart, x.base+(x.last-x.base)/2)
	if from >= r.HighWatermark {
		return ""
	}
	raw, ok := r.Lookups.Read(from, lookupBytes, r.HighWatermark)
	question := fmt.Sprintf("a read of %d bytes from offset %d, below %d,", lookupBytes, from,
		r.HighWatermark)
	if !ok {
		return question + " is refused"
	}
	size := len(raw)
	at := i
	for ; len(raw) > 0; at++ {
		if at == len(c.batches) {
			return question + " goes beyond the log"
		}
		length := int(c.batches[at].size)
		if len(raw) < length {
			return question + " ends within a batch"
		}
		if got, _ := parse(raw[:length], c.batches[at].seen); !got.same(&c.batches[at]) {
			return fmt.Sprintf("%s returns %s, where %s stands", question, got.describe(),
				c.batches[at].describe())
		}
		raw = raw[length:]
	}
	switch {
	case at == i && x.last < r.HighWatermark:
		return question + " returns nothing"
	case at > i && c.batches[at-1].last >= r.HighWatermark:
		return fmt.Sprintf("%s returns records up to offset %d", question, c.batches[at-1].last)
	case at > i+1 && size > lookupBytes:
		return fmt.Sprintf("%s returns %d bytes", question, size)
	}
	return ""
}

// mistimed asks for the first record that is not older than the newest of batch i.
func (c *logCopy) mistimed(r *kafka.ReplicaView, i int) string {
	millis := c.batches[i].maxTime
	if millis < 0 || c.gone < len(c.batches) && c.batches[c.gone].base < r.LogStart {
		return ""
	}
	first := i
	for j := i - 1; j >= c.gone; j-- {
		if c.batches[j].maxTime >= millis {
			first = j
		}
	}
	at, found, ok := r.Lookups.Since(millis)
	x := &c.batches[first]
	switch {
	case !ok:
		return fmt.Sprintf("it says that no record has a timestamp of %d or more", millis)
	case at < x.base || at > x.last || found < millis:
		return fmt.Sprintf(
			"the first record with a timestamp of %d or more stands at offset %d with %d, it "+
				"says; it is in %s",
			millis,
			at,
			found,
			x.describe(),
		)
	}
	return ""
}
