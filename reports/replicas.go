package reports

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// replica is the story of one broker's copy of one partition.
type replica struct {
	node model.NodeID
	tp   kafka.TopicPartition
	// logEnd is one past the last record, highWatermark one past the last one that consumers may
	// see. logStart is the first record that is left; it is told of only when it moves.
	logEnd, highWatermark, logStart staircase
}

type replicaKey struct {
	node model.NodeID
	tp   kafka.TopicPartition
}

// replicas collects the offsets of every replica. Notes of one replica come in bursts, so the
// last one is kept at hand.
type replicas struct {
	index   map[replicaKey]*replica
	lastKey replicaKey
	last    *replica
	// committed is the highest high watermark of each partition, told what progress said of it
	// last.
	committed map[kafka.TopicPartition]kafka.Offset
	told      map[kafka.TopicPartition]kafka.Offset
}

func newReplicas() replicas {
	return replicas{index: map[replicaKey]*replica{},
		committed: map[kafka.TopicPartition]kafka.Offset{}, told: map[kafka.TopicPartition]kafka.Offset{}}
}

func (r *replicas) of(node model.NodeID, tp kafka.TopicPartition) *replica {
	key := replicaKey{node, tp}
	if r.last != nil && r.lastKey == key {
		return r.last
	}
	found := r.index[key]
	if found == nil {
		found = &replica{node: node, tp: tp}
		r.index[key] = found
	}
	r.lastKey, r.last = key, found
	return found
}

func (r *replicas) onLogEnd(l *kafka.TraceLine) {
	if internal(l.Note.Topic) || l.Note.Offset < 0 {
		return
	}
	replica := r.of(l.Node, l.Note.TP())
	replica.logEnd.add(l.At, int64(l.Note.Offset))
	starts := replica.logStart.points
	if n := len(starts); n > 1 && starts[n-1].v < 0 { // the broker is back
		replica.logStart.add(l.At, starts[n-2].v)
	}
}

func (r *replicas) onHighWatermark(l *kafka.TraceLine) {
	if internal(l.Note.Topic) || l.Note.Offset < 0 {
		return
	}
	tp := l.Note.TP()
	r.of(l.Node, tp).highWatermark.add(l.At, int64(l.Note.Offset))
	if l.Note.Offset > r.committed[tp] {
		r.committed[tp] = l.Note.Offset
	}
}

func (r *replicas) onLogStart(l *kafka.TraceLine) {
	if internal(l.Note.Topic) || l.Note.Offset < 0 {
		return
	}
	replica := r.of(l.Node, l.Note.TP())
	if len(replica.logStart.points) == 0 && len(replica.logEnd.points) > 0 {
		replica.logStart.add(replica.logEnd.points[0].at, 0)
	}
	replica.logStart.add(l.At, int64(l.Note.Offset))
}

// progress says of every partition whose high watermark has risen since the last call how far it
// is. Of many partitions only the sum is said.
func (r *replicas) progress(at model.Time) []Moment {
	const most = 4
	var tps []kafka.TopicPartition
	var sum kafka.Offset
	//unordered: sorted below
	for tp, offset := range r.committed {
		if offset > r.told[tp] {
			tps = append(tps, tp)
			sum += offset - r.told[tp]
		}
	}
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	var out []Moment
	for _, tp := range tps {
		from, to := r.told[tp], r.committed[tp]
		r.told[tp] = to
		out = append(out, Moment{At: at, Where: tp.String(), Kind: "progress", Weight: Ordinary,
			What: fmt.Sprintf("is committed up to offset %d, %s more", to,
				counted(int64(to-from), "record"))})
	}
	if len(out) > most {
		return []Moment{{At: at, Where: fmt.Sprintf("%d partitions", len(tps)), Kind: "progress",
			Weight: Ordinary, What: fmt.Sprintf("commit %s more", counted(int64(sum), "record"))}}
	}
	return out
}

// onDeath interrupts the staircases of node: a dead broker has no offsets.
func (r *replicas) onDeath(at model.Time, node model.NodeID) {
	//unordered: each replica of the node is changed alike, whatever the order
	for key, replica := range r.index {
		if key.node != node {
			continue
		}
		for _, s := range []*staircase{&replica.logEnd, &replica.highWatermark, &replica.logStart} {
			if len(s.points) > 0 {
				s.add(at, noValue)
			}
		}
	}
}

// finish returns the replicas by partition, then by node.
func (r *replicas) finish() []replica {
	all := make([]replica, 0, len(r.index))
	//unordered: sorted below
	for _, replica := range r.index {
		all = append(all, *replica)
	}
	slices.SortFunc(all, func(a, b replica) int {
		if c := a.tp.Compare(b.tp); c != 0 {
			return c
		}
		return compareNodes(a.node, b.node)
	})
	return all
}

// compareNodes orders "broker-2" before "broker-10".
func compareNodes(a, b model.NodeID) int {
	if c := strings.Compare(strings.TrimRight(string(a), "0123456789"),
		strings.TrimRight(string(b), "0123456789")); c != 0 {
		return c
	}
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(string(a), string(b))
}
