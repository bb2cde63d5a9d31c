package replica

import (
	"cmp"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// fetchState is where a fetcher stands with one partition.
type fetchState uint8

const (
	fetching  fetchState = iota // in every request
	comparing                   // the leader is to say, or has been asked, where the logs part
	resetting                   // its offset is out of the leader's range: ListOffsets is out
	backedOff                   // not before retryAt
	fenced                      // the leader has a newer epoch: wait for the controller's word
)

// fetched is one partition that a fetcher copies.
type fetched struct {
	p       *Partition
	f       *fetcher // nil when it no longer copies the partition
	state   fetchState
	retryAt model.Time
	// compared is false until this log is known to be the leader's up to its end. A fetch that names
	// the last epoch finds that out by itself.
	compared bool
	// asked is what the leader last heard of the partition; false in known when it knows nothing.
	asked fetchKey
	known bool
	// inSync is whether the leader's last answer left it nothing committed to fetch.
	inSync bool
	// obstacle is why the last answer brought it no further, nil when it did.
	obstacle error
	// changed says that it stands in f.changed.
	changed bool
}

// fetcher copies, from one leader, every partition that this broker follows there. One request is
// out at a time, as with num.replica.fetchers=1 (AbstractFetcherThread, 3.9). What a request costs
// depends on the partitions that have changed, not on how many there are.
type fetcher struct {
	rs     *Set
	leader kafka.BrokerID
	parts  []*fetched // by topic and partition
	busy   bool       // a request is out

	fetching int        // how many of parts are in that state
	changed  []*fetched // the next request may have to name them
	spare    []*fetched // memory for changed
	// req is the last request; answered is onFetched.
	req      kmsg.FetchRequest
	answered wire.Done
	compares []*fetched // to be compared before the next fetch
	backOffs []*fetched // by the time of their next attempt; those that left the fetcher too

	// The fetch session with the leader (KIP-227): sessionEpoch is that of the next request, 0 for a
	// full one that asks for a session.
	sessionID, sessionEpoch int32
	forgotten               []kafka.TopicPartition // in the session, but no longer to be fetched
	renew                   bool                   // the next request is to begin another session
	// retryAt is when a leader that could not be reached is tried again.
	retryAt model.Time
	armed   model.Time
}

// fetchers are the fetchers of a broker, one for each leader that it follows.
type fetchers struct {
	rs   *Set
	list []*fetcher // by the leader's id
	// holding counts the flushes that hold up the fetchers, as Kafka's threads block on them.
	holding int
}

// follow makes the fetcher of p's leader copy p, and no other fetcher. The fetcher is left to be
// set going by fetchAll, when all partitions of a request have been handed out.
func (fs *fetchers) follow(out *model.Effects, p *Partition) {
	if p.leader == kafka.NoBroker {
		fs.unfollow(p)
		return
	}
	isNew := p.followed != p.leader || fs.rs.rules.everyEpoch
	p.followed = p.leader
	if !isNew && p.copied != nil {
		return // it goes on fetching where it was (KAFKA-7164)
	}
	fs.unfollow(p)
	f := fs.of(p.leader)
	x := &fetched{p: p, f: f, state: backedOff, compared: true}
	at, _ := f.search(p.tp)
	f.parts = slices.Insert(f.parts, at, x)
	p.copied = x
	if !fs.rs.rules.fetchEpochs && slices.Contains(f.forgotten, p.tp) {
		// An answer that is on its way is thrown away. Without an epoch the leader cannot know that and
		// would not repeat what it said (KAFKA-18723).
		f.renew = true
	}
	if isNew {
		x.compared = x.beginTruncation(out)
	}
	x.resume()
}

// unfollow has p be copied by no fetcher.
func (fs *fetchers) unfollow(p *Partition) {
	x := p.copied
	if x == nil {
		return
	}
	f := x.f
	x.set(backedOff)
	if x.known {
		f.forgotten = append(f.forgotten, p.tp)
	}
	at, _ := f.search(p.tp)
	f.parts = slices.Delete(f.parts, at, at+1)
	x.f, p.copied = nil, nil
}

// fetchAll sets every fetcher going that is not.
func (fs *fetchers) fetchAll(out *model.Effects) {
	for _, f := range fs.list {
		f.fetch(out)
	}
}

// of is the fetcher of a leader.
func (fs *fetchers) of(leader kafka.BrokerID) *fetcher {
	at, found := slices.BinarySearchFunc(fs.list, leader, func(f *fetcher, id kafka.BrokerID) int {
		return int(f.leader - id)
	})
	if !found {
		f := &fetcher{rs: fs.rs, leader: leader, armed: model.Never}
		f.answered = f.onFetched
		fs.list = slices.Insert(fs.list, at, f)
	}
	return fs.list[at]
}

// hold keeps the fetchers from asking for more until release has been called as often.
func (fs *fetchers) hold() { fs.holding++ }

// release lets the fetchers go on when nothing holds them up any longer. Kafka's fetcher threads
// block one by one; here they wait for one another's flushes, which the disk does in turn anyway.
func (fs *fetchers) release(out *model.Effects) {
	if fs.holding--; fs.holding == 0 {
		fs.fetchAll(out)
	}
}

func (fs *fetchers) onTimer(out *model.Effects, leader kafka.BrokerID) {
	f := fs.of(leader)
	f.armed = model.Never
	f.fetch(out)
}

func (f *fetcher) search(tp kafka.TopicPartition) (int, bool) {
	return slices.BinarySearchFunc(f.parts, tp, func(x *fetched, tp kafka.TopicPartition) int {
		return x.p.tp.Compare(tp)
	})
}

// find is what f knows of tp, nil when it does not copy it.
func (f *fetcher) find(tp kafka.TopicPartition) *fetched {
	if at, found := f.search(tp); found {
		return f.parts[at]
	}
	return nil
}

// set is the one place where a state changes.
func (x *fetched) set(s fetchState) {
	if x.state == fetching {
		x.f.fetching--
	}
	if x.state = s; s == fetching {
		x.f.fetching++
	}
	x.change()
}

// change has the next request look at the partition again.
func (x *fetched) change() {
	if !x.changed {
		x.changed = true
		x.f.changed = append(x.f.changed, x)
	}
}

// resume ends a pause: with the comparison if that was not done yet, else with fetching.
func (x *fetched) resume() {
	if x.compared {
		x.set(fetching)
		return
	}
	x.set(comparing)
	x.f.compares = append(x.f.compares, x)
}

func (x *fetched) backOff(now model.Time) {
	f := x.f
	x.set(backedOff)
	x.retryAt = now.Add(f.rs.cfg.ReplicaFetchBackoff)
	at, _ := slices.BinarySearchFunc(f.backOffs, x.retryAt+1, func(x *fetched, t model.Time) int {
		return cmp.Compare(x.retryAt, t)
	})
	f.backOffs = slices.Insert(f.backOffs, at, x)
}

// resumeDue ends the pauses that are over and returns the end of the next.
func (f *fetcher) resumeDue(now model.Time) model.Time {
	n := 0
	for ; n < len(f.backOffs); n++ {
		x := f.backOffs[n]
		if x.f == nil {
			continue
		}
		if x.retryAt > now {
			break
		}
		x.resume()
	}
	f.backOffs = slices.Delete(f.backOffs, 0, n)
	if len(f.backOffs) == 0 {
		return model.Never
	}
	return f.backOffs[0].retryAt
}

// fetch sends the next request, unless one is out or there is nothing to ask for yet.
func (f *fetcher) fetch(out *model.Effects) {
	if f.busy || len(f.parts) == 0 || f.rs.fetchers.holding > 0 {
		return
	}
	addr, known := f.rs.peers.Address(f.leader)
	if !known || out.Now < f.retryAt {
		f.wake(out, max(f.retryAt, out.Now.Add(f.rs.cfg.ReplicaFetchBackoff)))
		return
	}
	next := f.resumeDue(out.Now)
	link := f.rs.links.To(addr)
	switch {
	case f.mustCompare():
		f.compare(out, link)
	case f.fetching > 0:
		f.busy = true
		link.Send(out, f.request(out.Now), f.rs.cfg.ReplicaSocketTimeout, f.answered)
	default:
		f.wake(out, next)
	}
}

func (f *fetcher) wake(out *model.Effects, at model.Time) {
	if at < f.armed {
		f.armed = at
		out.SetTimer(model.Timer{Kind: f.rs.timers.Fetcher, ID: uint64(f.leader)}, at)
	}
}
