package replica

import (
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Following is how a follower gets on with its leader.
type Following struct {
	Leader kafka.BrokerID
	Epoch  kafka.Epoch
	// Doing is what it does at the moment.
	Doing fetchState
	// Obstacle is why the leader's last answer brought it no further: a *log.UnexpectedOffsetError, a
	// *wire.BatchError, a *RefusedFetchError or an error of the disk; nil when it did.
	Obstacle error
}

// RefusedFetchError is a leader's answer that it has no records to give.
type RefusedFetchError struct{ Code wire.Code }

// Error implements error.
func (e *RefusedFetchError) Error() string { return "the leader answers " + e.Code.String() }

// Following tells how this broker follows tp's leader; false when it does not.
func (rs *Set) Following(tp kafka.TopicPartition) (Following, bool) {
	p := rs.partitions[tp]
	if p == nil || p.role != roleFollower || p.copied == nil {
		return Following{}, false
	}
	return Following{p.leader, p.leaderEpoch, p.copied.state, p.copied.obstacle}, true
}

// String says what a follower in that state does.
func (s fetchState) String() string {
	return [...]string{
		fetching: "fetches", comparing: "asks where their logs part",
		resetting: "asks where the leader's log begins", backedOff: "waits before it asks again",
		fenced: "waits for the controller, for the leader has a newer epoch",
	}[s]
}
