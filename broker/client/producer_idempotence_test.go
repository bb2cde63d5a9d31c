package client

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// states are the producer states of the batches that were sent for a partition, as
// "id/epoch+sequence".
func states(w *world) []string {
	var list []string
	for _, req := range sent[*kmsg.ProduceRequest](w) {
		for _, t := range req.Topics {
			for _, p := range t.Partitions {
				h, err := wire.ParseBatch(p.Records)
				require.NoError(w.t, err)
				list = append(list, fmt.Sprintf("%d/%d+%d", h.ProducerID, h.ProducerEpoch, h.BaseSequence))
			}
		}
	}
	return list
}

func TestProducerIDComesFirst(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	w.cluster.topic("orders", 1)
	failures := 3
	w.cluster.before[22] = func(string, wire.Request) (answer, bool) {
		failures--
		resp := kmsg.NewPtrInitProducerIDResponse()
		resp.ErrorCode = int16(wire.CoordinatorLoadInProgress)
		return reply(resp), failures >= 0
	}
	w.command(send(0, "a"))
	w.Run(250 * time.Millisecond)
	require.Empty(t, sent[*kmsg.ProduceRequest](w), "nothing leaves without an id")
	w.Run(time.Second)
	w.command(send(0, "b"))
	w.Run(time.Second)
	require.Equal(t, []string{"a ok orders-0@0", "b ok orders-0@1"}, w.outcomes(kafka.FSend))
	require.Equal(t, []string{"0/0+0", "0/0+1"}, states(w))
	require.Len(t, sent[*kmsg.InitProducerIDRequest](w), 4)
	notes := w.noted(kafka.ProducerIDAssigned)
	require.Len(t, notes, 1)
	require.Equal(t, "assigned", notes[0].Text)
}

// A cluster that gives out no producer ids ends an idempotent producer, and no other.
func TestProducerWithoutAnID(t *testing.T) {
	for _, mode := range []Idempotence{IdempotenceOn, IdempotenceOff} {
		w := producerWorld(t, ProducerConfig{Idempotence: mode})
		w.cluster.topic("orders", 1)
		w.cluster.before[22] = func(string, wire.Request) (answer, bool) {
			resp := kmsg.NewPtrInitProducerIDResponse()
			resp.ErrorCode = int16(wire.UnknownServerError)
			return reply(resp), true
		}
		w.command(send(0, "a"))
		w.Run(time.Second)
		w.command(send(0, "b"))
		w.command(&Close{})
		w.Run(time.Second)
		if mode == IdempotenceOff {
			require.Equal(t, []string{"a ok orders-0@0", "b ok orders-0@1"}, w.outcomes(kafka.FSend))
			require.Equal(t, []string{"-1/-1+-1", "-1/-1+-1"}, states(w))
			continue
		}
		require.Equal(t, []string{
			"a fail UNKNOWN_SERVER_ERROR", "b fail UNKNOWN_SERVER_ERROR",
		}, w.outcomes(kafka.FSend))
		require.Zero(t, w.Conns(clientNode))
		w.checkHistory()
	}
}

// The table of ProducerConfig.postProcessAndValidateIdempotenceConfigs (3.9).
func TestIdempotenceConfig(t *testing.T) {
	for _, row := range []struct {
		cfg  ProducerConfig
		on   bool
		asks string // the error when idempotence is asked for
	}{
		{ProducerConfig{}, true, ""},
		{ProducerConfig{Acks: "-1", MaxInFlight: 5, Retries: 1}, true, ""},
		{ProducerConfig{Acks: "1"}, false, "acks=all, not 1"},
		{ProducerConfig{Acks: "0"}, false, "acks=all, not 0"},
		{ProducerConfig{Retries: -1}, false, "retries"},
		{ProducerConfig{MaxInFlight: 6}, false, "at most 5 requests in flight, not 6"},
	} {
		require.NoError(t, row.cfg.Check())
		cfg := row.cfg.withDefaults()
		require.Equal(t, row.on, cfg.idempotent(), "%+v", row.cfg)
		row.cfg.Idempotence = IdempotenceOff
		require.NoError(t, row.cfg.Check())
		cfg = row.cfg.withDefaults()
		require.False(t, cfg.idempotent())
		row.cfg.Idempotence = IdempotenceOn
		if row.asks == "" {
			require.NoError(t, row.cfg.Check())
			continue
		}
		require.ErrorContains(t, row.cfg.Check(), row.asks)
	}
	require.ErrorContains(t, ProducerConfig{Acks: "2"}.Check(), `acks is "2"`)
}

// Five batches leave together and the first is refused: all come back in order, each with the bytes
// it had, one at a time; new batches wait until they are through.
func TestIdempotentRetriesKeepTheOrder(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	log := w.cluster.topic("orders", 1)
	w.warm()
	n := 0
	w.cluster.before[0] = func(_ string, r wire.Request) (answer, bool) {
		n++
		return reply(produceReply(r.Body.(*kmsg.ProduceRequest), func(
			string, kmsg.ProduceRequestTopicPartition,
		) (wire.Code, int64) {
			return wire.NotEnoughReplicas, -1
		})), n == 1 || n == 6
	}
	for _, v := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		w.command(send(0, v))
	}
	w.Run(5 * time.Second)
	require.Equal(t, "[warm a b c d e f g]", fmt.Sprint(log[0].values()))
	require.Equal(t, []string{
		"0/0+1", "0/0+2", "0/0+3", "0/0+4", "0/0+5", // together; the first is refused, and so all
		"0/0+1",                                              // refused again, alone
		"0/0+1", "0/0+2", "0/0+3", "0/0+4", "0/0+5", "0/0+6", // f and g waited and share a batch
	}, states(w))
	require.Len(t, w.noted(kafka.RecordsAcked), 6)
}

// The reply is lost: the batch is sent again, and the answer is where it stood already.
func TestRetryOfWhatWasAppended(t *testing.T) {
	for mode, want := range map[Idempotence]string{
		IdempotenceOn: "[warm a] a ok orders-0@1", IdempotenceOff: "[warm a a] a ok orders-0@2",
	} {
		w := producerWorld(t, ProducerConfig{Idempotence: mode})
		log := w.cluster.topic("orders", 1)
		w.warm()
		w.cluster.before[0] = func(addr string, r wire.Request) (answer, bool) {
			delete(w.cluster.before, 0)
			w.cluster.produce(addr, r.Body.(*kmsg.ProduceRequest))
			w.After(1, func() { w.cut(addr) })
			return answer{drop: true}, true
		}
		w.command(send(0, "a"))
		w.Run(time.Second)
		require.Equal(t, want, fmt.Sprint(log[0].values())+" "+w.outcomes(kafka.FSend)[0])
	}
}

func TestDuplicateBeyondTheLeadersMemory(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	w.cluster.topic("orders", 1)
	w.warm()
	w.refuseFirst(1, wire.DuplicateSequenceNumber, false)
	w.command(send(0, "a"))
	w.command(send(0, "b"))
	w.Run(time.Second)
	require.Equal(t, "a ok orders-0@-1", w.outcomes(kafka.FSend)[0], "in the log, who knows where")
}

// A batch that reaches its delivery timeout with unknown fate and was lost leaves a gap. The one
// behind it finds it, and the partition goes on in a new epoch (KIP-360).
func TestEpochBumpAfterALostBatch(t *testing.T) {
	w := producerWorld(t, ProducerConfig{
		DeliveryTimeout: 5 * time.Second, RequestTimeout: time.Second,
	})
	log := w.cluster.topic("orders", 2)
	w.warm()
	w.command(send(1, "other"))
	w.Run(time.Second)
	w.cluster.before[0] = func(addr string, _ wire.Request) (answer, bool) {
		w.After(1, func() { w.cut(addr) })
		return answer{drop: true}, true
	}
	w.command(send(0, "lost"))
	w.Run(4500 * time.Millisecond)
	w.command(send(0, "after"))
	w.Run(time.Second)
	w.cluster.before = map[int16]func(string, wire.Request) (answer, bool){}
	w.Run(5 * time.Second)
	w.command(send(0, "more"))
	w.command(send(1, "too"))
	w.Run(time.Second)
	require.Equal(t, []string{
		"other ok orders-1@0", "lost info REQUEST_TIMED_OUT", "after ok orders-0@1", "more ok orders-0@2",
		"too ok orders-1@1",
	}, w.outcomes(kafka.FSend))
	require.Equal(t, "[warm after more]", fmt.Sprint(log[0].values()))
	got := states(w)
	require.Equal(t, []string{"0/1+0", "0/1+1", "0/1+0"}, got[len(got)-3:], "each partition from 0")
	notes := w.noted(kafka.ProducerIDAssigned)
	require.Len(t, notes, 1)
	require.Equal(t, int32(1), notes[0].Generation)
}

// While a batch is open, its partition does not take over the epoch that another one had bumped:
// with new sequences it could be appended twice.
func TestEpochBumpElsewhereWaits(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	log := w.cluster.topic("orders", 4) // broker 1 leads 0 and 3
	w.warm()
	w.command(send(3, "warm too"))
	w.Run(time.Second)
	w.cluster.before[0] = func(_ string, r wire.Request) (answer, bool) {
		resp := produceReply(r.Body.(*kmsg.ProduceRequest), func(
			_ string, p kmsg.ProduceRequestTopicPartition,
		) (wire.Code, int64) {
			if p.Partition == 0 {
				return wire.UnknownProducerID, -1
			}
			log[3].accept(p.Records)
			return wire.NotEnoughReplicasAfterAppend, -1
		})
		resp.Topics[0].Partitions[0].LogStartOffset = 0
		return reply(resp), true
	}
	w.command(send(3, "a"))
	w.command(send(0, "forgotten"))
	w.Run(50 * time.Millisecond)
	delete(w.cluster.before, 0)
	log[0].producers = nil
	w.command(send(3, "b"))
	w.Run(2 * time.Second)
	w.command(send(3, "c"))
	w.Run(2 * time.Second)
	require.Equal(t, "[warm too a b c]", fmt.Sprint(log[3].values()))
	require.Equal(t, "[warm forgotten]", fmt.Sprint(log[0].values()))
	require.Equal(t, int16(1), log[3].producers[0].epoch)
}

// While it is not known what became of a batch that was given up, nothing new leaves; the batch
// behind it shows the gap.
func TestNothingNewLeavesInDoubt(t *testing.T) {
	w := producerWorld(t, ProducerConfig{DeliveryTimeout: 5 * time.Second})
	log := w.cluster.topic("orders", 1)
	w.warm()
	w.cluster.before[0] = func(addr string, _ wire.Request) (answer, bool) {
		w.After(1, func() { w.cut(addr) })
		return answer{drop: true}, true
	}
	w.command(send(0, "lost"))
	w.Run(3 * time.Second)
	w.command(send(0, "behind"))
	w.Run(1900 * time.Millisecond)
	w.requests = nil
	w.command(send(0, "new"))
	w.Run(1500 * time.Millisecond)
	require.NotContains(t, states(w), "0/0+3")
	delete(w.cluster.before, 0)
	w.Run(2 * time.Second)
	require.Equal(t, "[warm behind new]", fmt.Sprint(log[0].values()))
}

// Nothing is left behind the lost batch to show the gap: the next one begins the new epoch.
func TestEpochBumpWhenAllIsLost(t *testing.T) {
	w := producerWorld(t, ProducerConfig{DeliveryTimeout: 5 * time.Second})
	log := w.cluster.topic("orders", 1)
	w.warm()
	w.cluster.before[0] = func(addr string, _ wire.Request) (answer, bool) {
		w.After(1, func() { w.cut(addr) })
		return answer{drop: true}, true
	}
	w.command(send(0, "lost"))
	w.Run(6 * time.Second)
	delete(w.cluster.before, 0)
	w.command(send(0, "next"))
	w.Run(2 * time.Second)
	require.Equal(t, []string{"lost info REQUEST_TIMED_OUT", "next ok orders-0@1"}, w.outcomes(kafka.FSend))
	require.Equal(t, "[warm next]", fmt.Sprint(log[0].values()))
	got := states(w)
	require.Equal(t, "0/1+0", got[len(got)-1])
}

// What the client does with a batch that a leader refuses for its producer.
func TestRefusedProducerState(t *testing.T) {
	for _, row := range []struct {
		name    string
		code    wire.Code
		start   int64 // log start offset in the answer
		old     bool
		outcome string
		states  []string
	}{
		{"gap", wire.OutOfOrderSequenceNumber, 0, false, "a ok orders-0@1", []string{"0/0+1", "0/1+0"}},
		{"fenced", wire.InvalidProducerEpoch, 0, false, "a fail INVALID_PRODUCER_EPOCH", []string{"0/0+1"}},
		{"forgotten", wire.UnknownProducerID, 0, false, "a ok orders-0@1", []string{"0/0+1", "0/1+0"}},
		{"forgotten, start unknown", wire.UnknownProducerID, -1, false, "a ok orders-0@1",
			[]string{"0/0+1", "0/0+1"}},
		{"forgotten, old client, records deleted", wire.UnknownProducerID, 1, true, "a ok orders-0@1",
			[]string{"0/0+1", "0/0+0"}},
		{"forgotten, old client", wire.UnknownProducerID, 0, true, "a fail UNKNOWN_PRODUCER_ID",
			[]string{"0/0+1"}},
		{"refused", wire.InvalidRecord, 0, false, "a fail INVALID_RECORD", []string{"0/0+1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := producerWorld(t, ProducerConfig{ResetOnUnknownProducer: row.old})
			log := w.cluster.topic("orders", 1)
			w.warm()
			w.cluster.before[0] = func(_ string, r wire.Request) (answer, bool) {
				delete(w.cluster.before, 0)
				if row.code == wire.UnknownProducerID && row.start >= 0 {
					log[0].producers = nil
				}
				resp := produceReply(r.Body.(*kmsg.ProduceRequest), func(
					string, kmsg.ProduceRequestTopicPartition,
				) (wire.Code, int64) {
					return row.code, -1
				})
				resp.Topics[0].Partitions[0].LogStartOffset = row.start
				return reply(resp), true
			}
			w.command(send(0, "a"))
			w.Run(time.Second)
			require.Equal(t, []string{row.outcome}, w.outcomes(kafka.FSend))
			require.Equal(t, row.states, states(w))
			w.command(send(0, "b"))
			w.Run(time.Second)
			require.Contains(t, w.outcomes(kafka.FSend)[1], "b ok", "the producer goes on")
			w.checkHistory()
		})
	}
}

// The old client's duplicate (KAFKA-7190): the record was appended and deleted again, and with it
// what the leader knew of the producer.
func TestOldClientResendsWhatWasDeleted(t *testing.T) {
	for old, want := range map[bool]string{true: "[warm a a]", false: "[warm a a]"} {
		w := producerWorld(t, ProducerConfig{ResetOnUnknownProducer: old})
		log := w.cluster.topic("orders", 1)
		w.warm()
		n := 0
		w.cluster.before[0] = func(addr string, r wire.Request) (answer, bool) {
			req := r.Body.(*kmsg.ProduceRequest)
			switch n++; n {
			case 1:
				w.cluster.produce(addr, req)
				log[0].producers, log[0].start = nil, log[0].end
				w.After(1, func() { w.cut(addr) })
				return answer{drop: true}, true
			case 2:
				resp := produceReply(req, func(string, kmsg.ProduceRequestTopicPartition) (wire.Code, int64) {
					return wire.UnknownProducerID, -1
				})
				resp.Topics[0].Partitions[0].LogStartOffset = log[0].start
				return reply(resp), true
			}
			return answer{}, false
		}
		w.command(send(0, "a"))
		w.Run(time.Second)
		require.Equal(t, want, fmt.Sprint(log[0].values()), "only a leader that remembers prevents it")
		got := states(w)
		require.Equal(t, map[bool]string{true: "0/0+0", false: "0/1+0"}[old], got[len(got)-1])
	}
}

func TestSequencesWrapAround(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	log := w.cluster.topic("orders", 1)
	w.warm()
	s := &w.process.(*Producer).topics["orders"].queues[0].seq
	s.next, s.acked = math.MaxInt32-1, math.MaxInt32-2
	log[0].producers[0].batches[0].last = math.MaxInt32 - 2
	w.refuseFirst(1, wire.NotEnoughReplicas, false)
	for _, v := range []string{"a", "b", "c", "d"} {
		w.command(send(0, v))
	}
	w.Run(5 * time.Second)
	require.Equal(t, "[warm a b c d]", fmt.Sprint(log[0].values()))
	require.Contains(t, states(w), fmt.Sprintf("0/0+%d", math.MaxInt32))
	require.Equal(t, int32(2), s.next)
	require.Len(t, w.noted(kafka.ProducerIDAssigned), 0)
}

// Behind the last epoch comes a new producer id.
func TestEpochsRunOut(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	log := w.cluster.topic("orders", 1)
	w.warm()
	p := w.process.(*Producer)
	p.idem.who.epoch = math.MaxInt16
	p.topics["orders"].queues[0].seq.who.epoch = math.MaxInt16
	log[0].producers[0].epoch = math.MaxInt16
	w.refuseFirst(1, wire.OutOfOrderSequenceNumber, false)
	w.command(send(0, "a"))
	w.Run(time.Second)
	require.Equal(t, []string{"a ok orders-0@1"}, w.outcomes(kafka.FSend))
	require.Equal(t, []string{"0/32767+1", "1/0+0"}, states(w))
}

// Partitions that are added are found when the metadata grows old, and keys move to others.
func TestAddedPartitionsMoveKeys(t *testing.T) {
	w := producerWorld(t, ProducerConfig{MetadataMaxAge: 10 * time.Second})
	w.cluster.topic("orders", 2)
	key := []byte("k3")
	before, after := PartitionForKey(key, 2), PartitionForKey(key, 5)
	require.NotEqual(t, before, after)
	record := func(v string) *Send {
		return &Send{Topic: "orders", Partition: AnyPartition, Key: key, Value: []byte(v)}
	}
	w.command(record("a"))
	w.Run(time.Second)
	log := w.cluster.topic("orders", 3)
	w.command(record("b"))
	w.Run(11 * time.Second)
	w.command(record("c"))
	w.Run(time.Second)
	require.Equal(t, []string{"a", "b"}, log[before].values())
	require.Equal(t, []string{"c"}, log[after].values())
}

// faultyProduce plays one drawn fault per Produce request until they are used up.
func faultyProduce(w *world, log []*replica, faults []int) {
	at := 0
	refuse := func(req *kmsg.ProduceRequest, code wire.Code, appended bool) answer {
		return reply(produceReply(req, func(topic string, p kmsg.ProduceRequestTopicPartition) (wire.Code, int64) {
			if appended {
				if code, _ := w.cluster.replica(topic, p.Partition).accept(p.Records); code != wire.None {
					return code, -1
				}
			}
			return code, -1
		}))
	}
	w.cluster.before[0] = func(addr string, r wire.Request) (answer, bool) {
		if at == len(faults) {
			return answer{}, false
		}
		req := r.Body.(*kmsg.ProduceRequest)
		at++
		switch faults[at-1] {
		case 0:
			return refuse(req, wire.NotEnoughReplicas, false), true
		case 1:
			return refuse(req, wire.NotEnoughReplicasAfterAppend, true), true
		case 2:
			return refuse(req, wire.CorruptMessage, false), true
		case 3: // request and connection are lost
			w.After(1, func() { w.cut(addr) })
			return answer{drop: true}, true
		case 4: // the reply is lost, and the connection
			w.cluster.produce(addr, req)
			w.After(1, func() { w.cut(addr) })
			return answer{drop: true}, true
		case 5: // the reply is lost; the client waits for it until its timeout
			w.cluster.produce(addr, req)
			return answer{drop: true}, true
		case 6:
			for _, r := range log {
				r.leader, r.epoch = r.leader%3+1, r.epoch+1
			}
		case 7: // a request that the network kept back, from before a reconnect
			body := *req
			w.After(300*time.Millisecond, func() { w.cluster.produce(addr, &body) })
			w.After(1, func() { w.cut(addr) })
			return answer{drop: true}, true
		}
		return answer{}, false
	}
}

// play sends 60 records over two partitions, with the faults, and returns the log.
func playFaults(t testing.TB, cfg ProducerConfig, faults []int) (*world, []*replica) {
	cfg.BatchSize, cfg.RequestTimeout = 150, time.Second
	w := producerWorld(t, cfg)
	log := w.cluster.topic("orders", 2)
	// Both leaders know the producer before the faults begin. One that knows nothing of it accepts
	// any sequence, see TestFirstBatchesAreNotSafe.
	w.command(send(0, "u"))
	w.command(send(1, "u"))
	w.Run(time.Second)
	w.ops, w.notes = nil, nil
	faultyProduce(w, log, faults)
	for i := range 60 {
		w.command(send(int32(i%2), fmt.Sprintf("v%02d", i)))
		if i%5 == 0 {
			w.Run(20 * time.Millisecond)
		}
	}
	w.Run(4 * time.Minute)
	w.checkHistory()
	require.Len(t, w.outcomes(kafka.FSend), 60)
	return w, log
}

// Whatever is lost: with idempotence every record is in the log once and in order. Its producer may
// not hear of it: a batch that is refused again and again while more than five behind it are
// appended is one that the leader no longer remembers.
func TestIdempotentProducerWritesEachRecordOnceInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		faults := rapid.SliceOfN(rapid.IntRange(0, 12), 40, 40).Draw(rt, "faults")
		w, log := playFaults(t, ProducerConfig{
			MaxInFlight: rapid.IntRange(1, 5).Draw(rt, "in flight"),
		}, faults)
		for p, r := range log {
			want := []string{"u"}
			for i := p; i < 60; i += 2 {
				want = append(want, fmt.Sprintf("v%02d", i))
			}
			require.Equal(rt, want, r.values())
		}
		for _, op := range w.ops {
			require.NotEqual(rt, kafka.Fail, op.Type, "%v", op)
			if at := op.Value[0].Offset; op.Type == kafka.OK && at >= 0 {
				require.Equal(rt, op.Value[0].Value, log[op.Value[0].Key.Partition].values()[at])
			}
		}
	})
}

// With a delivery timeout that bites, what was acknowledged is there once and in order, and nothing
// is there twice.
func TestIdempotentProducerGivesUp(t *testing.T) {
	bumps := 0
	rapid.Check(t, func(rt *rapid.T) {
		faults := rapid.SliceOfN(rapid.IntRange(0, 9), 60, 60).Draw(rt, "faults")
		w, log := playFaults(t, ProducerConfig{
			MaxInFlight:     rapid.IntRange(1, 5).Draw(rt, "in flight"),
			DeliveryTimeout: rapid.SampledFrom([]time.Duration{1500, 3000}).Draw(rt, "ms") * time.Millisecond,
		}, faults)
		for _, r := range log {
			values := r.values()
			require.True(rt, slices.IsSorted(values), "%v", values)
			require.Equal(rt, len(values), len(slices.Compact(slices.Clone(values))), "%v", values)
		}
		for _, op := range w.ops {
			values := log[op.Value[0].Key.Partition].values()
			switch op.Type {
			case kafka.OK:
				require.Contains(rt, values, op.Value[0].Value)
			case kafka.Fail:
				require.NotContains(rt, values, op.Value[0].Value)
			}
		}
		bumps += len(w.noted(kafka.ProducerIDAssigned))
	})
	require.Positive(t, bumps, "the epoch is bumped in some runs")
}

// A leader that knows nothing of a producer accepts any sequence (ProducerAppendInfo.checkSequence,
// 3.9), so the very first batches have no protection while several are in flight: the first is
// refused, the second is appended, and the client starts both anew in the next epoch.
func TestFirstBatchesAreNotSafe(t *testing.T) {
	w := producerWorld(t, ProducerConfig{})
	log := w.cluster.topic("orders", 4)
	w.command(send(3, "opens the connection to the leader of both"))
	w.Run(time.Second)
	n := 0
	w.cluster.before[0] = func(addr string, r wire.Request) (answer, bool) {
		req := r.Body.(*kmsg.ProduceRequest)
		n++
		if n > 2 {
			return answer{}, false
		}
		return reply(produceReply(req, func(_ string, p kmsg.ProduceRequestTopicPartition) (wire.Code, int64) {
			if n == 1 {
				return wire.NotEnoughReplicas, -1
			}
			log[0].accept(p.Records)
			return wire.NotEnoughReplicasAfterAppend, -1
		})), true
	}
	w.command(send(0, "a"))
	w.command(send(0, "b"))
	w.Run(5 * time.Second)
	require.Equal(t, "[b a b]", fmt.Sprint(log[0].values()))
}

// The same faults without idempotence: duplicates, and the order is lost.
func TestFaultsBiteWithoutIdempotence(t *testing.T) {
	r := model.NewRand(3, "faults")
	duplicates, disorder := 0, 0
	for range 20 {
		faults := make([]int, 40)
		for i := range faults {
			faults[i] = int(r.Below(13))
		}
		_, log := playFaults(t, ProducerConfig{Idempotence: IdempotenceOff}, faults)
		for _, r := range log {
			values := r.values()
			if !slices.IsSorted(values) {
				disorder++
			}
			slices.Sort(values)
			duplicates += len(values) - len(slices.Compact(values))
		}
	}
	require.Greater(t, duplicates, 20)
	require.Greater(t, disorder, 20)
}
