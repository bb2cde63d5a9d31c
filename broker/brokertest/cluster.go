package brokertest

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

const (
	// ZooKeeper is the node of the only ZooKeeper server.
	ZooKeeper model.NodeID = "zookeeper-1"
	probeNode model.NodeID = "probe-1"
)

// Reporter is a test, or one of the many runs of a property.
type Reporter interface {
	require.TestingT
	Helper()
}

// Cluster is ZooKeeper, brokers and a client that speaks bare frames, in a simulated world whose
// hardware costs nothing but 100 µs of distance.
type Cluster struct {
	T       Reporter
	Sim     *sim.World
	Brokers []model.NodeID    // broker 1 comes first
	Notes   []kafka.TraceLine // all that were made
	probe   *probe
	lines   map[string]*Line // the connection of Request, by address
	acts    map[model.NodeID]func(*broker.Broker, *model.Effects)
	answers map[model.NodeID]answer
}

// Start starts n brokers with settings of the form "name=value", or "broker-1 name=value"
// for one of them, and returns when each of them knows all the others and one is the controller.
func Start(t Reporter, n int, settings ...string) *Cluster {
	hardware, ok := sim.Profile("ideal")
	require.True(t, ok)
	return StartOn(t, hardware, n, settings...)
}

// StartOn is Start on other hardware.
func StartOn(t Reporter, hardware sim.Hardware, n int, settings ...string) *Cluster {
	c := &Cluster{
		T: t, Sim: sim.New(sim.Config{Seed: 1}), lines: map[string]*Line{},
		acts:    map[model.NodeID]func(*broker.Broker, *model.Effects){},
		answers: map[model.NodeID]answer{},
	}
	c.Sim.OnNote(func(line *model.TraceLine) {
		var note kafka.TraceLine
		note.Read(line)
		c.Notes = append(c.Notes, note)
	})
	add := func(id model.NodeID, serves bool, make func(model.Boot) model.Process) {
		c.Sim.AddNode(sim.NodeConfig{
			ID: id, Hardware: hardware, Listens: serves, HasDisk: serves, Make: make,
		})
		c.Sim.Start(id)
	}
	add(ZooKeeper, true, func(boot model.Boot) model.Process {
		return zookeeper.NewServer(boot, zookeeper.ServerConfig{})
	})
	for i := range n {
		id := model.NodeID(fmt.Sprintf("broker-%d", i+1))
		cfg := config.NewBroker(kafka.BrokerID(i+1), string(id), 9092, "zookeeper-1:2181")
		cfg.OffsetsTopicReplication, cfg.OffsetsTopicPartitions = int16(min(n, 3)), 3
		cfg.GroupInitialRebalanceDelay = 0
		for _, s := range settings {
			name, value, _ := strings.Cut(s, "=")
			if to, its, one := strings.Cut(name, " "); one {
				if name = its; to != string(id) {
					continue
				}
			}
			if !setVariant(&cfg.Variants, name, value) {
				require.NoError(t, cfg.Set(name, value))
			}
		}
		require.NoError(t, cfg.Variants.Validate())
		c.Brokers = append(c.Brokers, id)
		add(id, true, func(boot model.Boot) model.Process { return guest{broker.New(boot, cfg), c, id} })
	}
	c.probe = &probe{}
	add(probeNode, false, func(model.Boot) model.Process { return c.probe })
	c.Eventually(10*time.Second, "all brokers know each other", func() bool {
		return c.AllKnow(n)
	})
	return c
}

// setVariant takes a setting that is a variant of a protocol and says whether it was one.
func setVariant(v *config.Variants, name, word string) bool {
	switch name {
	case "truncation":
		v.Truncation = config.Truncation(word)
	case "isr":
		v.ISR = config.ISRProtocol(word)
	case "follower-hw":
		v.FollowerHW = config.FollowerHW(word)
	default:
		return false
	}
	return true
}

// AllKnow tells whether every running broker is registered and knows n live brokers and a
// controller.
func (c *Cluster) AllKnow(n int) bool {
	for i := range c.Brokers {
		b := c.Broker(i + 1)
		if b != nil && !b.Knows(n) {
			return false
		}
	}
	return true
}

// Broker is the process of broker id, nil when it is not running.
func (c *Cluster) Broker(id int) *broker.Broker {
	if g, ok := c.Sim.Process(Node(id)).(guest); ok {
		return g.Broker
	}
	return nil
}

// Node is the node of a broker.
func Node(id int) model.NodeID { return model.NodeID(fmt.Sprintf("broker-%d", id)) }

// Address is where a broker listens.
func Address(id int) string { return fmt.Sprintf("broker-%d:9092", id) }

// Run plays for some time.
func (c *Cluster) Run(d time.Duration) { c.Sim.Run(c.Sim.Now().Add(d)) }

// Eventually plays until cond holds, which must be within limit.
func (c *Cluster) Eventually(limit time.Duration, what string, cond func() bool) {
	c.T.Helper()
	if !c.Sim.RunUntil(cond, c.Sim.Now().Add(limit)) {
		require.Fail(c.T, "not within "+limit.String()+": "+what)
	}
}

// Cut stops everything between a node and others, both ways.
func (c *Cluster) Cut(a model.NodeID, others ...model.NodeID) {
	for _, b := range others {
		c.Sim.Cut(a, b)
		c.Sim.Cut(b, a)
	}
}

// Request sends req to broker id, each time over the same connection, and returns the reply.
func (c *Cluster) Request(id int, req kmsg.Request) kmsg.Response {
	c.T.Helper()
	l := c.lines[Address(id)]
	if l == nil || l.Closed {
		l = c.Dial(id)
		c.lines[Address(id)] = l
	}
	return l.Call(req)
}

// CreateTopic creates a topic whose partitions are on the brokers that replicas name, the preferred
// leader first, and returns when the leaders lead and the followers follow.
func (c *Cluster) CreateTopic(name string, replicas [][]int32, settings ...string) {
	c.T.Helper()
	req := CreateTopicsRequest(name, replicas, settings...)
	resp := c.Request(c.Controller(), req).(*kmsg.CreateTopicsResponse)
	require.Equal(c.T, wire.None, wire.Code(resp.Topics[0].ErrorCode), resp.Topics[0].ErrorMessage)
	c.Eventually(5*time.Second, "topic "+name+" is led and followed", func() bool {
		for p, ids := range replicas {
			for i, id := range ids {
				held := c.Broker(int(id)).Replicas()
				_, leads := held.Leads(TP(name, p))
				if i == 0 && !leads || i > 0 && !held.Follows(TP(name, p)) {
					return false
				}
			}
		}
		for i := range c.Brokers {
			if b := c.Broker(i + 1); b != nil && !b.KnowsTopic(name) {
				return false
			}
		}
		return true
	})
}

// TP is a partition of a topic.
func TP(topic string, partition int) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: int32(partition)}
}

// Inside lets f act as if it were part of broker id, within one of its steps.
func (c *Cluster) Inside(id int, f func(*broker.Broker, *model.Effects)) {
	c.acts[Node(id)] = f
	c.Sim.Command(Node(id), inside{})
}

// answer is how requests of one API are answered in a broker's place.
type answer struct {
	key   int16
	reply func(kmsg.Request) kmsg.Response
}

// Answer has the requests of an API that come to broker id be answered by reply, where that is not
// nil, and by the broker otherwise.
func (c *Cluster) Answer(id int, key int16, reply func(kmsg.Request) kmsg.Response) {
	c.answers[Node(id)] = answer{key, reply}
}

// inside is the command that has a broker run what waits in cluster.acts.
type inside struct{}

func (inside) String() string { return "inside" }
func (inside) Sum() uint64    { return 0 }

// guest is a broker that also takes the command inside.
type guest struct {
	*broker.Broker
	c *Cluster
	n model.NodeID
}

// Step implements model.Process.
func (g guest) Step(in model.Event, out *model.Effects) {
	if _, ok := in.Command.(inside); ok {
		g.c.acts[g.n](g.Broker, out)
		return
	}
	if in.Kind == model.FrameReceived && g.answered(in, out) {
		return
	}
	g.Broker.Step(in, out)
}

// answered tells whether a frame was a request that Answer is about, and was answered. A reply to a
// request of the broker's own is none: it begins with a small number.
func (g guest) answered(in model.Event, out *model.Effects) bool {
	a, ok := g.c.answers[g.n]
	if !ok {
		return false
	}
	r, err := wire.ParseRequest(in.Data, func(key int16) (wire.Range, bool) {
		return wire.Range{Max: maxVersion(a.key)}, key == a.key
	})
	if err != nil {
		return false
	}
	resp := a.reply(r.Body)
	if resp == nil {
		return false
	}
	resp.SetVersion(r.Version)
	out.Send(in.Conn, wire.AppendResponse(nil, resp, r.Correlation), model.Label{
		Name: kmsg.NameForKey(a.key), Reply: true, Correlation: r.Correlation,
	})
	return true
}
