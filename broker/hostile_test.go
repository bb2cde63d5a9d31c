package broker

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/sim"
)

// hostileClient is a process that sends bytes, on connection 1, and remembers what comes back.
type hostileClient struct {
	frames [][]byte
	closed bool
}

// hostileBytes is a command to send one frame.
type hostileBytes []byte

func (hostileBytes) String() string { return "bytes" }
func (b hostileBytes) Sum() uint64  { return model.Sum64(0, b) }

func (c *hostileClient) Step(_ model.Time, in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		out.Dial(1, "broker-1:9092")
	case model.Commanded:
		out.Send(1, in.Command.(hostileBytes), model.Label{Name: "hostile"})
	case model.FrameReceived:
		c.frames = append(c.frames, in.Data)
	case model.ConnClosed:
		c.closed = true
	}
}

// hostileWorld is one broker that leads one partition of topic t, a client that sends it anything,
// and an honest one.
func hostileWorld(t testing.TB) (w *sim.World, hostile, honest *hostileClient) {
	w = sim.New(sim.Config{Seed: 1})
	hw, _ := sim.Profile("ideal")
	w.AddNode(sim.NodeConfig{ID: "zookeeper-1", Hardware: hw, Listens: true, HasDisk: true,
		Make: func(b model.Boot) model.Process {
			return zookeeper.NewServer(b, zookeeper.ServerConfig{})
		}})
	w.AddNode(sim.NodeConfig{ID: "broker-1", Hardware: hw, Listens: true, HasDisk: true,
		Make: func(b model.Boot) model.Process {
			return New(b, NewConfig(1, "broker-1", 9092, "zookeeper-1:2181"))
		}})
	hostile, honest = &hostileClient{}, &hostileClient{}
	for id, c := range map[model.NodeID]*hostileClient{"hostile": hostile, "honest": honest} {
		w.AddNode(sim.NodeConfig{ID: id, Hardware: hw,
			Make: func(model.Boot) model.Process { return c }})
	}
	w.Start("zookeeper-1")
	w.Start("broker-1")
	w.Run(w.Now().Add(time.Second))
	w.Start("hostile")
	w.Start("honest")
	create := kmsg.NewPtrCreateTopicsRequest()
	create.SetVersion(5)
	create.TimeoutMillis = 1000
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = "t", 1, 1
	create.Topics = append(create.Topics, topic)
	w.Command("honest", hostileBytes(wire.EncodeRequest(create, 1, "honest")))
	w.Run(w.Now().Add(time.Second))
	require.Len(t, honest.frames, 1)
	return w, hostile, honest
}

// requireServing asks for metadata on the honest connection and wants an answer.
func requireServing(t testing.TB, w *sim.World, honest *hostileClient) {
	before := len(honest.frames)
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(9)
	w.Command("honest", hostileBytes(wire.EncodeRequest(req, 77, "honest")))
	w.Run(w.Now().Add(time.Second))
	require.Len(t, honest.frames, before+1, "the broker serves others no more")
}

// hostileRequests are minimal requests of every API that the broker serves, at every version.
func hostileRequests() [][]byte {
	var frames [][]byte
	for _, a := range apiTable() {
		for v := a.versions.Min; v <= a.versions.Max; v++ {
			req := kmsg.RequestForKey(a.key)
			req.SetVersion(v)
			if produce, ok := req.(*kmsg.ProduceRequest); ok {
				produce.Acks = 1
			}
			frames = append(frames, wire.EncodeRequest(req, 5, "hostile"))
		}
	}
	return frames
}

// Every request that the broker advertises is answered, or refused with an error of its own; none costs
// the connection.
func TestEveryAdvertisedVersionIsAnswered(t *testing.T) {
	for _, frame := range hostileRequests() {
		w, client, _ := hostileWorld(t)
		w.Command("hostile", hostileBytes(frame))
		w.Run(w.Now().Add(2 * time.Second))
		name := "key " + strconv.Itoa(int(frame[1])) + " version " + strconv.Itoa(int(frame[3]))
		require.False(t, client.closed, name)
		require.Len(t, client.frames, 1, name)
	}
}

// An API or a version that is not served costs the connection; for ApiVersions itself the answer is
// version 0 with UNSUPPORTED_VERSION, from which the client learns what to ask (KIP-511).
func TestUnknownAPIsAreRefused(t *testing.T) {
	for _, frame := range [][]byte{
		{0x27, 0x0f, 0, 0, 0, 0, 0, 9, 0xff, 0xff}, // key 9999
		{0, 3, 0, 99, 0, 0, 0, 9, 0xff, 0xff},      // Metadata v99
		{0, 3},                                     // no header
		{},
	} {
		w, client, honest := hostileWorld(t)
		w.Command("hostile", hostileBytes(frame))
		w.Run(w.Now().Add(time.Second))
		require.True(t, client.closed, "%v", frame)
		requireServing(t, w, honest)
	}
	w, client, _ := hostileWorld(t)
	w.Command("hostile", hostileBytes{0, 18, 0, 99, 0, 0, 0, 9, 0xff, 0xff})
	w.Run(w.Now().Add(time.Second))
	require.False(t, client.closed)
	resp := kmsg.NewPtrApiVersionsResponse()
	correlation, err := wire.DecodeResponse(client.frames[0], resp)
	require.NoError(t, err)
	require.EqualValues(t, 9, correlation)
	require.EqualValues(t, wire.UnsupportedVersion, resp.ErrorCode)
	require.Len(t, resp.ApiKeys, len(apiTable()))
}

// A batch whose CRC is wrong, or that is too large, is refused with Kafka's code and not stored.
func TestBadBatchesAreRefused(t *testing.T) {
	good := func() []byte {
		var b wire.BatchBuilder
		b.Append(1, nil, []byte("value"))
		return b.Bytes()
	}
	flipped := good()
	flipped[len(flipped)-2] ^= 1
	var large wire.BatchBuilder
	large.Append(1, nil, make([]byte, 2<<20))
	for _, row := range []struct {
		records []byte
		want    wire.Code
	}{
		{good(), wire.None}, {flipped, wire.CorruptMessage}, {large.Bytes(), wire.MessageTooLarge},
		{good()[:40], wire.CorruptMessage}, {append(good(), good()...), wire.InvalidRecord},
	} {
		w, client, _ := hostileWorld(t)
		req := kmsg.NewPtrProduceRequest()
		req.SetVersion(9)
		req.Acks, req.TimeoutMillis = -1, 1000
		topic := kmsg.NewProduceRequestTopic()
		topic.Topic = "t"
		part := kmsg.NewProduceRequestTopicPartition()
		part.Records = row.records
		topic.Partitions = append(topic.Partitions, part)
		req.Topics = append(req.Topics, topic)
		w.Command("hostile", hostileBytes(wire.EncodeRequest(req, 5, "hostile")))
		w.Run(w.Now().Add(time.Second))
		resp := kmsg.NewPtrProduceResponse()
		resp.SetVersion(9)
		_, err := wire.DecodeResponse(client.frames[0], resp)
		require.NoError(t, err)
		require.Equal(t, row.want, wire.Code(resp.Topics[0].Partitions[0].ErrorCode))
		at, _ := w.Process("broker-1").(*Broker).Position(model.TopicPartition{Topic: "t"})
		require.Equal(t, row.want == wire.None, at.LogEnd == 1)
	}
}

// Whatever bytes come, the broker lives and serves others.
func FuzzHostileFrame(f *testing.F) {
	for i, frame := range hostileRequests() {
		if i%3 == 0 {
			f.Add(frame)
			f.Add(frame[:len(frame)/2])
			f.Add(append(frame, 0xff, 0xff, 0x7f))
		}
	}
	f.Add([]byte{0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, frame []byte) {
		w, _, honest := hostileWorld(t)
		w.Command("hostile", hostileBytes(frame))
		w.Run(w.Now().Add(time.Second))
		requireServing(t, w, honest)
	})
}
