package broker

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

const (
	zooKeeper model.NodeID = "zookeeper-1"
	probeNode model.NodeID = "probe-1"
)

// reporter is a test, or one of the many runs of a property.
type reporter interface {
	require.TestingT
	Helper()
}

// cluster is ZooKeeper, brokers and a client that speaks bare frames, in a simulated world whose
// hardware costs nothing but 100 µs of distance.
type cluster struct {
	t       reporter
	world   *sim.World
	brokers []model.NodeID
	probe   *probe
	lines   map[string]*line // the connection of request, by address
	notes   []kafka.TraceLine
	acts    map[model.NodeID]func(*Broker, *model.Effects)
}

// startCluster starts n brokers with settings of the form "name=value", or "broker-1 name=value"
// for one of them, and returns when each of them knows all the others and one is the controller.
func startCluster(t reporter, n int, settings ...string) *cluster {
	hardware, ok := sim.Profile("ideal")
	require.True(t, ok)
	return startClusterOn(t, hardware, n, settings...)
}

// startClusterOn is startCluster on other hardware.
func startClusterOn(t reporter, hardware sim.Hardware, n int, settings ...string) *cluster {
	c := &cluster{
		t: t, world: sim.New(sim.Config{Seed: 1}), lines: map[string]*line{},
		acts: map[model.NodeID]func(*Broker, *model.Effects){},
	}
	c.world.OnNote(func(line *model.TraceLine) {
		var note kafka.TraceLine
		note.Read(line)
		c.notes = append(c.notes, note)
	})
	add := func(id model.NodeID, serves bool, make func(model.Boot) model.Process) {
		c.world.AddNode(sim.NodeConfig{
			ID: id, Hardware: hardware, Listens: serves, HasDisk: serves, Make: make,
		})
		c.world.Start(id)
	}
	add(zooKeeper, true, func(boot model.Boot) model.Process {
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
		c.brokers = append(c.brokers, id)
		add(id, true, func(boot model.Boot) model.Process { return guest{New(boot, cfg), c, id} })
	}
	c.probe = &probe{}
	add(probeNode, false, func(model.Boot) model.Process { return c.probe })
	c.eventually(10*time.Second, "all brokers know each other", func() bool {
		return c.allKnow(n)
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

// allKnow tells whether every running broker is registered and knows n live brokers and a
// controller.
func (c *cluster) allKnow(n int) bool {
	for i := range c.brokers {
		b := c.broker(i + 1)
		if b != nil && (!b.registered.done || len(b.metadata.brokers) != n ||
			!b.metadata.alive(b.metadata.controller)) {
			return false
		}
	}
	return true
}

// broker is the process of broker id, nil when it is not running.
func (c *cluster) broker(id int) *Broker {
	if g, ok := c.world.Process(node(id)).(guest); ok {
		return g.Broker
	}
	return nil
}

func node(id int) model.NodeID { return model.NodeID(fmt.Sprintf("broker-%d", id)) }

func address(id int) string { return fmt.Sprintf("broker-%d:9092", id) }

func (c *cluster) run(d time.Duration) { c.world.Run(c.world.Now().Add(d)) }

// eventually plays until cond holds, which must be within limit.
func (c *cluster) eventually(limit time.Duration, what string, cond func() bool) {
	c.t.Helper()
	if !c.world.RunUntil(cond, c.world.Now().Add(limit)) {
		require.Fail(c.t, "not within "+limit.String()+": "+what)
	}
}

// cut stops everything between a node and others, both ways.
func (c *cluster) cut(a model.NodeID, others ...model.NodeID) {
	for _, b := range others {
		c.world.Cut(a, b)
		c.world.Cut(b, a)
	}
}

// request sends req to broker id, each time over the same connection, and returns the reply.
func (c *cluster) request(id int, req kmsg.Request) kmsg.Response {
	c.t.Helper()
	l := c.lines[address(id)]
	if l == nil || l.closed {
		l = c.dial(id)
		c.lines[address(id)] = l
	}
	return l.call(req)
}

// createTopic creates a topic whose partitions are on the brokers that replicas name, the preferred
// leader first, and returns when the leaders lead and the followers follow.
func (c *cluster) createTopic(name string, replicas [][]int32, settings ...string) {
	c.t.Helper()
	req := createTopics(name, replicas, settings...)
	resp := c.request(c.controller(), req).(*kmsg.CreateTopicsResponse)
	require.Equal(c.t, wire.None, wire.Code(resp.Topics[0].ErrorCode), resp.Topics[0].ErrorMessage)
	c.eventually(5*time.Second, "topic "+name+" is led and followed", func() bool {
		for p, ids := range replicas {
			for i, id := range ids {
				part := c.broker(int(id)).partitions[tp(name, p)]
				if part == nil || (i == 0) != (part.role == roleLeader) {
					return false
				}
			}
		}
		for i := range c.brokers {
			if b := c.broker(i + 1); b != nil && b.metadata.topics[name] == nil {
				return false
			}
		}
		return true
	})
}

func createTopics(name string, replicas [][]int32, settings ...string) *kmsg.CreateTopicsRequest {
	req := latest(kmsg.NewPtrCreateTopicsRequest())
	req.TimeoutMillis = 5000
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, -1, -1
	for i, ids := range replicas {
		topic.ReplicaAssignment = append(topic.ReplicaAssignment,
			kmsg.CreateTopicsRequestTopicReplicaAssignment{Partition: int32(i), Replicas: ids})
	}
	for _, s := range settings {
		key, value, _ := strings.Cut(s, "=")
		topic.Configs = append(topic.Configs,
			kmsg.CreateTopicsRequestTopicConfig{Name: key, Value: &value})
	}
	req.Topics = append(req.Topics, topic)
	return req
}

func tp(topic string, partition int) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: int32(partition)}
}

// controller is the id of the broker that believes itself the controller.
func (c *cluster) controller() int {
	c.t.Helper()
	for i := range c.brokers {
		if b := c.broker(i + 1); b != nil && b.IsController() {
			return i + 1
		}
	}
	require.Fail(c.t, "no broker is the controller")
	return 0
}

// leader is the running broker that leads tp in the highest epoch; 0 if there is none.
func (c *cluster) leader(tp kafka.TopicPartition) int {
	best, highest := 0, kafka.NoEpoch
	for i := range c.brokers {
		if b := c.broker(i + 1); b != nil {
			if epoch, leads := b.Leads(tp); leads && epoch > highest {
				best, highest = i+1, epoch
			}
		}
	}
	return best
}

// isr is what the leader of tp holds for the committed ISR.
func (c *cluster) isr(tp kafka.TopicPartition) []int32 {
	return ints(c.broker(c.leader(tp)).partitions[tp].isr.committed)
}

func ints(ids []kafka.BrokerID) []int32 {
	out := []int32{}
	for _, id := range ids {
		out = append(out, int32(id))
	}
	return out
}

// view is how broker id's replica of tp looks from outside.
func (c *cluster) view(id int, tp kafka.TopicPartition) kafka.ReplicaView {
	c.t.Helper()
	for _, v := range c.broker(id).Replicas(nil) {
		if v.TP == tp {
			return v
		}
	}
	require.Fail(c.t, fmt.Sprintf("broker %d has no replica of %s", id, tp))
	return kafka.ReplicaView{}
}

// noted counts the notes of a kind that a node made for tp.
func (c *cluster) noted(kind kafka.NoteKind, id model.NodeID, tp kafka.TopicPartition) int {
	n := 0
	for _, line := range c.notes {
		if line.Note.Kind == kind && line.Node == id && line.Note.Topic == tp.Topic &&
			line.Note.Partition == tp.Partition {
			n++
		}
	}
	return n
}

// inside lets f act as if it were part of broker id, within one of its steps.
func (c *cluster) inside(id int, f func(*Broker, *model.Effects)) {
	c.acts[node(id)] = f
	c.world.Command(node(id), inside{})
}

// inside is the command that has a broker run what waits in cluster.acts.
type inside struct{}

func (inside) String() string { return "inside" }
func (inside) Sum() uint64    { return 0 }

// guest is a broker that also takes the command inside.
type guest struct {
	*Broker
	c *cluster
	n model.NodeID
}

// Step implements model.Process.
func (g guest) Step(in model.Event, out *model.Effects) {
	if _, ok := in.Command.(inside); ok {
		g.c.acts[g.n](g.Broker, out)
		return
	}
	g.Broker.Step(in, out)
}
