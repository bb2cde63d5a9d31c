package digest

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// Replica is the story of one broker's copy of one partition.
type Replica struct {
	Node model.NodeID
	TP   kafka.TopicPartition
	// LogEnd is one past the last record, highWatermark one past the last one that consumers may
	// see. logStart is the first record that is left; it is recorded only when it moves.
	LogEnd, HighWatermark, LogStart Staircase
}

type replicaKey struct {
	node model.NodeID
	tp   kafka.TopicPartition
}

// replicas collects the offsets of every replica. Notes of one replica come in bursts, so the
// last one is kept at hand.
type replicas struct {
	index   map[replicaKey]*Replica
	lastKey replicaKey
	last    *Replica
	// committed is the highest high watermark of each partition, and reported is what progress
	// said of it last.
	committed map[kafka.TopicPartition]kafka.Offset
	reported  map[kafka.TopicPartition]kafka.Offset
}

func newReplicas() replicas {
	return replicas{index: map[replicaKey]*Replica{},
		committed: map[kafka.TopicPartition]kafka.Offset{},
		reported:  map[kafka.TopicPartition]kafka.Offset{}}
}

func (r *replicas) of(node model.NodeID, tp kafka.TopicPartition) *Replica {
	key := replicaKey{node, tp}
	if r.last != nil && r.lastKey == key {
		return r.last
	}
	found := r.index[key]
	if found == nil {
		found = &Replica{Node: node, TP: tp}
		r.index[key] = found
	}
	r.lastKey, r.last = key, found
	return found
}

func (r *replicas) onLogEnd(l *kafka.TraceLine) {
	if kafka.InternalTopic(l.Note.Topic) || l.Note.Offset < 0 {
		return
	}
	replica := r.of(l.Node, l.Note.TP())
	replica.LogEnd.Add(l.At, int64(l.Note.Offset))
	starts := replica.LogStart.Points
	if n := len(starts); n > 1 && starts[n-1].Value < 0 { // the broker is back
		replica.LogStart.Add(l.At, starts[n-2].Value)
	}
}

func (r *replicas) onHighWatermark(l *kafka.TraceLine) {
	if kafka.InternalTopic(l.Note.Topic) || l.Note.Offset < 0 {
		return
	}
	tp := l.Note.TP()
	r.of(l.Node, tp).HighWatermark.Add(l.At, int64(l.Note.Offset))
	if l.Note.Offset > r.committed[tp] {
		r.committed[tp] = l.Note.Offset
	}
}

func (r *replicas) onLogStart(l *kafka.TraceLine) {
	if kafka.InternalTopic(l.Note.Topic) || l.Note.Offset < 0 {
		return
	}
	replica := r.of(l.Node, l.Note.TP())
	if len(replica.LogStart.Points) == 0 && len(replica.LogEnd.Points) > 0 {
		replica.LogStart.Add(replica.LogEnd.Points[0].At, 0)
	}
	replica.LogStart.Add(l.At, int64(l.Note.Offset))
}

// progress says of every partition whose high watermark has risen since the last call how far it
// is. Of many partitions only the sum is said.
func (r *replicas) progress(at model.Time) []Moment {
	const most = 4
	var tps []kafka.TopicPartition
	var sum kafka.Offset
	//unordered: sorted below
	for tp, offset := range r.committed {
		if offset > r.reported[tp] {
			tps = append(tps, tp)
			sum += offset - r.reported[tp]
		}
	}
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	var out []Moment
	for _, tp := range tps {
		from, to := r.reported[tp], r.committed[tp]
		r.reported[tp] = to
		out = append(out, Moment{At: at, Where: tp.String(), Kind: "progress", Weight: prose.Ordinary,
			What: fmt.Sprintf("is committed up to offset %d, %s more", to,
				prose.Counted(int64(to-from), "record"))})
	}
	if len(out) > most {
		return []Moment{{At: at, Where: fmt.Sprintf("%d partitions", len(tps)), Kind: "progress",
			Weight: prose.Ordinary,
			What:   fmt.Sprintf("commit %s more", prose.Counted(int64(sum), "record"))}}
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
		for _, s := range []*Staircase{&replica.LogEnd, &replica.HighWatermark, &replica.LogStart} {
			if len(s.Points) > 0 {
				s.Add(at, noValue)
			}
		}
	}
}

// finish returns the replicas by partition, then by node.
func (r *replicas) finish() []Replica {
	all := make([]Replica, 0, len(r.index))
	//unordered: sorted below
	for _, replica := range r.index {
		all = append(all, *replica)
	}
	slices.SortFunc(all, func(a, b Replica) int {
		if c := a.TP.Compare(b.TP); c != 0 {
			return c
		}
		return CompareNodes(a.Node, b.Node)
	})
	return all
}

// CompareNodes orders "broker-2" before "broker-10".
func CompareNodes(a, b model.NodeID) int { return compareNames(string(a), string(b)) }

// compareNames orders names of the same word by the number that they end in.
func compareNames(a, b string) int {
	const digits = "0123456789"
	if c := strings.Compare(strings.TrimRight(a, digits), strings.TrimRight(b, digits)); c != 0 {
		return c
	}
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
