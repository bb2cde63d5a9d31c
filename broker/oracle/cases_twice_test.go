package oracle

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// twiceCases name one thing twice in a request, in every request that names several.
func (cs *script) twiceCases() {
	produce := func(name string, f func(r *player, n string, q *kmsg.ProduceRequest)) {
		cs.add("twice/produce-"+name, func(r *player) {
			n := r.topic("tw-"+name, 2)
			q := produceReq(n, 0, -1, strs("a").encode())
			f(r, n, q)
			r.ask(q, 9)
			r.say("log 0", fetchReq(n, 0, 0), 11)
			r.say("log 1", fetchReq(n, 1, 0), 11)
		})
	}
	batch := func(n string, part int32, records []byte) kmsg.ProduceRequestTopicPartition {
		return produceReq(n, part, -1, records).Topics[0].Partitions[0]
	}
	type Q = *kmsg.ProduceRequest
	produce("bad-then-good", func(r *player, n string, q Q) {
		q.Topics[0].Partitions[0].Records = []byte("garbage that is no batch")
		q.Topics[0].Partitions = append(q.Topics[0].Partitions, batch(n, 0, strs("b").encode()))
	})
	produce("good-then-bad", func(r *player, n string, q Q) {
		q.Topics[0].Partitions = append(q.Topics[0].Partitions, batch(n, 0, []byte{1, 2}))
	})
	produce("good-then-corrupt", func(r *player, n string, q Q) {
		q.Topics[0].Partitions = append(
			q.Topics[0].Partitions,
			batch(n, 0, strs("b").with(func(b *bat) { b.badCRC = true }).encode()),
		)
	})
	produce("topic", func(r *player, n string, q Q) {
		q.Topics = append(q.Topics, produceReq(n, 1, -1, strs("b").encode()).Topics[0])
	})
	produce("topic-and-partition", func(r *player, n string, q Q) {
		q.Topics = append(
			q.Topics,
			produceReq(n, 0, -1, strs("b").encode()).Topics[0],
			produceReq(n, 1, -1, strs("c").encode()).Topics[0],
		)
	})
	produce("unknown", func(r *player, n string, q Q) {
		q.Topics = append(
			q.Topics,
			produceReq(r.N("nosuch"), 0, -1, strs("b").encode()).Topics[0],
			produceReq(r.N("nosuch"), 0, -1, strs("c").encode()).Topics[0],
		)
	})
	produce("one-is-nothing", func(r *player, n string, q Q) {
		q.Topics[0].Partitions = append(q.Topics[0].Partitions, batch(n, 1, make([]byte, 100)))
	})
	produce("one-is-transactional", func(r *player, n string, q Q) {
		q.Topics[0].Partitions = append(
			q.Topics[0].Partitions,
			batch(n, 1, strs("t").with(func(b *bat) { b.attrs = 0x10 }).encode()),
		)
	})
	produce("unknown-topic-acks2", func(r *player, n string, q Q) {
		q.Acks = 2
		q.Topics = append(
			q.Topics,
			produceReq(r.N("nosuch"), 0, -1, strs("b").encode()).Topics[0],
			produceReq(n, 1, -1, []byte{1}).Topics[0],
		)
	})
	cs.add("twice/produce-v2-partly", func(r *player) {
		n := r.topic("tw-v2", 1)
		r.say("cut batch", produceReq(n, 0, -1, strs("a").encode()[:60]), 2)
		r.say("two batches", produceReq(n, 0, -1, append(strs("a").encode(), strs("b").encode()...)), 2)
		r.say("batch and bytes", produceReq(n, 0, -1, append(strs("a").encode(), 1, 2, 3)), 2)
		r.say(
			"batch and message",
			produceReq(n, 0, -1, append(strs("a").encode(), message(1, 0, 0, nil, []byte("v"), false)...)),
			2,
		)
		r.say(
			"message and batch",
			produceReq(n, 0, -1, append(message(1, 0, 0, nil, []byte("v"), false), strs("a").encode()...)),
			2,
		)
		r.say("log", fetchReq(n, 0, 0), 11)
	})
	for _, codec := range []int{1, 2, 3, 4} {
		cs.add(fmt.Sprintf("twice/deltas-codec-%d", codec), func(r *player) {
			n := r.topic(fmt.Sprintf("tw-delta%d", codec), 1)
			r.ask(
				produceReq(
					n,
					0,
					-1,
					strs("a", "b", "c").with(func(b *bat) { b.codec, b.recs[1].delta = codec, 5 }).encode(),
				),
				9,
			)
			r.ask(
				produceReq(
					n,
					0,
					-1,
					strs("a", "b", "c").with(func(b *bat) { b.codec, b.maxTS = codec, base+5000 }).encode(),
				),
				9,
			)
			r.say("log", fetchReq(n, 0, 0), 11)
		})
	}
	cs.add("twice/deltas-recompressed", func(r *player) {
		n := r.topic("tw-deltar", 1, nv{"compression.type", "gzip"})
		r.ask(
			produceReq(
				n,
				0,
				-1,
				strs("a", "b", "c").with(func(b *bat) { b.recs[1].delta = 5; b.attrs = 8 }).encode(),
			),
			9,
		)
		r.say("log", fetchReq(n, 0, 0), 11)
	})
	cs.add("twice/idempotent-duplicate-log-append-time", func(r *player) {
		n := r.topic("tw-idem", 1, nv{"message.timestamp.type", "LogAppendTime"})
		b := strs("a").idem(77777, 0, 0).encode()
		x, _ := r.ask(produceReq(n, 0, -1, b), 9).(*kmsg.ProduceResponse)
		y, _ := r.ask(produceReq(n, 0, -1, b), 9).(*kmsg.ProduceResponse)
		r.note(
			"the same time",
			fmt.Sprint(x.Topics[0].Partitions[0].LogAppendTime == y.Topics[0].Partitions[0].LogAppendTime),
		)
	})
	cs.add("twice/idempotent-duplicate-five-back", func(r *player) {
		n := r.topic("tw-idem5", 1)
		for i := range int32(5) {
			r.quiet(
				produceReq(
					n,
					0,
					-1,
					strs("x").with(func(b *bat) { b.first = base + 1000*int64(i) }).idem(77778, 0, i).encode(),
				),
				9,
			)
		}
		r.ask(
			produceReq(n, 0, -1, strs("x").with(func(b *bat) { b.first = base + 1000 }).idem(77778, 0, 1).encode()),
			9,
		)
		r.say(
			"max +1",
			produceReq(n, 0, -1, strs("x").with(func(b *bat) { b.first = -1 }).idem(77778, 0, 5).encode()),
			9,
		)
		r.say(
			"again",
			produceReq(n, 0, -1, strs("x").with(func(b *bat) { b.first = -1 }).idem(77778, 0, 5).encode()),
			9,
		)
	})
	for _, v := range []int16{4, 11, 13} {
		cs.add(fmt.Sprintf("twice/fetch/v%d", v), func(r *player) {
			n := r.topic("tw-fetch", 2)
			r.put(n, "a", "b")
			id := r.topicID(n)
			q := fetchReq(n, 0, 0)
			q.MaxWaitMillis = 10
			q.Topics[0].TopicID = id
			q.Topics[0].Partitions = append(q.Topics[0].Partitions, fetchReq(n, 0, 1).Topics[0].Partitions[0])
			r.say("partition", q, v)
			q = fetchReq(n, 0, 0)
			q.MaxWaitMillis = 10
			q.Topics = append(q.Topics, fetchReq(n, 1, 0).Topics[0], fetchReq(n, 0, 1).Topics[0])
			for i := range q.Topics {
				q.Topics[i].TopicID = id
			}
			r.say("topic", q, v)
			if v < 7 {
				return
			}
			q.SessionEpoch = 0
			resp, _ := r.say("session", q, v).(*kmsg.FetchResponse)
			q.SessionID, q.SessionEpoch = resp.SessionID, 1
			r.say("session goes on", q, v)
			if v == 11 {
				q.SessionID, q.SessionEpoch = 0, -1
				q.Topics = append(fetchReq(r.N("nosuch"), 0, 0).Topics, fetchReq(r.N("nosuch"), 0, 0).Topics...)
				r.say("unknown topic", q, v)
			}
		})
	}
	for _, v := range []int16{0, 1, 7} {
		cs.add(fmt.Sprintf("twice/list-offsets/v%d", v), func(r *player) {
			n := r.topic("tw-lo", 2)
			r.put(n, "a", "b")
			q := listReq(n, 0, -1)
			q.Topics[0].Partitions = append(q.Topics[0].Partitions, listReq(n, 0, -2).Topics[0].Partitions[0])
			r.say("partition", q, v)
			q.Topics[0].Partitions = append(q.Topics[0].Partitions, listReq(n, 1, -2).Topics[0].Partitions[0])
			r.say("partition and another", q, v)
			q = listReq(n, 0, -1)
			q.Topics = append(q.Topics, listReq(n, 1, -1).Topics[0])
			r.say("topic", q, v)
			q.Topics = append(listReq(r.N("nosuch"), 0, -1).Topics, listReq(r.N("nosuch"), 0, -1).Topics...)
			r.say("unknown", q, v)
		})
	}
	cs.add("list-offsets-v0/several", func(r *player) {
		n := r.topic("lo-v0", 1, nv{"segment.bytes", "1048576"})
		for i := range int64(3) {
			r.putBat(n, newBat(kv("k", string(make([]byte, 900000)))).with(func(b *bat) { b.first = base + i*1000 }))
		}
		for _, max := range []int32{0, 1, 2, 5, -1} {
			for _, ts := range []int64{-1, -2, -3, 0, 5000, base + day, 1 << 62} {
				q := listReq(n, 0, ts)
				q.Topics[0].Partitions[0].MaxNumOffsets = max
				r.say(fmt.Sprint(max, " ", ts-base), q, 0)
			}
		}
		r.say("unknown topic", listReq(r.N("nosuch"), 0, -1), 0)
		r.say("unknown partition", listReq(n, 4, -1), 0)
		q := listReq(n, 0, -1)
		q.ReplicaID = -2
		q.Topics[0].Partitions[0].MaxNumOffsets = 3
		r.say("debugging", q, 0)
		q.ReplicaID = 9
		r.say("replica 9", q, 0)
		d := kmsg.NewPtrDeleteRecordsRequest()
		d.TimeoutMillis = 10000
		d.Topics = []kmsg.DeleteRecordsRequestTopic{
			{Topic: n, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Partition: 0, Offset: 1}}},
		}
		r.quiet(d, 2)
		q.ReplicaID = -1
		r.say("after deletion", q, 0)
		q.Topics[0].Partitions[0].Timestamp = -2
		r.say("earliest after deletion", q, 0)
	})
	cs.add("fetch/v17", func(r *player) {
		n := r.topic("f17", 1)
		r.put(n, "a")
		q := fetchReq(n, 0, 0)
		q.Topics[0].TopicID = r.topicID(n)
		r.ask(q, 17)
		q.Topics[0].Partitions[0].FetchOffset = 9
		r.say("beyond", q, 17)
		q.Topics[0].TopicID = [16]byte{1}
		r.say("unknown id", q, 17)
	})
	for _, v := range []int16{2, 8, 9} {
		cs.add(fmt.Sprintf("twice/offset-commit/v%d", v), func(r *player) {
			n := r.topic("tw-oc", 2)
			g := r.coordinated(fmt.Sprintf("twoc%d", v))
			q := commitReq(g, "", -1, n, 0, 5, ptr("one"))
			q.Topics[0].Partitions = append(
				q.Topics[0].Partitions,
				commitReq(g, "", -1, n, 0, 6, ptr("two")).Topics[0].Partitions[0],
			)
			r.say("partition", q, v)
			q = commitReq(g, "", -1, n, 0, 7, nil)
			q.Topics = append(q.Topics, commitReq(g, "", -1, n, 1, 8, nil).Topics[0])
			r.say("topic", q, v)
			q = commitReq(g, "", -1, r.N("nosuch"), 0, 7, nil)
			q.Topics = append(q.Topics, q.Topics[0])
			r.say("unknown", q, v)
			q = commitReq(g, "", -1, n, 9, 7, nil)
			q.Topics[0].Partitions = append(q.Topics[0].Partitions, q.Topics[0].Partitions[0])
			r.say("unknown partition", q, v)
			r.say("fetched", offsetsReq(g, false, n, 0, 0, 1, 1), 5)
			q2 := offsetsReq(g, false, n, 0, 1, 0)
			q2.Topics = append(q2.Topics, q2.Topics[0])
			q2.Groups[0].Topics = append(q2.Groups[0].Topics, q2.Groups[0].Topics[0])
			r.say("topic fetched twice", q2, v)
		})
	}
	cs.add("twice/delete-records", func(r *player) {
		n := r.topic("tw-dr", 2)
		r.put(n, "a", "b", "c")
		part := func(p int32, off int64) kmsg.DeleteRecordsRequestTopicPartition {
			return kmsg.DeleteRecordsRequestTopicPartition{Partition: p, Offset: off}
		}
		d := kmsg.NewPtrDeleteRecordsRequest()
		d.TimeoutMillis = 10000
		d.Topics = []kmsg.DeleteRecordsRequestTopic{
			{Topic: n, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{part(0, 2), part(0, 1)}},
		}
		r.say("partition", d, 2)
		r.say("start", listReq(n, 0, -2), 5)
		d.Topics = []kmsg.DeleteRecordsRequestTopic{
			{Topic: n, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{part(0, 3)}},
			{Topic: n, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{part(1, 0), part(9, 0), part(9, 0)}}}
		r.say("topic", d, 2)
		d.Topics = append(
			d.Topics[:0],
			kmsg.DeleteRecordsRequestTopic{
				Topic:      r.N("nosuch"),
				Partitions: []kmsg.DeleteRecordsRequestTopicPartition{part(0, 3), part(0, 3)},
			},
		)
		r.say("unknown", d, 2)
	})
	cs.add("twice/offset-for-leader-epoch", func(r *player) {
		n := r.topic("tw-le", 2)
		r.put(n, "a")
		q := epochReq(n, 0, -1, 0)
		q.Topics[0].Partitions = append(q.Topics[0].Partitions, q.Topics[0].Partitions[0])
		r.say("partition", q, 3)
		q.Topics = append(q.Topics, epochReq(n, 1, -1, 0).Topics[0])
		r.say("topic", q, 4)
		q = epochReq(r.N("nosuch"), 0, -1, 0)
		q.Topics = append(q.Topics, q.Topics[0])
		r.say("unknown", q, 3)
	})
}
