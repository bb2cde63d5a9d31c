package client

import (
	"fmt"
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

// readTen lets a consumer read ten records of epoch 1, of which a new leader has only the first
// six, and has six others behind them (facts, scenario 15).
func readTen(t *testing.T, cfg ConsumerConfig) (*world, *replica) {
	from := kafka.Offset(0)
	w := consumerWorld(t, cfg)
	log := w.cluster.topic("orders", 1)[0]
	for i := range 10 {
		log.append(fmt.Sprint("v", i))
	}
	w.command(&Assign{Partitions: []kafka.TopicPartition{orders(0)}, From: &from})
	w.Run(time.Second)
	require.Len(t, w.read(), 10)
	w.ops, w.requests = nil, nil

	log.batches, log.end, log.leader, log.epoch = log.batches[:6], 6, 2, 2
	for i := range 6 {
		log.append(fmt.Sprint("n", i+6))
	}
	w.cut("broker-1:9092")
	w.Run(3 * time.Second)
	return w, log
}

func TestConsumerNoticesTruncation(t *testing.T) {
	for _, reset := range []string{"earliest", "latest"} {
		w, _ := readTen(t, ConsumerConfig{AutoOffsetReset: reset})
		require.Equal(t, []string{
			"orders-0@6=n6", "orders-0@7=n7", "orders-0@8=n8", "orders-0@9=n9", "orders-0@10=n10",
			"orders-0@11=n11",
		}, w.read(), "from where the logs part")
		asked := sent[*kmsg.OffsetForLeaderEpochRequest](w)
		require.Len(t, asked, 1)
		part := asked[0].Topics[0].Partitions[0]
		require.Equal(t, int32(1), part.LeaderEpoch)
		require.Equal(t, int32(2), part.CurrentLeaderEpoch)
		notes := w.noted(kafka.TruncationDetected)
		require.Len(t, notes, 1)
		require.Equal(t, kafka.Offset(6), notes[0].Offset)
		require.Empty(t, w.noted(kafka.PositionReset))
		require.Equal(t, []string{"reset orders-0@6 LOG_TRUNCATION"}, w.moves())
	}
}

func TestTruncationWithoutAResetPolicy(t *testing.T) {
	w, _ := readTen(t, ConsumerConfig{AutoOffsetReset: "none"})
	require.Empty(t, w.read())
	require.Contains(t, w.outcomes(kafka.FPoll), "fail LOG_TRUNCATION orders-0")
	require.Len(t, w.noted(kafka.TruncationDetected), 1)
	w.command(&Seek{TP: orders(0), Offset: 11})
	w.Run(time.Second)
	require.Equal(t, []string{"orders-0@11=n11"}, w.read(), "a Seek helps")
}

// The client before KIP-320 walks over the cut: it never sees what took the place of what it read.
func TestOldConsumerWalksOverTheCut(t *testing.T) {
	w, log := readTen(t, ConsumerConfig{AutoOffsetReset: "earliest", NoEpochs: true})
	require.Equal(t, []string{"orders-0@10=n10", "orders-0@11=n11"}, w.read())
	require.Empty(t, sent[*kmsg.OffsetForLeaderEpochRequest](w))
	require.Empty(t, w.noted(kafka.TruncationDetected))
	for _, req := range sent[*kmsg.FetchRequest](w) {
		require.Equal(t, int32(-1), req.Topics[0].Partitions[0].CurrentLeaderEpoch)
	}
	// Only a position behind the end of the log shows it.
	log.batches, log.end, log.leader, log.epoch = log.batches[:3], 3, 3, 3
	w.cut("broker-2:9092")
	w.Run(3 * time.Second)
	notes := w.noted(kafka.PositionReset)
	require.Len(t, notes, 1)
	require.Equal(t, "OFFSET_OUT_OF_RANGE, auto.offset.reset=earliest", notes[0].Text)
	require.Equal(t, kafka.Offset(0), notes[0].Offset)
}

// A leader that knows no epoch so old cannot say where the logs part.
func TestTruncationBeyondTheLeadersKnowledge(t *testing.T) {
	w, log := readTen(t, ConsumerConfig{AutoOffsetReset: "earliest"})
	w.ops = nil
	log.batches, log.end, log.leader, log.epoch = nil, 0, 3, 3
	log.append("first")
	w.cluster.before[23] = func(addr string, r wire.Request) (answer, bool) {
		resp := w.cluster.epochEnds(addr, r.Body.(*kmsg.OffsetForLeaderEpochRequest))
		part := &resp.(*kmsg.OffsetForLeaderEpochResponse).Topics[0].Partitions[0]
		part.LeaderEpoch, part.EndOffset = -1, -1
		return reply(resp), true
	}
	w.cut("broker-2:9092")
	w.Run(3 * time.Second)
	require.Equal(t, []string{"orders-0@0=first"}, w.read())
	notes := w.noted(kafka.PositionReset)
	require.Len(t, notes, 1)
	require.Equal(t, "LOG_TRUNCATION, auto.offset.reset=earliest", notes[0].Text)
}

// A committed offset carries an epoch, and is checked like any other position; answers that come
// too late or with an error are asked for again.
func TestCommittedOffsetIsValidated(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest",
	})
	log := w.cluster.topic("orders", 1)[0]
	log.append("a")
	log.epoch = 3
	log.append("b")
	w.cluster.before[9] = func(_ string, req wire.Request) (answer, bool) {
		a := w.cluster.handleGroup("", req.Body)
		resp := a.resp().(*kmsg.OffsetFetchResponse)
		part := &resp.Groups[0].Topics[0].Partitions[0]
		part.Offset, part.LeaderEpoch = 2, 2
		return reply(resp), true
	}
	refusals := 3
	w.cluster.before[23] = func(_ string, r wire.Request) (answer, bool) {
		refusals--
		resp := kmsg.NewPtrOffsetForLeaderEpochResponse()
		rt := kmsg.NewOffsetForLeaderEpochResponseTopic()
		rt.Topic = "orders"
		rp := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
		rp.ErrorCode = int16(wire.NotLeaderOrFollower)
		rt.Partitions = append(rt.Partitions, rp)
		resp.Topics = append(resp.Topics, rt)
		return reply(resp), refusals >= 0
	}
	w.Run(3 * time.Second)
	require.Equal(t, []string{"orders-0@1=b"}, w.read(), "epoch 2 ends where 1 does")
	require.Equal(t, -1, refusals)
	require.Len(t, w.noted(kafka.TruncationDetected), 1)
}

func TestPositionsAreReset(t *testing.T) {
	// The head of the log is deleted while the consumer is away.
	from := kafka.Offset(1)
	w := consumerWorld(t, ConsumerConfig{AutoOffsetReset: "earliest"})
	log := w.cluster.topic("orders", 1)[0]
	for i := range 5 {
		log.append(fmt.Sprint("v", i))
	}
	log.batches, log.start = log.batches[3:], 3
	w.command(&Assign{Partitions: []kafka.TopicPartition{orders(0)}, From: &from})
	w.Run(time.Second)
	require.Equal(t, []string{"orders-0@3=v3", "orders-0@4=v4"}, w.read())
	notes := w.noted(kafka.PositionReset)
	require.Len(t, notes, 1)
	require.Equal(t, kafka.Offset(3), notes[0].Offset)
	require.Equal(t, "OFFSET_OUT_OF_RANGE, auto.offset.reset=earliest", notes[0].Text)
}

// compacted is a batch of records of which only the kept ones, by offset delta, are left.
func compacted(epoch int32, base int64, n int, kept ...int) []byte {
	batch := kmsg.RecordBatch{
		FirstOffset: base, PartitionLeaderEpoch: epoch, Magic: 2, LastOffsetDelta: int32(n - 1),
		ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: int32(len(kept)),
	}
	for _, delta := range kept {
		r := kmsg.Record{OffsetDelta: int32(delta), Value: []byte(fmt.Sprint("v", base+int64(delta)))}
		r.Length = int32(len(r.AppendTo(nil)) - 1)
		batch.Records = r.AppendTo(batch.Records)
	}
	batch.Length = int32(len(batch.AppendTo(nil)) - wire.LogOverhead)
	out := batch.AppendTo(nil)
	wire.RewriteProducer(out, wire.BatchProducer{ID: -1, Epoch: -1, BaseSequence: -1}) // seals it
	return out
}

// Compaction leaves gaps, batches without records, and batches whose last records are gone; in the
// end even the log's tail may be missing. Every record that is left is read once.
func TestConsumerReadsACompactedLog(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := consumerWorld(t, ConsumerConfig{
			Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest", FinalRead: true,
			MaxPollRecords: rapid.IntRange(1, 5).Draw(rt, "max.poll.records"),
		})
		log := w.cluster.topic("orders", 1)[0]
		var want []string
		for range rapid.IntRange(1, 8).Draw(rt, "batches") {
			n := rapid.IntRange(1, 5).Draw(rt, "records")
			var kept []int
			for delta := range n {
				if rapid.Bool().Draw(rt, "kept") {
					kept = append(kept, delta)
					want = append(want, fmt.Sprintf("orders-0@%d=v%d", log.end+int64(delta), log.end+int64(delta)))
				}
			}
			if len(kept) > 0 || rapid.Bool().Draw(rt, "batch kept") {
				log.batches = append(log.batches, compacted(log.epoch, log.end, n, kept...))
			}
			log.end += int64(n)
		}
		w.Run(5 * time.Second)
		require.Equal(rt, want, w.read())
		require.True(rt, w.consumer().CaughtUp())
	})
}

func TestConsumerSeeksToATime(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "none"})
	log := w.cluster.topic("orders", 1)[0]
	for i := range 5 {
		log.append(fmt.Sprint("v", i))
	}
	w.cluster.before[2] = func(addr string, r wire.Request) (answer, bool) {
		req := r.Body.(*kmsg.ListOffsetsRequest)
		resp := w.cluster.listOffsets(addr, req).(*kmsg.ListOffsetsResponse)
		switch at := req.Topics[0].Partitions[0].Timestamp; {
		case at == 1500:
			resp.Topics[0].Partitions[0].Offset = 3
		case at >= 0:
			resp.Topics[0].Partitions[0].Offset = -1
		}
		return reply(resp), true
	}
	w.Run(time.Second)
	require.Empty(t, w.read())
	w.command(&SeekToTime{TP: orders(0), Time: 1500 * time.Millisecond})
	w.Run(time.Second)
	require.Equal(t, []string{"orders-0@3=v3", "orders-0@4=v4"}, w.read())
	w.command(&SeekToTime{TP: orders(0), Time: time.Hour})
	w.Run(time.Second)
	log.append("new")
	w.Run(time.Second)
	require.Len(t, w.read(), 3, "none is so new: the end")
	w.command(&SeekToTime{TP: orders(7)})
	w.Run(time.Second)
	require.Equal(t, []string{"ok", "ok", "fail NO_CURRENT_ASSIGNMENT"}, w.outcomes(kafka.FSeek))
	require.Equal(t, []string{"seek orders-0@3", "seek orders-0@5"}, w.moves())
}

// followed is a consumer that the leader sends to the follower broker 3, whose log ends at end.
func followed(t *testing.T, end *int64) (*world, *replica) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest", Rack: "r3",
		MetadataMaxAge: 20 * time.Second,
	})
	log := w.cluster.topic("orders", 1)[0]
	w.cluster.before[1] = func(addr string, r wire.Request) (answer, bool) {
		req := r.Body.(*kmsg.FetchRequest)
		require.Equal(t, "r3", req.Rack)
		follower := &cluster{topics: map[string][]*replica{"orders": {log}}}
		switch {
		case addr == "broker-1:9092" && req.Topics[0].Partitions[0].FetchOffset <= *end:
			a := w.cluster.fetch(addr, req)
			resp := a.resp().(*kmsg.FetchResponse)
			resp.Topics[0].Partitions[0].PreferredReadReplica = 3
			resp.Topics[0].Partitions[0].RecordBatches = []byte{}
			return reply(resp), true
		case addr == "broker-3:9092":
			leader, logEnd := log.leader, log.end
			log.leader, log.end = 3, *end
			a := follower.fetch(addr, req)
			resp := a.resp()
			log.leader, log.end = leader, logEnd
			return answer{resp: func() kmsg.Response { return resp }, delay: a.delay}, true
		}
		return answer{}, false
	}
	return w, log
}

// fetchesAt counts the Fetches that reach addr within d.
func (w *world) fetchesAt(addr string, d time.Duration) int {
	n := 0
	before := w.cluster.before[1]
	w.cluster.before[1] = func(a string, r wire.Request) (answer, bool) {
		if a == addr {
			n++
		}
		return before(a, r)
	}
	w.Run(d)
	w.cluster.before[1] = before
	return n
}

func TestConsumerReadsFromAFollower(t *testing.T) {
	end := int64(2)
	w, log := followed(t, &end)
	log.append("a")
	log.append("b")
	w.Run(time.Second)
	require.Equal(t, []string{"orders-0@0=a", "orders-0@1=b"}, w.read())
	require.Zero(t, w.fetchesAt("broker-1:9092", 15*time.Second), "it stays with the follower")
	// After metadata.max.age it asks the leader again, which names the follower again.
	require.Equal(t, 1, w.fetchesAt("broker-1:9092", 10*time.Second))
	require.Zero(t, w.fetchesAt("broker-1:9092", 5*time.Second))

	// A follower whose log has become shorter: back to the leader, no reset.
	log.append("c")
	end = 3
	w.Run(time.Second)
	end = 1
	log.append("d")
	w.Run(2 * time.Second)
	require.Equal(t, []string{"orders-0@0=a", "orders-0@1=b", "orders-0@2=c", "orders-0@3=d"}, w.read())
	require.Empty(t, w.noted(kafka.PositionReset))

	// A follower that is gone: the leader again.
	end = 4
	w.Run(time.Second)
	w.refuse("broker-3:9092")
	end = -1 // the leader names nobody
	log.append("e")
	w.Run(3 * time.Second)
	require.Len(t, w.read(), 5)
}

// A committed offset of epoch 5, and metadata that knows only epoch 3: the leader of epoch 3 is not
// asked, for it knows nothing of what was read.
func TestStaleLeaderIsNotAsked(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest",
	})
	log := w.cluster.topic("orders", 1)[0]
	log.epoch = 3
	log.append("a")
	w.cluster.before[9] = func(_ string, req wire.Request) (answer, bool) {
		resp := w.cluster.handleGroup("", req.Body).resp().(*kmsg.OffsetFetchResponse)
		part := &resp.Groups[0].Topics[0].Partitions[0]
		part.Offset, part.LeaderEpoch = 2, 5
		return reply(resp), true
	}
	w.Run(3 * time.Second)
	require.Empty(t, sent[*kmsg.OffsetForLeaderEpochRequest](w))
	require.Empty(t, sent[*kmsg.FetchRequest](w))
	require.LessOrEqual(t, len(sent[*kmsg.MetadataRequest](w)), 40, "it asks again, with a pause")
	log.leader, log.epoch = 2, 5
	log.append("b")
	log.append("c")
	w.Run(3 * time.Second)
	require.Equal(t, []string{"orders-0@2=c"}, w.read())
	require.Empty(t, w.noted(kafka.TruncationDetected))
}

// However leaders come and go and cut the log: what the log holds in the end was read, each record
// at its offset. The client before KIP-320 misses some.
func TestConsumerMissesNothingAfterTruncations(t *testing.T) {
	play := func(t *testing.T, cfg ConsumerConfig, draw func(name string, most int) int) (missed int) {
		cfg.Assign, cfg.AutoOffsetReset = []kafka.TopicPartition{orders(0)}, "earliest"
		w := consumerWorld(t, cfg)
		log := w.cluster.topic("orders", 1)[0]
		for n := range 12 {
			for i := range draw("records", 4) {
				log.append(fmt.Sprintf("e%d-%d-%d", log.epoch, n, i))
			}
			w.Run(time.Duration(draw("ms", 3)) * 200 * time.Millisecond)
			if draw("fail over", 2) == 0 {
				continue
			}
			cut := min(draw("cut", 4), len(log.batches))
			log.batches = log.batches[:len(log.batches)-cut]
			log.end -= int64(cut)
			old := log.leader
			log.leader, log.epoch = log.leader%3+1, log.epoch+1
			if draw("cut the connection", 1) == 1 {
				w.cut(fmt.Sprintf("broker-%d:9092", old))
			}
		}
		log.append("last")
		w.Run(10 * time.Second)
		w.checkHistory()
		read := w.read()
		for at, value := range log.values() {
			if !slices.Contains(read, fmt.Sprintf("orders-0@%d=%s", at, value)) {
				missed++
			}
		}
		return missed
	}
	rapid.Check(t, func(rt *rapid.T) {
		require.Zero(rt, play(t, ConsumerConfig{
			MaxPollRecords: rapid.IntRange(1, 5).Draw(rt, "max.poll.records"),
		}, func(name string, most int) int { return rapid.IntRange(0, most).Draw(rt, name) }))
	})
	r := model.NewRand(1, "truncations")
	missed := 0
	for range 30 {
		missed += play(t, ConsumerConfig{NoEpochs: true}, func(_ string, most int) int {
			return int(r.Below(uint64(most + 1)))
		})
	}
	require.Greater(t, missed, 10, "the cuts bite")
}

// With topic ids (KIP-516) a consumer of a topic that is deleted and created again finds the new
// one.
func TestConsumerFetchesByTopicID(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest"})
	w.cluster.ids = map[string][16]byte{"orders": {1}}
	log := w.cluster.topic("orders", 1)[0]
	log.append("a")
	w.Run(time.Second)
	require.Equal(t, []string{"orders-0@0=a"}, w.read())
	body, _ := w.lastRequest(1)
	require.Equal(t, int16(13), body.GetVersion())
	w.cluster.ids = map[string][16]byte{"orders": {2}}
	log.batches, log.end, log.epoch = nil, 0, 0
	w.Run(2 * time.Second)
	log.append("b")
	w.Run(time.Second)
	require.Contains(t, w.outcomes(kafka.FPoll), "fail UNKNOWN_TOPIC_ID")
	require.Equal(t, []string{"orders-0@0=a", "orders-0@0=b"}, w.read())
}

// askedEpochs are the epochs that leaders were asked about.
func askedEpochs(w *world) []int32 {
	var list []int32
	for _, req := range sent[*kmsg.OffsetForLeaderEpochRequest](w) {
		list = append(list, req.Topics[0].Partitions[0].LeaderEpoch)
	}
	return list
}

// The epoch that goes with a position: that of the last batch, with records or without, and after a
// truncation that in which the logs part.
func TestEpochOfThePosition(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest"})
	log := w.cluster.topic("orders", 1)[0]
	log.append("a")
	log.epoch = 2
	w.Run(time.Second)
	log.batches, log.end = append(log.batches, compacted(2, 1, 2)), 3
	w.Run(time.Second)
	log.leader, log.epoch = 2, 3
	w.cut("broker-1:9092")
	w.Run(2 * time.Second)
	require.Equal(t, int32(2), askedEpochs(w)[len(askedEpochs(w))-1])
	log.batches, log.end, log.leader, log.epoch = log.batches[:1], 1, 3, 4
	w.cut("broker-2:9092")
	w.Run(2 * time.Second)
	log.leader, log.epoch = 1, 5
	w.cut("broker-3:9092")
	w.Run(2 * time.Second)
	require.Equal(t, []int32{2, 1}, askedEpochs(w)[len(askedEpochs(w))-2:])
	require.Len(t, w.noted(kafka.TruncationDetected), 1)
}
