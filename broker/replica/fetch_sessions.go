package replica

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// How many sessions there can be, and how long one is safe from being evicted:
// max.incremental.fetch.session.cache.slots and min.incremental.fetch.session.eviction.ms, 3.9. The
// cache is not cut into shards (KAFKA-9401): that is a matter of locks.
const (
	maxFetchSessions    = 1000
	fetchSessionSafeFor = 120 * time.Second
)

// Epochs of a fetch session that mean something else (FetchMetadata, 3.9).
const (
	initialEpoch = 0  // asks for a session
	finalEpoch   = -1 // asks for none, and ends the one named
)

// fetchSessions holds the sessions of all clients.
type fetchSessions struct {
	byID   map[int32]*fetchSession
	nextID int32
}

// begin gives d its session: the one that the request names as the request changes it, a new one,
// or one for this request alone (FetchManager.newContext, 3.9).
func (s *fetchSessions) begin(
	out *model.Effects,
	d *delayedFetch,
	req *kmsg.FetchRequest,
) wire.Code {
	reader := d.rs.fetchReader(req)
	if req.SessionEpoch == initialEpoch || req.SessionEpoch == finalEpoch {
		s.remove(req.SessionID)
		d.session = newFetchSession(d.rs, reader, d.version, req)
		if req.SessionEpoch == initialEpoch {
			s.create(out.Wall, d.session)
		}
		d.epoch = d.session.epoch
		return wire.None
	}
	x := s.byID[req.SessionID]
	switch {
	case x == nil:
		return wire.FetchSessionIDNotFound
	case x.epoch != req.SessionEpoch:
		return wire.InvalidFetchSessionEpoch
	case x.usesTopicIDs != usesTopicIDs(d.version):
		return wire.FetchSessionTopicIDError
	}
	x.readBy(reader)
	x.update(req)
	if len(x.targets) == 0 {
		s.remove(x.id)
		d.session = newFetchSession(d.rs, reader, d.version, req)
		return wire.None
	}
	x.lastUsed = out.Wall
	if x.epoch++; x.epoch <= 0 {
		x.epoch = 1
	}
	d.session, d.epoch = x, x.epoch
	if old := x.waiting; old != nil {
		old.complete(out) // another request took its place; it learns so
	}
	return wire.None
}

func usesTopicIDs(version int16) bool { return version >= 13 }

func newFetchSession(rs *Set, reader fetchReader, version int16, req *kmsg.FetchRequest,
) *fetchSession {
	x := &fetchSession{rs: rs, reader: reader, usesTopicIDs: usesTopicIDs(version)}
	x.targets, x.touched.list, x.hot.list = x.room[0:0:1], x.room[1:1:2], x.room[2:2:3]
	x.update(req)
	return x
}

func (s *fetchSessions) remove(id int32) {
	if x := s.byID[id]; x != nil {
		delete(s.byID, id)
		x.close()
	}
}

// create enters x, unless there are too many and none may be evicted for it.
func (s *fetchSessions) create(now model.Time, x *fetchSession) {
	if len(s.byID) >= maxFetchSessions {
		victim := s.victim(now, x)
		if victim == nil {
			return
		}
		s.remove(victim.id)
	}
	s.nextID++
	x.id, x.epoch, x.open, x.created, x.lastUsed = s.nextID, initialEpoch+1, true, now, now
	s.byID[x.id] = x
}

// victim is the session that makes room for x: one that was not used for long, else the least
// valuable of those that x may evict, if it is worth less than x (FetchSessionCacheShard.tryEvict,
// 3.9).
func (s *fetchSessions) victim(now model.Time, x *fetchSession) *fetchSession {
	var oldest, least *fetchSession
	for _, y := range s.byID { //unordered: ties are broken by id
		if oldest == nil || y.lastUsed < oldest.lastUsed ||
			y.lastUsed == oldest.lastUsed && y.id < oldest.id {
			oldest = y
		}
		exposed := y.lastUsed.Sub(y.created) > fetchSessionSafeFor ||
			x.privileged() && !y.privileged()
		if exposed && (least == nil || y.compareValue(least) < 0) {
			least = y
		}
	}
	switch {
	case now.Sub(oldest.lastUsed) > fetchSessionSafeFor:
		return oldest
	case least != nil && least.compareValue(x) <= 0:
		return least
	default:
		return nil
	}
}

// privileged is true of a follower's session.
func (x *fetchSession) privileged() bool { return x.reader.replica >= 0 }

// compareValue orders sessions by what they are worth (EvictableKey, 3.9). One that has no id yet
// comes before others of its kind and size.
func (x *fetchSession) compareValue(y *fetchSession) int {
	switch {
	case x.privileged() != y.privileged() && y.privileged():
		return -1
	case x.privileged() != y.privileged():
		return 1
	case len(x.targets) != len(y.targets):
		return len(x.targets) - len(y.targets)
	default:
		return int(x.id - y.id)
	}
}
