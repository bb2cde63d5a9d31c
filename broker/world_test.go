package broker_test

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/world"
)

// cluster is the world of these tests.
type cluster struct{ *world.Cluster }

func startCluster(t world.Reporter, n int, settings ...string) *cluster {
	return &cluster{world.Start(t, n, settings...)}
}

func latest[R kmsg.Request](req R) R { return world.Latest(req) }

var (
	tp             = world.TP
	node           = world.Node
	batch          = world.Batch
	produceRequest = world.ProduceRequest
	produced       = world.Produced
	fetchRequest   = world.FetchRequest
	fetchPartition = world.FetchPartition
	fetchedPart    = world.FetchedPart
)
