package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker"
	"sandcastle/broker/config"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// simulated is a cluster in a World, with one client node whose connections are the lines.
type simulated struct {
	t     TB
	world *sim.World
	ids   []kafka.BrokerID
	lines []*simulatedLine // line i has connection 2i+1
	// spoil changes what comes from brokers, for tests of the contract itself; nil for nothing.
	spoil func([]byte) []byte
}

type simulatedLine struct {
	s      *simulated
	conn   model.ConnID
	addr   string
	open   bool
	closed bool
	unsent [][]byte
	frames [][]byte
}

// startSimulated starts three brokers with settings of the form "name=value" and returns when each
// serves.
func startSimulated(t TB, seed uint64, profile string, settings ...string) *simulated {
	hardware, ok := sim.Profile(profile)
	if !ok {
		t.Errorf("no hardware %q", profile)
		t.FailNow()
	}
	s := &simulated{t: t, world: sim.New(sim.Config{Seed: seed}), ids: []kafka.BrokerID{1, 2, 3}}
	add := func(id model.NodeID, make func(model.Boot) model.Process) {
		serves := id != "client-1"
		s.world.AddNode(sim.NodeConfig{ID: id, Hardware: hardware, Listens: serves, HasDisk: serves,
			Make: make})
		s.world.Start(id)
	}
	add("zookeeper-1", func(boot model.Boot) model.Process {
		return zookeeper.NewServer(boot, zookeeper.ServerConfig{})
	})
	for _, id := range s.ids {
		name := nodeOf(id)
		cfg := config.NewBroker(id, string(name), 9092, "zookeeper-1:2181")
		cfg.OffsetsTopicPartitions = 3
		for _, s := range settings {
			name, value, _ := strings.Cut(s, "=")
			if err := cfg.Set(name, value); err != nil {
				t.Errorf("%s: %v", s, err)
				t.FailNow()
			}
		}
		add(name, func(boot model.Boot) model.Process { return broker.New(boot, cfg) })
	}
	add("client-1", func(model.Boot) model.Process { return s })
	s.until("the brokers serve", func() bool {
		controllers := 0
		for _, id := range s.ids {
			b := s.world.Process(nodeOf(id)).(*broker.Broker)
			if !b.Serving() {
				return false
			}
			if b.IsController() {
				controllers++
			}
		}
		return controllers == 1
	})
	s.Wait(time.Second) // each has heard of the others
	return s
}

func nodeOf(id kafka.BrokerID) model.NodeID { return model.NodeID(fmt.Sprintf("broker-%d", id)) }

func (s *simulated) until(what string, holds func() bool) {
	s.t.Helper()
	if !s.world.RunUntil(holds, s.world.Now().Add(time.Minute)) {
		s.t.Errorf("not within a minute: %s", what)
		s.t.FailNow()
	}
}

// Brokers implements Cluster.
func (s *simulated) Brokers() []kafka.BrokerID { return s.ids }

// Now implements Cluster.
func (s *simulated) Now() model.Time { return s.world.Now() }

// Wait implements Cluster.
func (s *simulated) Wait(d time.Duration) { s.world.Run(s.world.Now().Add(d)) }

// Dial implements Cluster.
func (s *simulated) Dial(id kafka.BrokerID) Line {
	l := &simulatedLine{s: s, conn: model.ConnID(2*len(s.lines) + 1),
		addr: string(nodeOf(id)) + ":9092"}
	s.lines = append(s.lines, l)
	s.world.Command("client-1", act(func(out *model.Effects) { out.Dial(l.conn, l.addr) }))
	return l
}

// act is something that the client does when it is told to.
type act func(*model.Effects)

func (act) String() string { return "act" }
func (act) Sum() uint64    { return 0 }

// Step implements model.Process: it is the client.
func (s *simulated) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Commanded:
		in.Command.(act)(out)
	case model.ConnOpened:
		l := s.lines[in.Conn/2]
		l.open = true
		for _, frame := range l.unsent {
			out.Send(l.conn, frame, model.Label{})
		}
	case model.ConnClosed:
		s.lines[in.Conn/2].closed = true
	case model.FrameReceived:
		l := s.lines[in.Conn/2]
		frame := in.Data
		if s.spoil != nil {
			frame = s.spoil(append([]byte(nil), frame...))
		}
		l.frames = append(l.frames, frame)
	}
}

// Send implements Line.
func (l *simulatedLine) Send(frame []byte) {
	l.s.world.Command("client-1", act(func(out *model.Effects) {
		if l.open {
			out.Send(l.conn, frame, model.Label{})
			return
		}
		l.unsent = append(l.unsent, frame)
	}))
}

// Receive implements Line.
func (l *simulatedLine) Receive() ([]byte, bool) {
	l.s.t.Helper()
	l.s.until("something comes", func() bool { return len(l.frames) > 0 || l.closed })
	if len(l.frames) == 0 {
		return nil, false
	}
	frame := l.frames[0]
	l.frames = l.frames[1:]
	return frame, true
}

// Close implements Line.
func (l *simulatedLine) Close() {
	l.s.world.Command("client-1", act(func(out *model.Effects) { out.Close(l.conn) }))
}

// Brokers in the simulator do what every client relies on, on any hardware.
func TestSimulatedBrokers(t *testing.T) {
	for _, profile := range sim.Profiles() {
		t.Run(profile, func(t *testing.T) {
			for seed := range uint64(3) {
				Contract(t, startSimulated(t, seed, profile))
			}
		})
	}
}

// verdict records whether the contract found fault.
type verdict struct{ text string }

func (v *verdict) Helper()                           {}
func (v *verdict) Errorf(format string, args ...any) { v.text = fmt.Sprintf(format, args...) }
func (v *verdict) FailNow()                          { panic(v) }

// faulty requires that the contract finds fault and says what it is.
func faulty(t *testing.T, says string, spoil func([]byte) []byte, settings ...string) {
	v := &verdict{}
	s := startSimulated(t, 1, "ideal", settings...)
	s.t, s.spoil = v, spoil
	defer func() {
		require.Same(t, v, recover(), "the contract was satisfied")
		require.Contains(t, v.text, says)
	}()
	Contract(v, s)
}

// The contract must find fault with answers that were changed on their way, and with brokers that
// are set to do something else.
func TestContractFindsFault(t *testing.T) {
	faulty(t, "an answer to request", func(b []byte) []byte { b[3]++; return b })
	faulty(t, "ApiVersions v0: ", func(b []byte) []byte { return b[:len(b)-1] })
	faulty(t, "not within 10 s: the topic is there", nil, "auto.create.topics.enable=false")
	faulty(t, "delete short-lived: TOPIC_DELETION_DISABLED", nil, "delete.topic.enable=false")
	faulty(t, "JoinGroup: GROUP_MAX_SIZE_REACHED", nil, "group.max.size=1")
}
