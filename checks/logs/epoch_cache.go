package logs

import (
	"fmt"
	"sort"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// EpochCaches checks that every log knows of the leader epochs of its batches where they begin: by
// it logs find where they part (LeaderEpochFileCache, 3.9; KIP-101).
func (b *Book) EpochCaches(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		s := c.describe(r)
		if s == nil || b.part(r.TP).damaged {
			return
		}
		wrong := c.misdated(s.Epochs, r)
		if wrong == "" {
			return
		}
		list = append(list, Violation{
			Anomaly: kafka.EpochCache, Identity: fmt.Sprint(r.TP, r.Broker),
			Explanation: fmt.Sprintf(
				"what the log of %s on broker %d knows of leader epochs is not what it "+
					"holds: %s",
				r.TP,
				r.Broker,
				wrong,
			),
			Witnesses: []kafka.Witness{
				witness(now, r.Broker, fmt.Sprintf("%s: epochs %v, log start %d, log end "+
					"%d", r.TP, s.Epochs, r.LogStart, r.LogEnd)),
			},
		})
	})
	return list
}

// misdated says what is wrong with the epochs that a log knows, "" for nothing.
func (c *logCopy) misdated(epochs []kafka.EpochStart, r *kafka.ReplicaView) string {
	for i, e := range epochs {
		switch {
		case e.Start > r.LogEnd:
			return fmt.Sprintf("epoch %d begins at offset %d, behind the log's end", e.Epoch, e.Start)
		case i > 0 && (e.Epoch <= epochs[i-1].Epoch || e.Start <= epochs[i-1].Start):
			return fmt.Sprintf("epoch %d at offset %d does not follow on %d at %d", e.Epoch, e.Start,
				epochs[i-1].Epoch, epochs[i-1].Start)
		}
	}
	for i := c.at(r.LogStart); i < len(c.batches); {
		x := &c.batches[i]
		// All batches up to the first of another epoch; epochs ascend.
		n := i + sort.Search(len(c.batches)-i, func(j int) bool { return c.batches[i+j].epoch > x.epoch })
		at := sort.Search(len(epochs), func(j int) bool { return epochs[j].Epoch >= x.epoch })
		first, last := max(x.base, r.LogStart), c.batches[n-1].last
		switch {
		case at == len(epochs) || epochs[at].Epoch != x.epoch:
			return fmt.Sprintf("it does not know epoch %d, which begins at offset %d", x.epoch, first)
		case epochs[at].Start > first:
			return fmt.Sprintf(
				"epoch %d begins at offset %d, a batch of it at %d",
				x.epoch,
				epochs[at].Start,
				x.base,
			)
		case at+1 < len(epochs) && epochs[at+1].Start <= last:
			return fmt.Sprintf("epoch %d begins at offset %d, below the end of epoch %d at %d",
				epochs[at+1].Epoch, epochs[at+1].Start, x.epoch, last)
		case i > 0 && epochs[at].Start <= c.batches[i-1].last && c.batches[i-1].epoch < x.epoch &&
			epochs[at].Start > r.LogStart:
			return fmt.Sprintf("epoch %d begins at offset %d, a batch of epoch %d ends at %d", x.epoch,
				epochs[at].Start, c.batches[i-1].epoch, c.batches[i-1].last)
		}
		i = n
	}
	return ""
}
