package logs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Violation is one case of something that must not be.
type Violation struct {
	Anomaly     kafka.Anomaly
	Cause       kafka.Anomaly // what it follows from where that is found too, "" for nothing else
	Identity    string        // of the case: seen again, it is not another
	Explanation string
	Witnesses   []kafka.Witness
}

// Book is everything that is known of the logs of a cluster. The zero value is not ready; use New.
type Book struct {
	copies  map[replica]*logCopy
	parts   map[kafka.TopicPartition]*part
	rules   rules
	brokers map[kafka.BrokerID]*brokerTimes
	names   map[model.NodeID]kafka.BrokerID
	// rotten are brokers on whose disks something stands that nobody wrote.
	rotten map[kafka.BrokerID]bool
	clocks clocks
	// heard are violations that notes and operations have shown, until they are reported.
	heard map[kafka.Anomaly][]Violation
	now   model.Time
	// sizes are the numbers of partitions that each topic has had.
	sizes map[string][]int
	shown []shownReplica // at this look
	near  kafka.Near[nearReplica]
}

// nearReplica is what is known of a replica that notes are about; c is nil before the first look.
type nearReplica struct {
	id kafka.BrokerID
	c  *logCopy
	p  *part
}

// shownReplica is a replica of a look, by its place there, and its copy.
type shownReplica struct {
	c  *logCopy
	at int
}

// brokerTimes is since when a broker has run undisturbed, whether it does not, and whether its disk
// ever lost something.
type brokerTimes struct {
	calm       model.Time
	down, hurt bool
	// away says that the controller knows of no such broker: it tells it nothing.
	away bool
}

// part is what is known of a partition, whichever replica showed it.
type part struct {
	// allowed is the offset below which records may be gone, by retention or DeleteRecords.
	allowed kafka.Offset
	// deletions are the offsets up to which brokers are asked to delete records, NoOffset for the high
	// watermark, as long as they have not answered.
	deletions []kafka.Offset
	// seen is up to where a copy of the partition ever had read.
	seen kafka.Offset
	// high is the highest high watermark that a leader ever had.
	high kafka.Offset
	// ends is how far the log of each replica ever reached.
	ends  map[kafka.BrokerID]kafka.Offset
	leads map[kafka.BrokerID]bool
	epoch kafka.Epoch // the newest in which somebody led
	// watched says that whoever leads is seen, and so is how far it commits.
	watched bool
	// damaged says that a disk with a replica may have lost something.
	damaged bool
	// moved says that its replicas were moved; untold are brokers that may not have been told to stop
	// theirs.
	moved  bool
	untold map[kafka.BrokerID]bool
}

// New returns a Book of nothing.
func New() *Book {
	return &Book{
		copies: map[replica]*logCopy{}, parts: map[kafka.TopicPartition]*part{}, rules: newRules(),
		brokers: map[kafka.BrokerID]*brokerTimes{}, names: map[model.NodeID]kafka.BrokerID{},
		heard: map[kafka.Anomaly][]Violation{}, rotten: map[kafka.BrokerID]bool{},
		sizes: map[string][]int{},
	}
}

func (b *Book) part(tp kafka.TopicPartition) *part {
	p := b.parts[tp]
	if p == nil {
		p = &part{
			ends: map[kafka.BrokerID]kafka.Offset{}, leads: map[kafka.BrokerID]bool{}, epoch: kafka.NoEpoch,
			untold: map[kafka.BrokerID]bool{},
		}
		b.parts[tp] = p
	}
	return p
}

func (b *Book) broker(id kafka.BrokerID) *brokerTimes {
	t := b.brokers[id]
	if t == nil {
		t = &brokerTimes{}
		b.brokers[id] = t
	}
	return t
}

// brokerID reads the id off a node's name, "broker-<id>".
func (b *Book) brokerID(node model.NodeID) (kafka.BrokerID, bool) {
	id, known := b.names[node]
	if !known {
		digits, is := strings.CutPrefix(string(node), "broker-")
		n, err := strconv.Atoi(digits)
		if id = kafka.BrokerID(n); !is || err != nil {
			id = kafka.NoBroker
		}
		b.names[node] = id
	}
	return id, id != kafka.NoBroker
}

// Observe takes a line of the trace; lines come in order.
func (b *Book) Observe(line *kafka.TraceLine) {
	b.now = line.At
	n := &line.Note
	if n.Kind == kafka.LogEnd || n.Kind == kafka.HighWatermark {
		b.observeReach(line)
		return
	}
	b.near.Forget()
	switch n.Kind {
	case kafka.TopicCreated, kafka.LeaderElected:
		b.observeTopicSize(n)
		return
	case kafka.NoNote:
		b.observeNode(line)
		return
	case kafka.TopicDeleted:
		b.forgetTopic(n.Topic)
		return
	case kafka.ControllerElected, kafka.SessionExpired, kafka.BrokerRegistered,
		kafka.BrokerUnregistered, kafka.ReassignmentStarted:
		b.observeUntold(n)
		return
	case kafka.ReassignmentCompleted:
		b.observeUntold(n)
		maps.DeleteFunc(b.copies, func(r replica, _ *logCopy) bool {
			return r.tp == n.TP() && !slices.Contains(n.Brokers, r.broker)
		})
		return
	}
	id, ok := b.brokerID(line.Node)
	if !ok {
		return
	}
	switch n.Kind {
	case kafka.BecameLeader, kafka.BecameFollower:
		b.observeRole(n, id)
	case kafka.LogRecovered:
		b.observeRecovered(line, id)
	case kafka.DamageFound:
		b.observeDamage(line, id)
	case kafka.LogStart:
		if c := b.copies[replica{n.TP(), id}]; c != nil {
			c.hidden = max(c.hidden, n.Offset)
		}
	case kafka.LogTruncated:
		if c := b.copies[replica{n.TP(), id}]; c != nil {
			c.cutTo(n.Offset)
		}
	case kafka.LogCleaned:
		if c := b.copies[replica{n.TP(), id}]; c != nil {
			c.pending.cleanings++
		}
	}
}

// observeReach takes how far a log or its high watermark is.
func (b *Book) observeReach(line *kafka.TraceLine) {
	n := &line.Note
	x, known := b.near.Find(line)
	if !known {
		id, ok := b.brokerID(line.Node)
		if !ok {
			return
		}
		x = nearReplica{id, b.copies[replica{n.TP(), id}], b.part(n.TP())}
		b.near.Found(line, x)
	}
	if n.Kind == kafka.HighWatermark {
		if x.p.leads[x.id] {
			x.p.high = max(x.p.high, n.Offset)
		}
		return
	}
	if x.c != nil {
		x.c.noted = n.Offset
	}
	if x.p.ends[x.id] < n.Offset {
		x.p.ends[x.id] = n.Offset
	}
}

func (b *Book) observeRole(n *kafka.Note, id kafka.BrokerID) {
	p := b.part(n.TP())
	p.epoch = max(p.epoch, n.Epoch)
	p.leads[id] = n.Kind == kafka.BecameLeader
	p.watched = p.watched || p.leads[id]
	p.ends[id] = max(p.ends[id], n.Offset)
	if c := b.copies[replica{n.TP(), id}]; c != nil {
		c.pending.rolesDue = true
		if n.Offset < c.noted && (n.Offset == 0 || !c.pending.restarted) {
			delete(b.copies, c.replica) // it was taken away, and has come back
		}
	}
}

// observeRecovered compares the end of a log that was opened with the one that it had.
func (b *Book) observeRecovered(line *kafka.TraceLine, id kafka.BrokerID) {
	n := &line.Note
	c := b.copies[replica{n.TP(), id}]
	if c == nil {
		return
	}
	if c.noted > n.Offset && !c.pending.lossy {
		b.report(Violation{
			Anomaly:  kafka.ChangedLog,
			Identity: fmt.Sprint(n.TP(), id, "end", line.At),
			Explanation: fmt.Sprintf("broker %d opened %s again and found its end at offset %d; it was %d, "+
				"and no disk has lost anything", id, n.TP(), n.Offset, c.noted),
			Witnesses: []kafka.Witness{{
				Op: -1, Seq: line.Seq, At: line.At, Who: string(line.Node), Text: n.String(),
			}},
		})
	}
	c.noted = n.Offset
}

func (b *Book) report(v Violation) { b.heard[v.Anomaly] = append(b.heard[v.Anomaly], v) }

// Heard takes the violations of an anomaly that notes and operations have shown.
func (b *Book) Heard(a kafka.Anomaly) []Violation {
	list := b.heard[a]
	delete(b.heard, a)
	return list
}

// observeNode follows what becomes of brokers and their disks.
func (b *Book) observeNode(line *kafka.TraceLine) {
	if line.Kind == model.TraceFault && line.Fault.Failed == "" {
		b.clocks.observe(line.At, line.Fault)
	}
	if line.Kind == model.TraceHeal && line.Fault != nil {
		switch line.Fault.Verb {
		case model.FaultShiftClock, model.FaultDriftClock:
			b.clocks.heal(line.At, line.Fault.Node)
		}
	}
	id, ok := b.brokerID(line.Node)
	if !ok {
		return
	}
	switch {
	case line.Kind == model.Started.String():
		x := b.broker(id)
		x.calm, x.down = line.At, false
		for _, c := range b.copies { //unordered: each is its own
			if c.broker == id {
				c.pending.restarted, c.pending.rolesDue = true, true
				c.pending.lossy = c.pending.lossy || b.rotten[id]
			}
		}
		for _, p := range b.parts { //unordered: each is its own
			delete(p.leads, id)
		}
	case line.Kind == model.TraceFault && line.Fault.Failed == "":
		verb := line.Fault.Verb
		x := b.broker(id)
		x.calm = line.At
		b.rotten[id] = b.rotten[id] || verb == model.FaultRot || verb == model.FaultMisdirect
		wrongClock := verb == model.FaultShiftClock || verb == model.FaultDriftClock
		x.down = x.down && wrongClock || !wrongClock && kafka.FaultKindOf(verb).Begins &&
			line.Fault.Peer == "" && verb != kafka.FaultCutControl
		if verb != model.FaultDisk && !kafka.FaultKindOf(verb).LosesData {
			return
		}
		x.hurt = true
		only, one := kafka.ParseTopicPartition(line.Fault.Detail)
		for r, c := range b.copies { //unordered: each is its own
			if r.broker == id && (!one || r.tp == only) {
				c.pending.lossy = true
				b.part(r.tp).damaged = true
			}
		}
	case line.Kind == model.TraceHeal:
		x := b.broker(id)
		x.calm = line.At
		switch line.Fault.Verb {
		case model.FaultShiftClock, model.FaultDriftClock:
			return
		case model.FaultRot, model.FaultMisdirect:
			delete(b.rotten, id)
		}
		x.down = false
	}
}

// forgetTopic begins anew: a topic of that name made later has other records.
func (b *Book) forgetTopic(topic string) {
	maps.DeleteFunc(b.copies, func(r replica, _ *logCopy) bool { return r.tp.Topic == topic })
	for tp, p := range b.parts { //unordered: each is its own
		if tp.Topic == topic {
			// What was read or acknowledged before may still be told.
			fresh := part{
				ends: p.ends, high: p.high, leads: p.leads, epoch: kafka.NoEpoch, watched: p.watched,
				deletions: p.deletions, untold: map[kafka.BrokerID]bool{},
			}
			*p = fresh
		}
	}
}

// mayStartAt is the highest log start that the partition may have by now.
func (p *part) mayStartAt() kafka.Offset {
	allowed := p.allowed
	for _, before := range p.deletions {
		allowed = max(allowed, p.deletable(before))
	}
	return allowed
}

// AllowedStart is the highest log start that retention and DeleteRecords can have given a
// partition; false when nothing is known of it.
func (b *Book) AllowedStart(tp kafka.TopicPartition) (kafka.Offset, bool) {
	p := b.parts[tp]
	if p == nil {
		return 0, false
	}
	return p.mayStartAt(), true
}

// witness is what a broker's replica shows.
func witness(now model.Time, id kafka.BrokerID, text string) kafka.Witness {
	return kafka.Witness{Op: -1, At: now, Who: fmt.Sprintf("broker-%d", id), Text: text}
}
