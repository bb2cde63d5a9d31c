package groups

import (
	"maps"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Track learns of an exchange.
func (f *Facts) Track(x *kafka.GroupExchange) {
	g := f.group(x.Group, x.Partition)
	switch x.API {
	case kafka.CommitOffsets, kafka.DeleteOffsets, kafka.DeleteGroup:
		f.trackOffsets(g, x)
	}
	if x.Answered {
		f.trackAnswer(g, x)
		return
	}
	switch x.API {
	case kafka.JoinGroup:
		g.deleted = nil
		if x.Member != "" {
			m := g.member(x.Member)
			m.open[x.ID] = true
			m.asks(x.Join)
		}
	case kafka.SyncGroup:
		g.member(x.Member).open[x.ID] = true
		f.trackPlan(g, x)
	case kafka.CommitOffsets:
		g.deleted = nil
	case kafka.DeleteGroup:
		g.restarts = true
	}
}

// most is how many of the JoinGroups that a member sent are remembered.
const most = 4

func (m *member) asks(j *kafka.JoinExchange) {
	if len(m.asked) == most {
		m.asked = m.asked[1:]
	}
	m.asked = append(m.asked, j)
}

func (f *Facts) trackPlan(g *group, x *kafka.GroupExchange) {
	gen := g.generations[x.Generation]
	if len(x.Assignments) == 0 || gen == nil || !g.same(gen.leader, x.Member) {
		return
	}
	plan := map[string]kafka.GroupMemberData{}
	for _, a := range x.Assignments {
		plan[a.Name] = a
	}
	gen.plans = append(gen.plans, plan)
}

func (f *Facts) trackAnswer(g *group, x *kafka.GroupExchange) {
	m := g.members[x.Member]
	if m != nil {
		delete(m.open, x.ID)
	}
	if !f.rules(x.Broker, x.Partition) {
		return
	}
	const rebalanceInProgress, memberIDRequired = 27, 79
	switch x.API {
	case kafka.JoinGroup:
		if x.Code == 0 {
			f.trackJoin(g, x)
		} else if x.Code == memberIDRequired && !f.forged {
			g.member(x.Join.Given).client = x.Client
		}
	case kafka.SyncGroup:
		if x.Code == 0 && m != nil {
			m.heard, g.synced = x.At, max(g.synced, x.Generation)
			m.owned, m.givenIn, m.given = true, x.Generation, x.Owned
		}
	case kafka.Heartbeat:
		if m != nil && (x.Code == 0 || x.Code == rebalanceInProgress) {
			m.heard = max(m.heard, x.Asked)
		}
	case kafka.CommitOffsets:
		if m != nil && x.Generation >= 0 && anyAccepted(x) {
			m.heard = max(m.heard, x.Asked)
		}
	case kafka.LeaveGroup:
		id := x.Member
		if id == "" && x.Instance != nil {
			id = g.instances[*x.Instance]
		}
		if left := g.members[id]; left != nil && x.Code == 0 {
			f.lose(g, left, witness(x))
		}
	case kafka.DeleteGroup:
		f.trackDeletion(g, x)
	}
}

// lose takes a member out of the group.
func (f *Facts) lose(g *group, m *member, seen kafka.Witness) {
	m.gone, m.goneIn = &seen, f.reign(g.partition).number
}

func (f *Facts) trackDeletion(g *group, x *kafka.GroupExchange) {
	if x.Code != 0 {
		return
	}
	seen := witness(x)
	g.generations, g.synced, g.latestIn = map[int32]*generation{}, 0, -1
	g.restarts = false
	g.deleted = &seen
	for _, r := range g.offsets { //unordered: one is enough
		for _, w := range r.live {
			if w.ended == model.Never || !w.gone {
				g.deleted = nil // a commit may take effect yet
			}
		}
	}
}

func (f *Facts) trackJoin(g *group, x *kafka.GroupExchange) {
	j, r := x.Join, f.reign(g.partition)
	f.trackAway(g, x.At)
	m := g.member(j.Given)
	if x.Member == "" {
		m.asks(j)
	}
	m.client, m.join, m.joined, m.heard, m.gone = x.Client, j, true, x.At, nil
	if x.Instance != nil {
		m.instance = *x.Instance
		if before := g.members[g.instances[m.instance]]; before != nil && before != m {
			f.lose(g, before, witness(x))
		}
		g.instances[m.instance] = m.id
	}
	if j.Generation < g.synced {
		g.generations, g.synced = map[int32]*generation{}, 0
	}
	gen := g.generations[j.Generation]
	if gen == nil || gen.reign != r.number && j.Generation > g.synced {
		if gen == nil {
			gen = g.before[j.Generation]
		}
		gen = gen.next(x, r.number)
		g.generations[j.Generation] = gen
		delete(g.generations, j.Generation-most)
	}
	gen.members[m.id] = true
	g.latest, g.latestIn = j.Generation, r.number
	g.trackList(j)
}

// trackAway is told before somebody joins. While nobody was there, offsets may have expired, and
// the group with them.
func (f *Facts) trackAway(g *group, now model.Time) {
	if f.nothingLeft(g, now) {
		g.generations, g.synced, g.latestIn = map[int32]*generation{}, 0, -1
	}
	for _, r := range g.offsets { //unordered: each by itself
		for _, w := range r.live {
			w.expired = w.expired || f.mayHaveExpired(g, w, now)
		}
	}
}

// next is the generation that an answer in a later reign tells of, after before, which had its
// number; nil for none. The coordinator may have gone after it stored what the leader of before
// asked for, and before it told anybody: then before stands.
func (before *generation) next(x *kafka.GroupExchange, reign int) *generation {
	gen := &generation{
		number: x.Join.Generation, reign: reign, leader: x.Join.Leader, protocol: x.Join.Protocol,
		seen: witness(x), members: map[string]bool{},
	}
	if before != nil && len(before.plans) > 0 {
		gen.plans = before.plans
		maps.Copy(gen.members, before.members)
	}
	return gen
}

// trackList learns from the list that a leader was given who has which group.instance.id: of a
// member that died before it could be answered nothing else tells it.
func (g *group) trackList(j *kafka.JoinExchange) {
	for i := range j.Members {
		if listed := &j.Members[i]; listed.Instance != nil {
			g.member(listed.Name).instance = *listed.Instance
			g.instances[*listed.Instance] = listed.Name
		}
	}
}

// TrackLine learns of a line of the trace; broker is whose it is, NoBroker for another node's.
// lossy tells whether disks or elections may have taken committed records of a partition of
// __consumer_offsets.
func (f *Facts) TrackLine(line *kafka.TraceLine, broker kafka.BrokerID, lossy func(int32) bool) {
	n := &line.Note
	switch n.Kind {
	case kafka.NoNote:
		f.trackWorld(line, broker, lossy)
	case kafka.LeaderElected, kafka.UncleanElected:
		if n.Topic == kafka.OffsetsTopic {
			if r := f.reign(n.Partition); n.Epoch > r.epoch {
				r.elected, r.epoch = n.Broker, n.Epoch
			}
			f.forgetLost(line.At, lossy)
		}
	case kafka.BecameFollower:
		if n.Topic == kafka.OffsetsTopic && f.reign(n.Partition).broker == broker {
			f.reign(n.Partition).broker = kafka.NoBroker
		}
	case kafka.CoordinatorLoaded:
		f.begin(n.Partition, broker, line.At)
		f.forgetLost(line.At, lossy)
	case kafka.TopicDeleted:
		f.reset[n.Topic] = line.At
	case kafka.RebalanceStarted:
		if g := f.groups[n.Group]; g != nil && f.rules(broker, g.partition) {
			g.rebalanced = line.At
		}
	case kafka.MemberLeft:
		g := f.groups[n.Group]
		if g == nil || !f.rules(broker, g.partition) || g.members[n.Member] == nil {
			return
		}
		f.lose(g, g.members[n.Member], kafka.Witness{
			Op: -1, Seq: line.Seq, At: line.At, Who: string(line.Node), Text: n.String(),
		})
	}
}

func (f *Facts) trackWorld(line *kafka.TraceLine, broker kafka.BrokerID, lossy func(int32) bool) {
	f.trackClocks(line)
	switch {
	case line.Kind == model.Started.String() && broker != kafka.NoBroker:
		f.awake[broker] = line.At
		for _, r := range f.reigns { //unordered: each by itself
			if r.broker == broker {
				r.broker = kafka.NoBroker
			}
		}
		f.endOpen(broker, line.At)
	case line.Fault == nil:
	case line.Kind == model.TraceHeal && line.Fault.Verb == model.FaultResume:
		f.awake[broker] = line.At
	case line.Fault.Verb == model.FaultPause:
		delete(f.awake, broker)
	case line.Fault.Verb == kafka.FaultAnswer:
		f.forged = true
	case kafka.FaultKindOf(line.Fault.Verb).LosesData:
		f.forgetLost(line.At, lossy)
	}
}

// trackClocks learns that a clock was set wrong, or that it is right again.
func (f *Facts) trackClocks(line *kafka.TraceLine) {
	if line.Fault == nil || line.Fault.Failed != "" {
		return
	}
	switch line.Fault.Verb {
	case model.FaultShiftClock:
		f.shifted += line.Fault.By.Abs()
	case model.FaultDriftClock:
		f.drifts = true
	}
}

// begin is a new coordinator of a partition.
func (f *Facts) begin(partition int32, broker kafka.BrokerID, at model.Time) {
	r := f.reign(partition)
	r.number++
	r.broker, r.since = broker, at
	for _, g := range f.groups { //unordered: each by itself
		if g.partition == partition {
			for _, m := range g.members { //unordered: each by itself
				clear(m.open)
			}
		}
	}
}

// endOpen ends what a broker that is started again was asked before.
func (f *Facts) endOpen(broker kafka.BrokerID, at model.Time) {
	for _, g := range f.groups { //unordered: each by itself
		for _, r := range g.offsets { //unordered: each by itself
			for _, w := range r.live {
				if w.broker == broker && w.ended == model.Never {
					w.ended = at
				}
			}
		}
	}
}

// forgetLost lets the groups begin anew whose partitions may have lost what was committed.
func (f *Facts) forgetLost(now model.Time, lossy func(int32) bool) {
	for _, g := range f.groups { //unordered: each by itself
		if lossy(g.partition) {
			g.forget(now)
		}
	}
}
