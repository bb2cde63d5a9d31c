package conformance

import (
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// TB is what the contract needs of a test; *testing.T has it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// Cluster is at least two brokers that serve and have no topics yet.
type Cluster interface {
	Brokers() []kafka.BrokerID
	// Dial opens a connection of its own to a broker.
	Dial(id kafka.BrokerID) Line
	// Now is the time as the brokers know it, and Wait lets some go by.
	Now() model.Time
	Wait(d time.Duration)
}

// Line is one connection to a broker.
type Line interface {
	Send(frame []byte)
	// Receive waits for the next frame. It returns false when the broker has closed the connection,
	// and fails the test when nothing happens for a minute.
	Receive() ([]byte, bool)
	Close()
}

// Contract plays everything against c.
func Contract(t TB, c Cluster) {
	t.Helper()
	for _, clause := range []func(*player){
		versions, unknownAPIs, strangeFrames, pipelining,
		autoCreation, createTopics, deleteTopics, otherLeader,
		acks, offsets, outOfRange, corruptBatches,
		deleteRecords, duplicates, gapsInSequences,
		pollWakes, pollEnds, fetchSession,
		group, groupErrors,
	} {
		p := &player{TB: t, c: c, calls: map[kafka.BrokerID]*call{}}
		clause(p)
		p.close()
	}
}
