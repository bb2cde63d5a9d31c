package logs

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ChangedLogs checks that a log that nothing was compacted in holds what it held: across a start of
// its broker too, for a process that dies takes nothing along that it wrote.
func (b *Book) ChangedLogs(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	list = b.Heard(kafka.ChangedLog)
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		if c.before == nil || b.rules.of(r.TP.Topic).compacts || b.part(r.TP).damaged {
			return
		}
		wrong, at := c.changed(r)
		if wrong == "" {
			return
		}
		list = append(list, Violation{
			Anomaly: kafka.ChangedLog, Identity: fmt.Sprint(r.TP, r.Broker, at),
			Explanation: fmt.Sprintf(
				"the log of %s on broker %d is not what it was, though no disk has lost "+
					"anything: %s",
				r.TP,
				r.Broker,
				wrong,
			),
			Witnesses: []kafka.Witness{
				witness(now, r.Broker, fmt.Sprintf("%s: log start %d, high watermark "+
					"%d, log end %d", r.TP, r.LogStart, r.HighWatermark, r.LogEnd)),
			},
		})
	})
	return list
}

// changed says in what a log that was read anew differs from what it held, "" for nothing.
func (c *logCopy) changed(r *kafka.ReplicaView) (string, kafka.Offset) {
	if r.LogEnd < c.before.end {
		return fmt.Sprintf("it ends at offset %d, and ended at %d", r.LogEnd, c.before.end), r.LogEnd
	}
	i := c.at(r.LogStart)
	for j := range c.before.batches {
		old := &c.before.batches[j]
		if old.last < r.LogStart {
			continue
		}
		for i < len(c.batches) && c.batches[i].last < old.base {
			i++ // it was hidden below the log start, or not deleted after all
		}
		if i == len(c.batches) || !c.batches[i].same(old) {
			return "it held " + old.describe(), old.base
		}
		i++
	}
	return "", 0
}

// observeDamage looks at what a start found damaged on a disk that nothing ever happened to: a
// process that dies leaves its files as it wrote them. Files that were half made are left over, and
// whether a log is shorter than it was is known here better than from checkpoints, which may be of
// the topic of that name before (observeRecovered).
func (b *Book) observeDamage(line *kafka.TraceLine, id kafka.BrokerID) {
	d, read := kafka.ParseDamage(line.Note.Text)
	if read && (d.Kind == kafka.DamageDropped || d.Kind == kafka.DamageShort) || b.broker(id).hurt {
		return
	}
	if d.Kind == kafka.DamageRebuilt && d.Offset >= 0 &&
		d.Offset < b.hidden(replica{line.Note.TP(), id}) {
		return
	}
	b.report(Violation{
		Anomaly: kafka.ChangedLog, Identity: fmt.Sprint("damage", line.Note.TP(), id, d.Kind),
		Explanation: fmt.Sprintf("broker %d found its disk damaged at a start, and nothing has ever "+
			"happened to it: %s", id, line.Note.Text),
		Witnesses: []kafka.Witness{{
			Op: -1, Seq: line.Seq, At: line.At, Who: string(line.Node), Text: line.Note.String(),
		}},
	})
}

// hidden is the offset below which a replica's log knows no epochs of its batches: its log start at
// some time. Epochs below go from their file at once, and the log start is written down only every
// log.flush.start.offset.checkpoint.interval.ms. A broker that was killed in between begins with
// the log start before, has batches that are older than all epochs it knows, and reads the segment
// for them.
func (b *Book) hidden(r replica) kafka.Offset {
	if c := b.copies[r]; c != nil {
		return max(c.start, c.shown.start, c.hidden)
	}
	return 0
}
