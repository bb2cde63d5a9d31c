package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// What the tests of package replica_test see of replicas, and do to them.

type (
	FetchState  = fetchState
	Fetched     = fetched
	Fetcher     = fetcher
	Follower    = follower
	LeaderState = leaderState
)

const (
	Fetching            = fetching
	BackedOff           = backedOff
	Fenced              = fenced
	InitialEpoch        = initialEpoch
	FinalEpoch          = finalEpoch
	MaxFetchSessions    = maxFetchSessions
	FetchSessionSafeFor = fetchSessionSafeFor
)

var AddFetch = addFetch

func (rs *Set) Config() *config.Broker        { return rs.cfg }
func (rs *Set) Settings() *config.Settings    { return rs.settings }
func (rs *Set) Membership() Membership        { return rs.membership }
func (rs *Set) Peers() Peers                  { return rs.peers }
func (rs *Set) ZooKeeper() ZooKeeper          { return rs.zooKeeper }
func (rs *Set) Len() int                      { return len(rs.partitions) }
func (rs *Set) Fetcher(leader int) *Fetcher   { return rs.fetchers.of(kafka.BrokerID(leader)) }
func (rs *Set) Unfollow(p *Partition)         { rs.fetchers.unfollow(p) }
func (rs *Set) FetchersHeld() int             { return rs.fetchers.holding }
func (rs *Set) Sessions() int                 { return len(rs.sessions.byID) }
func (rs *Set) ForgetSessions()               { clear(rs.sessions.byID) }
func (rs *Set) LastSession() int32            { return rs.sessions.nextID }
func (rs *Set) SessionEpoch(id int32) int32   { return rs.sessions.byID[id].epoch }
func (rs *Set) LastFetch(id int32) model.Time { return rs.sessions.byID[id].lastFetch }

// ControllerEpoch is that of the newest controller heard of.
func (rs *Set) ControllerEpoch() kafka.Epoch {
	epoch := kafka.Epoch(0)
	for rs.membership.Stale(epoch) {
		epoch++
	}
	return epoch
}

// RecoveryPoint is what is written down of tp, Cleaned up to where its log is clean.
func (rs *Set) RecoveryPoint(tp kafka.TopicPartition) kafka.Offset {
	return rs.checkpoints.recoveryPoints.offsets[tp]
}

func (rs *Set) Cleaned(tp kafka.TopicPartition) kafka.Offset { return rs.cleaner.reached.offsets[tp] }

func (p *Partition) Log() *log.Log                      { return p.log }
func (p *Partition) Stopped() bool                      { return p.role == roleNone }
func (p *Partition) Follows() bool                      { return p.role == roleFollower }
func (p *Partition) LeaderID() kafka.BrokerID           { return p.leader }
func (p *Partition) Epoch() kafka.Epoch                 { return p.leaderEpoch }
func (p *Partition) TopicID() [16]byte                  { return p.topicID }
func (p *Partition) Assigned() []kafka.BrokerID         { return p.replicas }
func (p *Partition) Committed() []kafka.BrokerID        { return p.isr.committed }
func (p *Partition) Pending() []kafka.BrokerID          { return p.isr.pending }
func (p *Partition) Version() int32                     { return p.isr.version }
func (p *Partition) HighWatermark() kafka.Offset        { return p.highWatermark }
func (p *Partition) Followers() []*Follower             { return p.followers }
func (p *Partition) Follower(id int) *Follower          { return p.follower(kafka.BrokerID(id)) }
func (p *Partition) Touch()                             { p.touch() }
func (p *Partition) CompleteFetches(out *model.Effects) { p.completeFetches(out) }

// Waiting is how many requests wait for something of p, and Watchers how many fetches read it.
func (p *Partition) Waiting() int  { return len(p.produces) + len(p.deletes) }
func (p *Partition) Watchers() int { return len(p.watchers) }

// LeadAgain has p lead in another epoch, without the controller's having said so.
func (p *Partition) LeadAgain(out *model.Effects, epoch kafka.Epoch) error {
	return p.becomeLeader(out, leaderState{
		leader: p.rs.cfg.ID, leaderEpoch: epoch, isr: p.isr.committed, replicas: p.replicas,
		topicID: p.topicID,
	})
}

func (p *Partition) TruncateTo(out *model.Effects, end kafka.Offset, why string) error {
	return p.truncateTo(out, end, why)
}

func (p *Partition) RestartAt(out *model.Effects, start kafka.Offset, why string) error {
	return p.restartAt(out, start, why)
}

func (p *Partition) IncrementLogStart(out *model.Effects, to kafka.Offset, why string) {
	p.incrementLogStart(out, to, why)
}

func (p *Partition) OnFollowerFetch(out *model.Effects, id kafka.BrokerID, from kafka.Offset) {
	p.onFollowerFetch(out, id, from)
}

func (p *Partition) CaughtUp(now model.Time, f *Follower) bool { return p.caughtUp(now, f) }

func (p *Partition) AppendAsLeader(out *model.Effects, batch *wire.Batch) (log.Appended, error) {
	return p.appendAsLeader(out, batch)
}

func (f *follower) ID() kafka.BrokerID       { return f.id }
func (f *follower) LogEnd() kafka.Offset     { return f.logEnd }
func (f *follower) LastCaughtUp() model.Time { return f.lastCaughtUp }
func (f *follower) CaughtUpAt() model.Time   { return f.caughtUpAt() }
func (f *follower) Piggybacks() bool         { return f.piggybacks != nil }

func (f *fetcher) Fetching() int                                 { return f.fetching }
func (f *fetcher) Session() (id, epoch int32)                    { return f.sessionID, f.sessionEpoch }
func (f *fetcher) Request(now model.Time) *kmsg.FetchRequest     { return f.request(now) }
func (f *fetcher) Find(tp kafka.TopicPartition) *Fetched         { return f.find(tp) }
func (f *fetcher) ResumeDue(now model.Time) model.Time           { return f.resumeDue(now) }
func (f *fetcher) ResetSession()                                 { f.resetSession() }
func (f *fetcher) OnFetched(out *model.Effects, r kmsg.Response) { f.onFetched(out, r, nil) }

func (x *fetched) State() FetchState      { return x.state }
func (x *fetched) BackOff(now model.Time) { x.backOff(now) }
