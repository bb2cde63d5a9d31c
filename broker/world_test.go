package broker_test

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/brokertest"
)

// cluster is the world of these tests.
type cluster struct{ *brokertest.Cluster }

func startCluster(t brokertest.Reporter, n int, settings ...string) *cluster {
	return &cluster{brokertest.Start(t, n, settings...)}
}

func latest[R kmsg.Request](req R) R { return brokertest.Latest(req) }

var (
	tp             = brokertest.TP
	node           = brokertest.Node
	batch          = brokertest.Batch
	produceRequest = brokertest.ProduceRequest
	produced       = brokertest.Produced
	fetchRequest   = brokertest.FetchRequest
	fetchedPart    = brokertest.FetchedPart
)
