package scenarios

import (
	"fmt"
	"slices"
	"time"

	"sandcastle/broker/client"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/cluster"
	"sandcastle/scenarios/history"
)

// progressStep is how often the run looks whether clients get on while faults are there.
const progressStep = time.Second

// patience is how many times the timeouts that may have to pass are waited for, one after another.
const patience = 3

// progressWatch finds clients that do not get on although Kafka could serve them: all that they
// need is there and undisturbed for long enough. What else is broken is no excuse.
type progressWatch struct {
	p *player
	// able is since when a partition or a group could get on, in the form that as says: another
	// leader begins anew. moved is when it last did.
	able  map[string]model.Time
	as    map[string]string
	moved map[string]model.Time
	acked map[sending]model.Time  // when records of it were last acknowledged
	read  map[string]kafka.Offset // by group: how far its members have read together
	found []kafka.Finding
	// undisturbed tells whether nothing disturbs nodes.
	undisturbed func(...model.NodeID) bool
}

// sending is a producer and a partition that it sends to.
type sending struct {
	node model.NodeID
	tp   kafka.TopicPartition
}

func newProgressWatch(p *player) *progressWatch {
	return &progressWatch{
		p: p, able: map[string]model.Time{}, as: map[string]string{}, moved: map[string]model.Time{},
		acked:       map[sending]model.Time{},
		read:        map[string]kafka.Offset{},
		undisturbed: func(nodes ...model.NodeID) bool { return p.world.Undisturbed(nodes...) },
	}
}

// observe learns that records were acknowledged.
func (x *progressWatch) observe(line *kafka.TraceLine) {
	if line.Note.Kind == kafka.RecordsAcked {
		x.acked[sending{line.Node, line.Note.TP()}] = line.At
	}
}

// look takes one look.
func (x *progressWatch) look() {
	if x.p.healing || len(x.found) > 0 {
		return // the end has its own demands, and one finding is enough
	}
	for _, w := range x.p.producers {
		for n := range x.p.topics.Partitions(w.cfg.Topic) {
			x.producer(w, kafka.TopicPartition{Topic: w.cfg.Topic, Partition: int32(n)})
		}
	}
	for _, name := range (groupRest{x.p}).groups() {
		x.group(name)
	}
}

// since is since when something could get on in this form, and has not; false while it cannot.
func (x *progressWatch) since(what, as string, able bool) (model.Time, bool) {
	if !able {
		delete(x.able, what)
		return 0, false
	}
	if _, was := x.able[what]; !was || x.as[what] != as {
		x.able[what], x.as[what] = x.p.world.Now(), as
	}
	return max(x.able[what], x.moved[what]), true
}

// servers are those that serve a partition now: ZooKeeper, the controller, its leader and whoever
// is in sync; false when nobody can serve it.
func (x *progressWatch) servers(tp kafka.TopicPartition) ([]model.NodeID, bool) {
	c := x.p.cluster
	state, known := c.PartitionState(tp)
	controller, controlled := c.ElectedController()
	if !known || !controlled || state.Leader == kafka.NoBroker {
		return nil, false
	}
	list := []model.NodeID{c.ZooKeeper, controller, c.Node(state.Leader)}
	for _, id := range state.ISR {
		list = append(list, c.Node(id))
	}
	if b := c.Broker(c.Node(state.Leader)); b != nil {
		if v, ok := b.Replicas().View(tp, 1<<62); ok && v.Leading && len(v.ISR) < v.MinISR {
			return nil, false
		}
	}
	return list, true
}

// producer finds one whose sends to a partition do not end.
func (x *progressWatch) producer(w *workload, tp kafka.TopicPartition) {
	what := string(w.node) + " " + tp.String()
	x.moved[what] = max(x.moved[what], x.acked[sending{w.node, tp}])
	servers, able := x.servers(tp)
	able = able && x.undisturbed(append(servers, w.node)...)
	since, able := x.since(what, fmt.Sprint(servers), able)
	now := x.p.world.Now()
	if !able || now.Sub(since) < x.wait(orDefault(w.cfg.Timeout, 30*time.Second)) {
		return
	}
	c, ok := x.p.world.Process(w.node).(*client.Producer)
	if !ok || c.Done() {
		x.moved[what] = now // nothing is to be sent
		return
	}
	open, _ := x.p.recorder.OpenSends(w.node)
	if !slices.ContainsFunc(open, func(o history.OpenSend) bool {
		return o.TP == tp && o.Since.Add(x.wait(orDefault(w.cfg.Timeout, 30*time.Second))) < now
	}) {
		x.moved[what] = now
		return
	}
	why := []cluster.Waiting{{Who: string(w.node), What: fmt.Sprintf(
		"waits for the acknowledgement of records of %s", tp)}}
	x.report(append(why, x.p.cluster.WhyNotWhole(tp)...), since)
}

// wait is how long somebody is given whose requests time out so: that, a session of the brokers,
// and the time in which a follower drops out of the in-sync set, three times over.
func (x *progressWatch) wait(request time.Duration) time.Duration {
	cfg, err := x.p.brokerConfig(1, "broker-1")
	if err != nil {
		panic(err) // build refused it already
	}
	return patience * (request + cfg.ZooKeeperSessionTimeout + cfg.ReplicaLagTimeMax)
}

func orDefault[T time.Duration | int](d, usual T) T {
	if d == 0 {
		return usual
	}
	return d
}

// group finds one whose members read no further although there is more.
func (x *progressWatch) group(name string) {
	members, ok := (groupRest{x.p}).members(name)
	needs, able := x.servers(x.p.offsetsPartition(name))
	session, behind, read := time.Duration(0), []cluster.Waiting(nil), kafka.Offset(0)
	for _, tp := range (groupRest{x.p}).subscribed(members) {
		servers, led := x.servers(tp)
		needs, able = append(needs, servers...), able && led
	}
	for _, i := range members {
		id := x.p.consumers[i]
		needs = append(needs, id)
		session = max(session, orDefault(x.p.consumerOf[i].Session, 45*time.Second))
		c := x.p.world.Process(id).(*client.Consumer)
		if c.Busy(x.p.world.Now()) {
			read++ // it works on what it has read
		}
		for _, tp := range c.View().Owned {
			at, known := c.Position(tp)
			read += at
			if end, led := x.end(tp); led && c.Reads(tp) && (!known || at < end) &&
				!(groupRest{x.p}).outlived(c, tp) {
				behind = append(behind, cluster.Waiting{Who: string(id), What: fmt.Sprintf(
					"has read %s to offset %d, and it is committed to %d", tp, at, end)})
			}
		}
	}
	able = able && ok && len(members) > 0 && x.undisturbed(needs...)
	if read != x.read[name] || len(behind) == 0 && len(groupRest{x.p}.whyUnstable(name)) == 0 {
		x.read[name], x.moved["group "+name] = read, x.p.world.Now()
	}
	since, able := x.since("group "+name, fmt.Sprint(needs), able)
	if able && x.p.world.Now().Sub(since) >= x.wait(30*time.Second+session) {
		x.report(append(groupRest{x.p}.whyUnstable(name), behind...), since)
	}
}

// end is the high watermark of a partition, as its leader has it.
func (x *progressWatch) end(tp kafka.TopicPartition) (kafka.Offset, bool) {
	for _, id := range x.p.cluster.Leaders(tp) {
		at, ok := x.p.cluster.Broker(id).Replicas().Position(tp)
		return at.HighWatermark, ok
	}
	return 0, false
}

func (x *progressWatch) report(reasons []cluster.Waiting, since model.Time) {
	x.found = append(x.found, waitingFinding(kafka.NoProgress, reasons, x.p.world.Now(), fmt.Sprintf(
		"nothing that they need was disturbed since %s, and they do not get on", since)))
}
