package model

// NodeID names a participant of a run: "broker-1", "zookeeper-1", "producer-p1",
// "consumer-billing-2". It is also the host part of the participant's addresses ("broker-1:9092").
type NodeID string

// ConnID names a connection inside one process. Ids that a process gives to the connections that it
// dials are odd; ids that the host gives to accepted connections are even. None is reused within
// one incarnation of a process.
type ConnID uint64
