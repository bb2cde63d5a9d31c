package groups

import (
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Violation is one case of an anomaly.
type Violation struct {
	Anomaly     kafka.Anomaly
	Identity    string // of the case: seen again, it is not counted again
	Explanation string
	Witnesses   []kafka.Witness
}

// Facts are what is known of the groups of a cluster. The checks look at them before they learn of
// what the checks are asked about.
type Facts struct {
	Settings kafka.GroupSettings

	groups map[string]*group
	reigns map[int32]*reign // by partition of __consumer_offsets
	// forged says that some broker was told to answer with an error what it had done.
	forged bool
	// shifted is by how much wall clocks were set wrong, all shifts together, and drifts says that
	// some ran fast or slow: coordinators judge the age of offsets by them.
	shifted time.Duration
	drifts  bool
	// reset are topics that were deleted, and when last.
	reset map[string]model.Time
	// awake is since when a broker runs without a pause; it has no entry while it is paused.
	awake map[kafka.BrokerID]model.Time
	// suspects are offsets that are gone and may have gone with their topic, whose end nobody has
	// told yet.
	suspects []suspect
}

// reign is the time during which one broker coordinates the groups of a partition.
type reign struct {
	number int
	broker kafka.BrokerID // NoBroker while nobody does
	since  model.Time     // when it had loaded them
	// elected is the last leader of the partition that a controller chose, in epoch.
	elected kafka.BrokerID
	epoch   kafka.Epoch
}

// New returns Facts of nothing.
func New() *Facts {
	return &Facts{
		groups: map[string]*group{}, reigns: map[int32]*reign{}, reset: map[string]model.Time{},
		awake: map[kafka.BrokerID]model.Time{},
	}
}

// group is what is known of one.
type group struct {
	name      string
	partition int32
	offsets   map[kafka.TopicPartition]*register
	// generations are those that members were told of, without those long gone.
	generations map[int32]*generation
	before      map[int32]*generation // those of the time before the group was last forgotten
	synced      int32                 // the highest that was stored: somebody was assigned something
	latest      int32                 // the last that the reign latestIn gave out
	latestIn    int
	members     map[string]*member
	instances   map[string]string // group.instance.id to the id that its member was given last
	restarts    bool              // somebody asked to delete it
	deleted     *kafka.Witness    // that it was deleted, while nothing has begun it again
	rebalanced  model.Time        // when the last rebalance started
}

// generation is what its members were told.
type generation struct {
	number   int32
	reign    int
	leader   string
	protocol string
	seen     kafka.Witness // the first answer
	members  map[string]bool
	// plans are the assignments that the leader asked for, by member; more than one when it asked
	// again.
	plans []map[string]kafka.GroupMemberData
}

// member is what is known of one.
type member struct {
	id       string
	client   string
	instance string // "" for a dynamic one
	join     *kafka.JoinExchange
	joined   bool                  // a rebalance that it took part in is over
	heard    model.Time            // when it was last heard, and answered without error
	open     map[uint64]bool       // JoinGroup and SyncGroup requests without an answer yet
	asked    []*kafka.JoinExchange // the last that it sent
	// gone says that it left or was removed, or that its place was taken, under which reign.
	gone   *kafka.Witness
	goneIn int
	// given is what it was assigned last, in generation givenIn; owned says that it was.
	owned   bool
	given   []kafka.TopicPartition
	givenIn int32
}

func (f *Facts) group(name string, partition int32) *group {
	g := f.groups[name]
	if g == nil {
		g = &group{
			name: name, partition: partition, offsets: map[kafka.TopicPartition]*register{},
			generations: map[int32]*generation{}, members: map[string]*member{},
			instances: map[string]string{}, latestIn: -1,
		}
		f.groups[name] = g
	}
	return g
}

func (f *Facts) reign(partition int32) *reign {
	r := f.reigns[partition]
	if r == nil {
		r = &reign{broker: kafka.NoBroker, elected: kafka.NoBroker, epoch: kafka.NoEpoch}
		f.reigns[partition] = r
	}
	return r
}

// rules tells whether a broker coordinates the groups of a partition, and nobody else was chosen
// to.
func (f *Facts) rules(broker kafka.BrokerID, partition int32) bool {
	r := f.reign(partition)
	return r.broker == broker && (r.elected == broker || r.elected == kafka.NoBroker)
}

func (g *group) member(id string) *member {
	m := g.members[id]
	if m == nil {
		m = &member{id: id, open: map[uint64]bool{}}
		g.members[id] = m
	}
	return m
}

// same tells whether two ids are of one member: of a static one that came back under another.
func (g *group) same(a, b string) bool {
	if a == b {
		return true
	}
	x, y := g.members[a], g.members[b]
	return x != nil && y != nil && x.instance != "" && x.instance == y.instance
}

// forget lets a group begin anew. What was lost is not known: it may as well go on with a
// generation that it had.
func (g *group) forget(now model.Time) {
	if len(g.generations) > 0 {
		g.before = g.generations
	}
	g.generations, g.synced, g.latestIn = map[int32]*generation{}, 0, -1
	for id, m := range g.members { //unordered: each by itself
		g.members[id] = &member{
			id: id, client: m.client, instance: m.instance, asked: m.asked, open: map[uint64]bool{},
		}
	}
	g.instances, g.deleted = map[string]string{}, nil
	for _, r := range g.offsets { //unordered: each by itself
		r.void = now
		for _, w := range r.live {
			w.acked = false
		}
	}
}

func witness(x *kafka.GroupExchange) kafka.Witness {
	return kafka.Witness{Op: -1, At: x.At, Who: x.Client, Text: x.String()}
}
