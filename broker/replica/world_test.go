package replica_test

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/replica"
	"sandcastle/broker/world"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// cluster is the world of these tests.
type cluster struct{ *world.Cluster }

func startCluster(t world.Reporter, n int, settings ...string) *cluster {
	return &cluster{world.Start(t, n, settings...)}
}

func startOn(t world.Reporter, hardware sim.Hardware, n int, settings ...string) *cluster {
	return &cluster{world.StartOn(t, hardware, n, settings...)}
}

// part is a broker's replica of tp, nil if it has none.
func part(b *broker.Broker, tp kafka.TopicPartition) *replica.Partition {
	p, _ := b.Replicas().Find(tp)
	return p
}

func leads(p *replica.Partition) bool {
	_, leads := p.Leads()
	return leads
}

func latest[R kmsg.Request](req R) R { return world.Latest(req) }

var (
	addFetch       = replica.AddFetch
	tp             = world.TP
	node           = world.Node
	batch          = world.Batch
	produceRequest = world.ProduceRequest
	produced       = world.Produced
	fetchRequest   = world.FetchRequest
	fetchPartition = world.FetchPartition
	fetchedPart    = world.FetchedPart
)

const (
	shortSession        = "zookeeper.session.timeout.ms=6000" // keeps the tests' virtual time short
	fetching            = replica.Fetching
	backedOff           = replica.BackedOff
	fenced              = replica.Fenced
	initialEpoch        = replica.InitialEpoch
	finalEpoch          = replica.FinalEpoch
	maxFetchSessions    = replica.MaxFetchSessions
	fetchSessionSafeFor = replica.FetchSessionSafeFor
	epochDuringDelete   = replica.EpochDuringDelete
	leaderDuringDelete  = -2
)
