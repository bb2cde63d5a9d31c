package replica_test

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/replica"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// cluster is the world of these tests.
type cluster struct{ *brokertest.Cluster }

func startCluster(t brokertest.Reporter, n int, settings ...string) *cluster {
	return &cluster{brokertest.Start(t, n, settings...)}
}

func startOn(t brokertest.Reporter, hardware sim.Hardware, n int, settings ...string) *cluster {
	return &cluster{brokertest.StartOn(t, hardware, n, settings...)}
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

func latest[R kmsg.Request](req R) R { return brokertest.Latest(req) }

var (
	addFetch       = replica.AddFetch
	tp             = brokertest.TP
	node           = brokertest.Node
	batch          = brokertest.Batch
	produceRequest = brokertest.ProduceRequest
	produced       = brokertest.Produced
	fetchRequest   = brokertest.FetchRequest
	fetchPartition = brokertest.FetchPartition
	fetchedPart    = brokertest.FetchedPart
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
)
