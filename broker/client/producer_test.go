package client

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func send(partition int32, value string) *Send {
	return &Send{Topic: "orders", Partition: partition, Value: []byte(value)}
}

// warm lets the producer learn the cluster and open its connections.
func (w *world) warm() {
	w.command(send(0, "warm"))
	w.Run(time.Second)
	w.ops, w.notes, w.requests, w.at = nil, nil, nil, nil
}

func TestProducerSendsAndAcknowledges(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	log := w.cluster.topic("orders", 3)
	w.command(send(1, "a   "))
	w.command(&Send{Topic: "orders", Partition: AnyPartition, Key: []byte("21"), Value: []byte("b")})
	w.Run(time.Second)
	key := PartitionForKey([]byte("21"), 3)
	require.ElementsMatch(t, []string{
		"a ok orders-1@0", fmt.Sprintf("b ok orders-%d@0", key),
	}, w.outcomes(kafka.FSend))
	require.Equal(t, []string{"a"}, log[1].values(), "identity has no trailing spaces")
	acked := w.noted(kafka.RecordsAcked)
	require.Len(t, acked, 2)
	require.Equal(t, kafka.Offset(1), acked[0].Offset)
	require.Equal(t, "all", w.ops[0].Acks)
	require.True(t, w.process.(*Producer).Done())
	w.checkHistory()
}

// Without linger a record leaves at once while the connection may take it; beyond max.in.flight
// records gather, and leave together.
func TestProducerBatchesUnderLoad(t *testing.T) {
	w := producerWorld(t, ProducerConfig{MaxInFlight: 2})
	w.cluster.topic("orders", 1)
	w.warm()
	for i := range 10 {
		w.command(send(0, fmt.Sprint("v", i)))
	}
	w.Run(time.Second)
	var sizes []int32
	for _, req := range sent[*kmsg.ProduceRequest](w) {
		h, err := wire.ParseBatch(req.Topics[0].Partitions[0].Records)
		require.NoError(t, err)
		sizes = append(sizes, h.Count)
	}
	require.Equal(t, []int32{1, 1, 8}, sizes)
	require.Len(t, w.outcomes(kafka.FSend), 10)
}

func TestProducerLingers(t *testing.T) {
	w := producerWorld(t, ProducerConfig{Linger: 50 * time.Millisecond, BatchSize: 1000})
	w.cluster.topic("orders", 1)
	w.warm()
	begin := w.Now()
	w.command(send(0, "a"))
	w.Run(10 * time.Millisecond)
	w.command(send(0, "b"))
	w.Run(time.Second)
	require.Len(t, sent[*kmsg.ProduceRequest](w), 1)
	require.Equal(
		t,
		begin.Add(50*time.Millisecond+latency),
		w.at[0],
		"linger counts from the first record",
	)

	// A batch that is full does not linger. One record of 200 takes 200 + 8 bytes, after 61 of the
	// batch.
	w.ops, w.requests, w.at = nil, nil, nil
	begin = w.Now()
	for i := range 9 {
		w.command(send(0, strings.Repeat(fmt.Sprint(i), 200)))
	}
	w.Run(40 * time.Millisecond)
	reqs := sent[*kmsg.ProduceRequest](w)
	require.Len(t, reqs, 2)
	require.Equal(t, begin.Add(latency), w.at[0])
	for _, req := range reqs {
		h, _ := wire.ParseBatch(req.Topics[0].Partitions[0].Records)
		require.Equal(t, int32(4), h.Count)
		require.LessOrEqual(t, h.Size(), 1000)
	}
	w.Run(time.Second)
	require.Len(t, w.outcomes(kafka.FSend), 9)
}

// One request carries a batch of every partition that the broker leads.
func TestProducerGroupsByLeader(t *testing.T) {
	w := producerWorld(t, ProducerConfig{Linger: 20 * time.Millisecond})
	w.cluster.topic("orders", 6)
	w.warm()
	for p := range int32(6) {
		w.command(send(p, fmt.Sprint("p", p)))
	}
	w.Run(time.Second)
	reqs := sent[*kmsg.ProduceRequest](w)
	require.Len(t, reqs, 3)
	for _, req := range reqs {
		require.Len(t, req.Topics, 1)
		require.Len(t, req.Topics[0].Partitions, 2)
	}
}

func TestProducerFollowsTheLeader(t *testing.T) {
	w := producerWorld(t, ProducerConfig{Acks: "1"})
	log := w.cluster.topic("orders", 1)
	w.warm()
	log[0].leader, log[0].epoch = 2, 2
	w.command(send(0, "a"))
	w.Run(time.Second)
	require.Equal(t, []string{"a ok orders-0@1"}, w.outcomes(kafka.FSend))
	retries := w.noted(kafka.ProduceRetried)
	require.Len(t, retries, 1)
	require.Equal(t, "NOT_LEADER_OR_FOLLOWER", retries[0].Text)
	require.Len(t, sent[*kmsg.MetadataRequest](w), 1)
	require.Less(
		t,
		w.ops[1].Time.Sub(w.ops[0].Time),
		20*time.Millisecond,
		"a newer leader is tried at once",
	)
}

// refuseFirst answers the first n Produce requests with code; the records are appended if stored is
// set.
func (w *world) refuseFirst(n int, code wire.Code, stored bool) {
	w.cluster.before[0] = func(addr string, r wire.Request) (answer, bool) {
		if n == 0 {
			return answer{}, false
		}
		n--
		req := r.Body.(*kmsg.ProduceRequest)
		return reply(
			produceReply(req, func(topic string, p kmsg.ProduceRequestTopicPartition) (wire.Code, int64) {
				if stored {
					w.cluster.replica(topic, p.Partition).accept(p.Records)
				}
				return code, -1
			}),
		), true
	}
}

// With several requests in flight a retry comes after what was sent behind it; with one it does
// not.
func TestProducerRetriesReorder(t *testing.T) {
	for inFlight, want := range map[int]string{5: "[warm b c a]", 1: "[warm a b c]"} {
		w := producerWorld(t, ProducerConfig{MaxInFlight: inFlight, Idempotence: IdempotenceOff})
		log := w.cluster.topic("orders", 1)
		w.warm()
		w.refuseFirst(1, wire.NotEnoughReplicas, false)
		for _, v := range []string{"a", "b", "c"} {
			w.command(send(0, v))
		}
		w.Run(time.Second)
		require.Equal(t, want, fmt.Sprint(log[0].values()), "max.in.flight %d", inFlight)
		require.Len(t, w.outcomes(kafka.FSend), 3)
	}
}

func TestProducerOutcomes(t *testing.T) {
	const forever = 1 << 30
	for _, row := range []struct {
		name, acks string
		times      int
		code       wire.Code
		want       string
	}{
		{"refused", "all", forever, wire.MessageTooLarge, "a fail MESSAGE_TOO_LARGE"},
		{"refused for good", "all", forever, wire.InvalidTopicException, "a fail INVALID_TOPIC_EXCEPTION"},
		{"refused until the end", "all", forever, wire.NotEnoughReplicas, "a fail NOT_ENOUGH_REPLICAS"},
		{"refused, then not", "all", 2, wire.NotEnoughReplicas, "a ok orders-0@1"},
		{"appended", "all", forever, wire.NotEnoughReplicasAfterAppend, "a info NOT_ENOUGH_REPLICAS_AFTER_APPEND"},
		{"timed out", "all", forever, wire.RequestTimedOut, "a info REQUEST_TIMED_OUT"},
		{"deposed while waiting", "all", forever, wire.NotLeaderOrFollower, "a info NOT_LEADER_OR_FOLLOWER"},
		{"no leader", "1", forever, wire.NotLeaderOrFollower, "a fail NOT_LEADER_OR_FOLLOWER"},
		{"who knows", "1", forever, wire.UnknownServerError, "a info UNKNOWN_SERVER_ERROR"},
	} {
		w := producerWorld(t, ProducerConfig{Acks: row.acks, DeliveryTimeout: 5 * time.Second})
		w.cluster.topic("orders", 1)
		w.warm()
		w.refuseFirst(row.times, row.code, false)
		w.command(send(0, "a"))
		w.Run(10 * time.Second)
		got := w.outcomes(kafka.FSend)
		require.Len(t, got, 1, row.name)
		if strings.HasSuffix(row.want, "OUT") || row.times < forever || !row.code.Retriable() {
			require.Equal(t, row.want, got[0], row.name)
		} else { // which error was the last, or whether the timer came first, is a matter of the back-off
			require.Equal(t, row.want[:6], got[0][:6], row.name)
		}
		w.checkHistory()
	}
}

// A batch that may have been appended once can never fail for certain again.
func TestProducerDoubtStays(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	log := w.cluster.topic("orders", 1)
	w.warm()
	first := true
	w.cluster.before[0] = func(addr string, r wire.Request) (answer, bool) {
		req := r.Body.(*kmsg.ProduceRequest)
		if first {
			first = false
			log[0].accept(req.Topics[0].Partitions[0].Records)
			w.After(1, func() { w.cut(addr) })
			return answer{drop: true}, true
		}
		return reply(
			produceReply(req, func(string, kmsg.ProduceRequestTopicPartition) (wire.Code, int64) {
				return wire.MessageTooLarge, -1
			}),
		), true
	}
	w.command(send(0, "a"))
	w.Run(time.Second)
	require.Equal(t, []string{"a info MESSAGE_TOO_LARGE"}, w.outcomes(kafka.FSend))
}

func TestProducerDeliveryTimeout(t *testing.T) {
	// Never sent: the leader cannot be reached.
	w := producerWorld(t, ProducerConfig{DeliveryTimeout: 20 * time.Second})
	w.cluster.topic("orders", 2)
	w.warm()
	w.refuse("broker-2:9092")
	w.command(send(1, "a"))
	w.Run(25 * time.Second)
	require.Equal(t, []string{"a fail REQUEST_TIMED_OUT"}, w.outcomes(kafka.FSend))

	// In flight: the request was heard, the answer never comes.
	w = producerWorld(t, ProducerConfig{DeliveryTimeout: 20 * time.Second})
	w.cluster.topic("orders", 2)
	w.warm()
	w.cluster.before[0] = func(string, wire.Request) (answer, bool) { return answer{drop: true}, true }
	begin := w.Now()
	w.command(send(0, "a"))
	w.Run(25 * time.Second)
	require.Equal(t, []string{"a info REQUEST_TIMED_OUT"}, w.outcomes(kafka.FSend))
	require.Equal(t, begin.Add(20*time.Second), w.ops[1].Time)
	w.Run(time.Minute)
	w.checkHistory()
}

func TestProducerWithoutAcks(t *testing.T) {
	w := producerWorld(t, ProducerConfig{Acks: "0"})
	log := w.cluster.topic("orders", 1)
	w.command(send(0, "a"))
	w.Run(time.Second)
	w.command(send(0, "b"))
	w.Run(time.Second)
	require.Equal(t, []string{"a ok orders-0@-1", "b ok orders-0@-1"}, w.outcomes(kafka.FSend))
	require.Equal(t, []string{"a", "b"}, log[0].values())
	require.Empty(t, w.noted(kafka.RecordsAcked))
}

func TestProducerLimits(t *testing.T) {
	w := producerWorld(t, ProducerConfig{
		BufferMemory: 40_000, MaxRequestSize: 30_000, MaxBlock: 3 * time.Second, Linger: time.Hour,
	})
	w.cluster.topic("orders", 3)
	w.command(send(0, strings.Repeat("x", 30_000)))
	for p := range int32(3) {
		w.command(send(p, fmt.Sprint("v", p)))
	}
	w.command(send(7, "beyond"))
	w.Run(2 * time.Second)
	got := w.outcomes(kafka.FSend)
	require.Len(t, got, 2)
	require.Contains(t, got[0], "fail MESSAGE_TOO_LARGE")
	require.Equal(t, "v2 fail BUFFER_EXHAUSTED", got[1])
	w.Run(2 * time.Second)
	require.Equal(t, "beyond fail REQUEST_TIMED_OUT", w.outcomes(kafka.FSend)[2], "max.block.ms")
	w.command(&Close{})
	w.Run(time.Second)
	require.Len(t, w.outcomes(kafka.FSend), 5, "closing sends what lingers")
	w.command(send(0, "late"))
	w.Run(time.Second)
	require.Equal(t, "late fail PRODUCER_CLOSED", w.outcomes(kafka.FSend)[5])
	require.Zero(t, w.Conns(clientNode))
	w.Run(time.Hour)
	require.Zero(t, w.Conns(clientNode), "closed for good")
}

// The records leave compressed, and a batch that is sent again keeps its bytes.
func TestProducerCompresses(t *testing.T) {
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		w := producerWorld(t, ProducerConfig{Compression: codec, Linger: 10 * time.Millisecond})
		log := w.cluster.topic("orders", 1)
		w.refuseFirst(1, wire.NotEnoughReplicas, false)
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprint("again and again and again ", i))
			w.command(send(0, want[i]))
		}
		w.Run(time.Second)
		require.Equal(t, want, log[0].values(), codec)
		reqs := sent[*kmsg.ProduceRequest](w)
		require.Len(t, reqs, 2)
		batch := reqs[0].Topics[0].Partitions[0].Records
		h, err := wire.ParseBatch(batch)
		require.NoError(t, err)
		require.Equal(t, codec, h.Codec().String())
		require.Equal(t, codec != "none", h.Size() < 600, "%s: %d bytes", codec, h.Size())
		require.Equal(t, batch, reqs[1].Topics[0].Partitions[0].Records)
	}
	require.ErrorContains(t, ProducerConfig{Compression: "rar"}.Check(), `compression is "rar"`)
}

func TestProducerFindsItsWay(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	w.silent["broker-2"] = true
	w.refuse("broker-3:9092")
	w.cluster.topic("orders", 1)
	w.command(send(0, "a"))
	w.Run(30 * time.Second)
	require.Equal(t, []string{"a ok orders-0@0"}, w.outcomes(kafka.FSend))
}

// Whatever goes wrong: every record has one outcome in the end, what was acknowledged stands where
// it was said to, and what failed for certain stands nowhere.
func TestProducerTellsTheTruth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := producerWorld(t, ProducerConfig{
			MaxInFlight: rapid.IntRange(1, 5).Draw(rt, "in flight"), BatchSize: 200,
			Linger:          rapid.SampledFrom([]time.Duration{0, 5 * time.Millisecond}).Draw(rt, "linger"),
			DeliveryTimeout: 4 * time.Second, RequestTimeout: time.Second,
			Acks: rapid.SampledFrom([]string{"1", "all"}).Draw(rt, "acks"),
		})
		log := w.cluster.topic("orders", 3)
		faults := rapid.SliceOfN(rapid.IntRange(0, 9), 60, 60).Draw(rt, "faults")
		at := 0
		w.cluster.before[0] = func(addr string, r wire.Request) (answer, bool) {
			req := r.Body.(*kmsg.ProduceRequest)
			fault := 9
			if at < len(faults) {
				fault, at = faults[at], at+1
			}
			codes := map[int]wire.Code{
				0: wire.NotEnoughReplicas, 1: wire.NotEnoughReplicasAfterAppend, 2: wire.CorruptMessage,
			}
			if code, ok := codes[fault]; ok {
				return reply(produceReply(req, func(
					topic string, p kmsg.ProduceRequestTopicPartition,
				) (wire.Code, int64) {
					if code == wire.NotEnoughReplicasAfterAppend {
						w.cluster.replica(topic, p.Partition).accept(p.Records)
					}
					return code, -1
				})), true
			}
			switch fault {
			case 3:
				w.After(1, func() { w.cut(addr) })
			case 4:
				w.cluster.produce(addr, req)
				return answer{drop: true}, true
			case 5:
				for _, r := range log {
					r.leader, r.epoch = r.leader%3+1, r.epoch+1
				}
			}
			return answer{}, false
		}
		for i := range 60 {
			w.command(send(int32(i%3), fmt.Sprint("v", i)))
			if i%7 == 0 {
				w.Run(50 * time.Millisecond)
			}
		}
		w.Run(20 * time.Second)
		w.checkHistory()
		require.Len(rt, w.outcomes(kafka.FSend), 60)
		for _, op := range w.ops {
			values := log[op.Value[0].Key.Partition].values()
			switch op.Type {
			case kafka.OK:
				require.Equal(rt, op.Value[0].Value, values[op.Value[0].Offset])
			case kafka.Fail:
				require.NotContains(rt, values, op.Value[0].Value)
			}
		}
	})
}

func TestProducerIsDeterministic(t *testing.T) {
	play := func() uint64 {
		w := producerWorld(t, ProducerConfig{})
		w.cluster.topic("orders", 5)
		for i := range 50 {
			w.command(send(AnyPartition, fmt.Sprint("v", i)))
			w.Run(time.Millisecond)
		}
		w.cut("broker-2:9092")
		w.Run(10 * time.Second)
		return w.effects
	}
	require.Equal(t, play(), play())
}
