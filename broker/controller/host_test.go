package controller

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const (
	hostSession uint32 = iota + 1
	hostLinks
	hostController
	hostRegister
)

const sessionTimeout = 6 * time.Second

// host is a broker reduced to what its controller needs: a session in which it is registered,
// connections, and an end that takes the requests of controllers, writes them down and answers that
// all is well.
type host struct {
	w       *world
	id      kafka.BrokerID
	session *zookeeper.Session
	links   *wire.Links
	c       *Controller
	// got are the requests of controllers, one line each, newest last.
	got []string
	// answer changes the answer to a request. Nil leaves it.
	answer func(req kmsg.Request, resp kmsg.Response)
	// stale is the controller epoch below which requests are refused.
	epoch int32
	// deaf drops requests without an answer.
	deaf bool
	path []string // still to be created
	// leads are the leader epochs that controllers announced, by partition; ids those of its topics.
	leads map[kafka.TopicPartition]int32
	ids   map[string][16]byte
	// metadata is what UpdateMetadata announced last, by partition.
	metadata map[kafka.TopicPartition]announced
}

// announced is one leader epoch of a partition of a topic, as controllers sent it.
type announced struct {
	topic       [16]byte
	partition   int32
	leaderEpoch int32
}

func (w *world) host(id kafka.BrokerID) *host {
	h := &host{w: w, id: id, leads: map[kafka.TopicPartition]int32{}, ids: map[string][16]byte{},
		metadata: map[kafka.TopicPartition]announced{}}
	conns := wire.DialIDs()
	h.links = wire.NewLinks(wire.LinksConfig{
		ClientID: "controller", TimerKind: hostLinks, NextConn: conns,
	})
	h.session = zookeeper.NewSession(zookeeper.SessionConfig{
		Addr: "zookeeper-1:2181", Timeout: sessionTimeout, NextConn: conns, TimerKind: hostSession,
		OnConnected: h.onConnected, OnExpired: h.onExpired, OnWatch: h.onWatch,
	})
	h.c = New(Config{
		Self: id, Session: h.session, Links: h.links,
		Rand: model.NewRand(w.seq, fmt.Sprint("controller-", id)), TimerKind: hostController,
		NumPartitions: 1, DefaultReplication: 1,
	})
	w.start(h.nodeID(), h)
	return h
}

func nodeID(id kafka.BrokerID) model.NodeID { return model.NodeID(fmt.Sprintf("broker-%d", id)) }

func (h *host) nodeID() model.NodeID { return nodeID(h.id) }

func (h *host) up() bool { return h.w.nodes[h.nodeID()].up }

// Step implements model.Process.
func (h *host) Step(in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Started:
		h.session.Start(out)
	case h.links.HandleEvent(in, out):
	case in.Kind == model.TimerFired && in.Timer.Kind == hostSession:
		h.session.OnTimer(in.Timer, out)
	case in.Kind == model.TimerFired && in.Timer.Kind == hostRegister:
		h.prepare(out)
	case in.Kind == model.TimerFired:
		h.c.OnTimer(out, in.Timer)
	case h.session.Owns(in.Conn):
		switch in.Kind {
		case model.ConnOpened:
			h.session.OnOpened(out, in.Conn)
		case model.ConnClosed:
			h.session.OnClosed(out, in.Conn)
		case model.FrameReceived:
			h.session.OnFrame(out, in.Conn, in.Data)
		}
	case in.Kind == model.FrameReceived:
		h.onFrame(in, out)
	}
}

func (h *host) onConnected(out *model.Effects, fresh bool) {
	if fresh {
		h.path = znode.PersistentPaths()
		h.prepare(out)
	}
}

// prepare creates the persistent nodes and then the broker's own.
func (h *host) prepare(out *model.Effects) {
	if len(h.path) > 0 {
		path := h.path[0]
		h.path = h.path[1:]
		h.session.Create(out, path, nil, zookeeper.Persistent,
			func(out *model.Effects, _ zookeeper.Result) { h.prepare(out) })
		return
	}
	data := znode.EncodeBroker(znode.Broker{ID: h.id, Endpoints: []znode.Endpoint{{
		Listener: "PLAINTEXT", Protocol: "PLAINTEXT", Host: string(h.nodeID()), Port: 9092,
	}}})
	h.session.Create(out, znode.BrokerIDPath(h.id), data, zookeeper.Ephemeral,
		func(out *model.Effects, r zookeeper.Result) {
			if r.Err != zookeeper.ErrNone { // that of the last incarnation is still there
				out.SetTimer(model.Timer{Kind: hostRegister}, out.Now.Add(time.Second))
				return
			}
			h.c.OnSession(out)
		})
}

func (h *host) onExpired(out *model.Effects) {
	h.c.OnSessionExpired(out)
	h.session.Restart(out)
}

func (h *host) onWatch(out *model.Effects, e zookeeper.WatchEvent) {
	h.c.OnWatch(out, e)
}

// onFrame takes one request of a controller.
func (h *host) onFrame(in model.Event, out *model.Effects) {
	req, err := wire.ParseRequest(in.Data, func(int16) (wire.Range, bool) {
		return wire.Range{Max: 9}, true
	})
	require.NoError(h.w.t, err)
	if h.deaf {
		return
	}
	h.got = append(h.got, describe(req.Body))
	resp := req.Body.ResponseKind()
	resp.SetVersion(req.Body.GetVersion())
	epoch, code := int32(0), int16(0)
	switch r := req.Body.(type) {
	case *kmsg.LeaderAndISRRequest:
		if epoch = r.ControllerEpoch; epoch >= h.epoch {
			h.remember(r)
		}
	case *kmsg.UpdateMetadataRequest:
		if epoch = r.ControllerEpoch; epoch >= h.epoch {
			h.learn(r)
		}
	case *kmsg.StopReplicaRequest:
		if epoch = r.ControllerEpoch; epoch >= h.epoch {
			h.forget(r)
		}
	}
	if epoch < h.epoch {
		code = int16(wire.StaleControllerEpoch)
	}
	h.epoch = max(h.epoch, epoch)
	switch r := resp.(type) {
	case *kmsg.LeaderAndISRResponse:
		r.ErrorCode = code
	case *kmsg.UpdateMetadataResponse:
		r.ErrorCode = code
	case *kmsg.StopReplicaResponse:
		r.ErrorCode = code
	}
	if h.answer != nil {
		h.answer(req.Body, resp)
	}
	frame := wire.AppendResponse(nil, resp, req.Correlation)
	out.Send(in.Conn, frame, model.Label{Name: "reply", Reply: true})
}

// remember takes down leader epochs, which never fall while the topic lives.
func (h *host) remember(r *kmsg.LeaderAndISRRequest) {
	for _, t := range r.TopicStates {
		if h.ids[t.Topic] != t.TopicID { // what is left of an earlier topic is a stray
			h.ids[t.Topic] = t.TopicID
			maps.DeleteFunc(h.leads, func(tp kafka.TopicPartition, _ int32) bool { return tp.Topic == t.Topic })
		}
		for _, p := range t.PartitionStates {
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}
			require.GreaterOrEqual(h.w.t, p.LeaderEpoch, h.leads[tp], "%s on %s", tp, h.nodeID())
			h.leads[tp] = p.LeaderEpoch
			require.NotEmpty(h.w.t, p.ISR, "%s", tp)
			require.Subset(h.w.t, p.Replicas, p.ISR, "%s", tp)
			at := announced{t.TopicID, p.Partition, p.LeaderEpoch}
			h.w.inSync[at] = append(h.w.inSync[at], p.ISR...)
			if p.Leader == int32(kafka.NoBroker) {
				continue
			}
			require.Contains(h.w.t, p.ISR, p.Leader, "%s", tp)
			if leader, known := h.w.leaders[at]; known {
				require.Equal(h.w.t, leader, p.Leader, "two leaders of %s in epoch %d", tp, p.LeaderEpoch)
			}
			h.w.leaders[at] = p.Leader
		}
	}
}

// learn records what a metadata cache would hold.
func (h *host) learn(r *kmsg.UpdateMetadataRequest) {
	for _, t := range r.TopicStates {
		for _, p := range t.PartitionStates {
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}
			if h.metadata[tp] = (announced{t.TopicID, p.Partition, p.LeaderEpoch}); p.Leader == wire.LeaderDuringDelete {
				delete(h.metadata, tp)
			}
		}
	}
}

// forget drops what was deleted.
func (h *host) forget(r *kmsg.StopReplicaRequest) {
	for _, t := range r.Topics {
		for _, p := range t.PartitionStates {
			if p.Delete {
				if p.LeaderEpoch >= 0 { // a replica, not the topic
					at := announced{h.ids[t.Topic], p.Partition, p.LeaderEpoch}
					h.w.deleted[at] = append(h.w.deleted[at], int32(h.id))
				}
				delete(h.leads, kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition})
			}
		}
	}
}

// describe prints what matters of a request in one line.
func describe(req kmsg.Request) string {
	var b strings.Builder
	switch r := req.(type) {
	case *kmsg.LeaderAndISRRequest:
		fmt.Fprintf(&b, "LeaderAndIsr v%d controller %d epoch %d:", r.Version, r.ControllerID,
			r.ControllerEpoch)
		for _, t := range r.TopicStates {
			for _, p := range t.PartitionStates {
				fmt.Fprintf(&b, " %s-%d leader %d epoch %d isr %v", t.Topic, p.Partition, p.Leader,
					p.LeaderEpoch, p.ISR)
				if p.IsNew {
					b.WriteString(" new")
				}
			}
		}
	case *kmsg.UpdateMetadataRequest:
		fmt.Fprintf(&b, "UpdateMetadata v%d controller %d epoch %d: brokers", r.Version, r.ControllerID,
			r.ControllerEpoch)
		for _, lb := range r.LiveBrokers {
			fmt.Fprintf(&b, " %d", lb.ID)
		}
		for _, t := range r.TopicStates {
			for _, p := range t.PartitionStates {
				fmt.Fprintf(&b, "; %s-%d leader %d epoch %d isr %v offline %v", t.Topic, p.Partition, p.Leader,
					p.LeaderEpoch, p.ISR, p.OfflineReplicas)
			}
		}
	case *kmsg.StopReplicaRequest:
		fmt.Fprintf(&b, "StopReplica v%d controller %d epoch %d:", r.Version, r.ControllerID,
			r.ControllerEpoch)
		for _, t := range r.Topics {
			for _, p := range t.PartitionStates {
				fmt.Fprintf(&b, " %s-%d epoch %d delete %t", t.Topic, p.Partition, p.LeaderEpoch, p.Delete)
			}
		}
	}
	return b.String()
}

// drain returns what came since the last call.
func (h *host) drain() []string {
	got := h.got
	h.got = nil
	return got
}

// startCluster is a ZooKeeper server and hosts 1 to n, with broker 1 the controller.
func startCluster(t require.TestingT, n int) (*world, []*host) {
	w := newWorld(t)
	w.zookeeper()
	hosts := make([]*host, 0, n)
	for id := 1; id <= n; id++ {
		hosts = append(hosts, w.host(kafka.BrokerID(id)))
		w.run(time.Second)
	}
	require.True(t, hosts[0].c.Active())
	for _, h := range hosts {
		h.drain()
	}
	w.drainNotes()
	return w, hosts
}

// create asks the controller of h for a topic with these replicas and returns the response.
func (h *host) create(topic string, assignment ...[]int32) *kmsg.CreateTopicsResponse {
	return h.call(func(out *model.Effects, reply Reply) {
		h.c.HandleCreateTopics(out.At(h.w.now), creation(topic, assignment...), reply)
	}).(*kmsg.CreateTopicsResponse)
}

func creation(topic string, assignment ...[]int32) *kmsg.CreateTopicsRequest {
	req := kmsg.NewPtrCreateTopicsRequest()
	req.SetVersion(7)
	req.TimeoutMillis = 1000
	rt := kmsg.NewCreateTopicsRequestTopic()
	rt.Topic, rt.NumPartitions, rt.ReplicationFactor = topic, -1, -1
	for i, replicas := range assignment {
		rt.ReplicaAssignment = append(rt.ReplicaAssignment,
			assigned{Partition: int32(i), Replicas: replicas})
	}
	req.Topics = append(req.Topics, rt)
	return req
}

// remove asks the controller of h to delete a topic and returns the code.
func (h *host) remove(topic string) wire.Code {
	resp := h.call(func(out *model.Effects, reply Reply) {
		h.c.HandleDeleteTopics(out.At(h.w.now), deletionOf(topic), reply)
	}).(*kmsg.DeleteTopicsResponse)
	return wire.Code(resp.Topics[0].ErrorCode)
}

func deletionOf(topic string) *kmsg.DeleteTopicsRequest {
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.SetVersion(6)
	req.TimeoutMillis = 1000
	rt := kmsg.NewDeleteTopicsRequestTopic()
	rt.Topic = &topic
	req.Topics = append(req.Topics, rt)
	return req
}

// call runs a request at the controller of h and returns its answer.
func (h *host) call(serve func(out *model.Effects, reply Reply)) kmsg.Response {
	var got kmsg.Response
	h.w.do(h, func(out *model.Effects) {
		serve(out, func(_ *model.Effects, resp kmsg.Response) {
			require.Nil(h.w.t, got, "answered twice")
			got = resp
		})
	})
	h.w.run(1100 * time.Millisecond)
	require.NotNil(h.w.t, got, "no answer")
	return got
}

// reassign asks the controller of h to move a partition, with no replicas to cancel that.
func (h *host) reassign(tp kafka.TopicPartition, replicas ...int32) wire.Code {
	resp := h.call(func(out *model.Effects, reply Reply) {
		h.c.HandleAlterPartitionReassignments(out.At(h.w.now), move(tp, replicas), reply)
	}).(*kmsg.AlterPartitionAssignmentsResponse)
	if resp.ErrorCode != 0 {
		return wire.Code(resp.ErrorCode)
	}
	return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
}

func move(tp kafka.TopicPartition, replicas []int32) *kmsg.AlterPartitionAssignmentsRequest {
	req := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	p := kmsg.NewAlterPartitionAssignmentsRequestTopicPartition()
	p.Partition, p.Replicas = tp.Partition, replicas
	rt := kmsg.NewAlterPartitionAssignmentsRequestTopic()
	rt.Topic, rt.Partitions = tp.Topic, append(rt.Partitions, p)
	req.Topics = append(req.Topics, rt)
	return req
}

// alterISR asks the controller of h as the leader of tp would, by what the controller knows.
func (h *host) alterISR(tp kafka.TopicPartition, isr ...int32) wire.Code {
	return h.alter(h.alteration(tp, isr...))
}

// alteration is that request. The leader must be alive.
func (h *host) alteration(tp kafka.TopicPartition, isr ...int32) *kmsg.AlterPartitionRequest {
	p := h.c.cluster.partition(tp)
	leader := h.c.cluster.broker(p.state.Leader)
	req := kmsg.NewPtrAlterPartitionRequest()
	req.SetVersion(2)
	req.BrokerID, req.BrokerEpoch = int32(leader.ID), leader.epoch
	rp := kmsg.NewAlterPartitionRequestTopicPartition()
	rp.Partition, rp.LeaderEpoch, rp.PartitionEpoch = tp.Partition, int32(
		p.state.LeaderEpoch,
	), p.version
	rp.NewISR = isr
	rt := kmsg.NewAlterPartitionRequestTopic()
	rt.TopicID = h.c.cluster.topics[tp.Topic].id
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	return req
}

func (h *host) alter(req *kmsg.AlterPartitionRequest) wire.Code {
	resp := h.call(func(out *model.Effects, reply Reply) {
		h.c.HandleAlterPartition(out.At(h.w.now), req, reply)
	}).(*kmsg.AlterPartitionResponse)
	if resp.ErrorCode != 0 {
		return wire.Code(resp.ErrorCode)
	}
	return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
}

// elect asks the controller of h for an election and returns the code.
func (h *host) elect(kind int8, tp kafka.TopicPartition) wire.Code {
	resp := h.call(func(out *model.Effects, reply Reply) {
		h.c.HandleElectLeaders(out.At(h.w.now), election(kind, tp), reply)
	}).(*kmsg.ElectLeadersResponse)
	if resp.ErrorCode != 0 {
		return wire.Code(resp.ErrorCode)
	}
	require.Len(h.w.t, resp.Topics, 1)
	return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
}

func election(kind int8, tp kafka.TopicPartition) *kmsg.ElectLeadersRequest {
	req := kmsg.NewPtrElectLeadersRequest()
	req.SetVersion(2)
	req.ElectionType = kind
	rt := kmsg.NewElectLeadersRequestTopic()
	rt.Topic, rt.Partitions = tp.Topic, []int32{tp.Partition}
	req.Topics = append(req.Topics, rt)
	return req
}

// shutDown asks the controller of h to take the leaders off a broker, and returns how many stay.
func (h *host) shutDown(id kafka.BrokerID, epoch int64) (wire.Code, int) {
	resp := h.call(func(out *model.Effects, reply Reply) {
		h.c.HandleControlledShutdown(out.At(h.w.now), shutdownOf(id, epoch), reply)
	}).(*kmsg.ControlledShutdownResponse)
	return wire.Code(resp.ErrorCode), len(resp.PartitionsRemaining)
}

func shutdownOf(id kafka.BrokerID, epoch int64) *kmsg.ControlledShutdownRequest {
	req := kmsg.NewPtrControlledShutdownRequest()
	req.SetVersion(3)
	req.BrokerID, req.BrokerEpoch = int32(id), epoch
	return req
}

// grow asks the controller of h for more partitions.
func (h *host) grow(
	topic string,
	count int32,
	assignment ...[]int32,
) *kmsg.CreatePartitionsResponse {
	return h.growBy(growth(topic, count, assignment...))
}

func growth(topic string, count int32, assignment ...[]int32) *kmsg.CreatePartitionsRequest {
	req := kmsg.NewPtrCreatePartitionsRequest()
	req.SetVersion(3)
	req.TimeoutMillis = 1000
	rt := kmsg.NewCreatePartitionsRequestTopic()
	rt.Topic, rt.Count = topic, count
	for _, replicas := range assignment {
		a := kmsg.NewCreatePartitionsRequestTopicAssignment()
		a.Replicas = replicas
		rt.Assignment = append(rt.Assignment, a)
	}
	req.Topics = append(req.Topics, rt)
	return req
}

func (h *host) growBy(req *kmsg.CreatePartitionsRequest) *kmsg.CreatePartitionsResponse {
	return h.call(func(out *model.Effects, reply Reply) {
		h.c.HandleCreatePartitions(out.At(h.w.now), req, reply)
	}).(*kmsg.CreatePartitionsResponse)
}

// assignment is what ZooKeeper has as the assignment of tp, in the session of h.
func (h *host) assignment(tp kafka.TopicPartition) znode.Assignment {
	z, err := znode.DecodeTopic(tp.Topic, h.read(znode.TopicPath(tp.Topic)))
	require.NoError(h.w.t, err)
	return z.Partitions[tp.Partition]
}

func (h *host) read(path string) []byte {
	var data []byte
	h.w.do(h, func(out *model.Effects) {
		h.session.Get(out.At(h.w.now), path, false,
			func(_ *model.Effects, r zookeeper.Result) { data = r.Data })
	})
	h.w.run(100 * time.Millisecond)
	return data
}

// active is the controller.
func (w *world) active() *host {
	var found *host
	for _, id := range []model.NodeID{"broker-1", "broker-2", "broker-3", "broker-4"} {
		if n := w.nodes[id]; n != nil && n.up && n.process.(*host).c.Active() {
			require.Nil(w.t, found, "two controllers")
			found = n.process.(*host)
		}
	}
	require.NotNil(w.t, found, "no controller")
	return found
}

// changeISR writes the state of tp as a leader of Kafka 2.6 does, with a notice for the controller.
func (w *world) changeISR(h *host, tp kafka.TopicPartition, s znode.PartitionState) {
	w.set(h, znode.PartitionStatePath(tp), znode.EncodePartitionState(s))
	w.do(h, func(out *model.Effects) {
		h.session.Create(out.At(w.now), znode.IsrChangePrefix, znode.EncodeIsrChange(
			[]kafka.TopicPartition{tp}), zookeeper.PersistentSequential,
			func(*model.Effects, zookeeper.Result) {})
	})
	w.run(time.Second)
}
