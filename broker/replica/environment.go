package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Environment is what the replicas of a broker are handed by it.
type Environment struct {
	Settings *config.Settings
	Dir      *LogDir
	Rand     *model.Rand
	Timers   Timers

	// Links are the fetchers' connections to leaders, ISRLinks those to the controller for changes of
	// the ISR: a broker works on one request of a connection at a time, and neither may wait behind
	// the other.
	Links, ISRLinks *wire.Links

	Cluster    Cluster
	Peers      Peers
	Membership Membership
	Topics     TopicLoader
	ZooKeeper  ZooKeeper
	Reconnects Reconnects
	Roles      RoleObserver
}

// Timers are the kinds of the timers that the replicas set; the ids are their own.
type Timers struct {
	Deadline   uint32 // the next deadline of a parked request
	ISR        uint32 // time to look for followers that lag
	ISRStore   uint32 // time for the ISR store to notify the controller, or to ask it again
	Checkpoint uint32 // time to write the high watermarks down
	Fetcher    uint32 // a fetcher's back-off is over; the id is the leader's
	Produce    uint32 // the rest of a long request has its turn
	LogTask    uint32 // a task of log_tasks.go is due; the id is its place in the table
	Cleaner    uint32 // time for the log cleaner to look for dirty logs
}

// Cluster is what the controller last said of the cluster's topics.
type Cluster interface {
	// Has tells whether a partition exists, on whatever brokers.
	Has(tp kafka.TopicPartition) bool
	TopicName(id [16]byte) (string, bool)
	// Version grows with everything that the controller says.
	Version() int64
}

// Peers are the brokers that are alive, as far as this one has heard.
type Peers interface {
	// Address is where another broker is reached; false when it is not alive.
	Address(id kafka.BrokerID) (string, bool)
	// Rack is that of a broker, "" for none; false when it is not alive.
	Rack(id kafka.BrokerID) (string, bool)
	Controller() kafka.BrokerID
}

// Membership is this broker's place in the cluster, by which requests of the past are fenced.
type Membership interface {
	// BrokerEpoch is that of this broker's registration (KIP-380).
	BrokerEpoch() int64
	// Admit checks the fences that the controller's requests carry and remembers the newest
	// controller epoch.
	Admit(out *model.Effects, controllerID, epoch int32, brokerEpoch int64) wire.Code
	// Stale tells whether a newer controller than that of epoch was heard since.
	Stale(epoch kafka.Epoch) bool
}

// TopicLoader reads what topics have set of their own.
type TopicLoader interface {
	// Load calls done when Settings has the configuration of every topic in names.
	Load(out *model.Effects, names []string, done func(*model.Effects))
}

// ZooKeeper is the broker's session.
type ZooKeeper interface {
	Get(out *model.Effects, path string, watch bool, done zookeeper.Done)
	Set(out *model.Effects, path string, data []byte, version int32, done zookeeper.Done)
	Create(out *model.Effects, path string, data []byte, mode zookeeper.CreateMode,
		done zookeeper.Done)
}

// Reconnects tells when a lost connection to ZooKeeper is there again.
type Reconnects interface {
	// OnceConnected runs f then, never at once.
	OnceConnected(f func(*model.Effects))
}

// RoleObserver hears what a replica becomes.
type RoleObserver interface {
	// OnRole runs when the role of p may have changed; ledBefore is whether it led.
	OnRole(out *model.Effects, p *Partition, ledBefore bool)
}

// Reply takes the answer to a request, once.
type Reply = func(out *model.Effects, resp kmsg.Response)

// Requester is the client of a Produce or a Fetch. Exactly one call ends its request.
type Requester interface {
	// Reply answers it. The response is lent until Reply returns.
	Reply(out *model.Effects, resp kmsg.Response)
	// Finish ends a request whose client wants no reply.
	Finish(out *model.Effects)
	// HangUp closes the connection, which is all that such a client can notice.
	HangUp(out *model.Effects)
}
