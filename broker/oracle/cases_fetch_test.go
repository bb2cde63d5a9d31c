package oracle

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) fetchCases() {
	filled := func(r *player) string {
		n := r.N("fetch")
		if r.t.aliases["made"] == nil {
			n = r.topic("fetch", 2)
		}
		l, _ := r.quiet(listReq(n, 0, -1), 5).(*kmsg.ListOffsetsResponse)
		for i := l.Topics[0].Partitions[0].Offset; i < 5; i++ {
			r.putBat(
				n,
				newBat(
					kv("k", fmt.Sprint("v", i)),
					kv("k2", "w"),
				).with(func(b *bat) { b.first = base + i*1000; b.recs[1].ts = 10 }),
			)
			i++
		}
		return n
	}
	for v := int16(0); v <= 16; v++ {
		cs.add(fmt.Sprintf("fetch/sweep/v%d", v), func(r *player) {
			n := filled(r)
			q := fetchReq(n, 0, 0)
			q.Topics[0].TopicID = r.topicID(n)
			r.ask(q, v)
			q.Topics[0].Partitions[0].FetchOffset = 3
			r.say("from 3", q, v)
			q.Topics[0].Partitions[0].FetchOffset = 77
			r.say("from 77", q, v)
		})
	}
	one := func(name string, v int16, f func(r *player, q *kmsg.FetchRequest, pt *kmsg.FetchRequestTopicPartition)) {
		cs.add("fetch/"+name, func(r *player) {
			q := fetchReq(filled(r), 0, 0)
			q.Topics[0].TopicID = r.topicID(q.Topics[0].Topic)
			f(r, q, &q.Topics[0].Partitions[0])
			r.ask(q, v)
		})
	}
	type Q = *kmsg.FetchRequest
	type P = *kmsg.FetchRequestTopicPartition
	one("offset-at-end", 11, func(r *player, q Q, p P) { p.FetchOffset = 6; q.MaxWaitMillis = 10 })
	one("offset-too-high", 11, func(r *player, q Q, p P) { p.FetchOffset = 100 })
	one("offset-negative", 11, func(r *player, q Q, p P) { p.FetchOffset = -1 })
	one("offset-very-negative", 11, func(r *player, q Q, p P) { p.FetchOffset = -5 })
	one("offset-in-batch", 11, func(r *player, q Q, p P) { p.FetchOffset = 1 })
	one("unknown-topic", 11, func(r *player, q Q, p P) { q.Topics[0].Topic = r.N("nosuch") })
	one("bad-topic-name", 11, func(r *player, q Q, p P) { q.Topics[0].Topic = "a b" })
	one("unknown-partition", 11, func(r *player, q Q, p P) { p.Partition = 9 })
	one("negative-partition", 11, func(r *player, q Q, p P) { p.Partition = -1 })
	one("unknown-topic-id", 13, func(r *player, q Q, p P) { q.Topics[0].TopicID = [16]byte{1, 2} })
	one("zero-topic-id", 13, func(r *player, q Q, p P) { q.Topics[0].TopicID = [16]byte{} })
	one("unknown-partition-v13", 13, func(r *player, q Q, p P) { p.Partition = 9 })
	one("epoch-right", 11, func(r *player, q Q, p P) { p.CurrentLeaderEpoch = 0 })
	one("epoch-unknown", 11, func(r *player, q Q, p P) { p.CurrentLeaderEpoch = 9 })
	one("epoch-negative", 11, func(r *player, q Q, p P) { p.CurrentLeaderEpoch = -2 })
	one("last-fetched-epoch-right", 12, func(r *player, q Q, p P) { p.LastFetchedEpoch = 0; p.FetchOffset = 4 })
	one("last-fetched-epoch-higher", 12, func(r *player, q Q, p P) { p.LastFetchedEpoch = 5; p.FetchOffset = 4 })
	one(
		"last-fetched-epoch-beyond-end",
		12,
		func(r *player, q Q, p P) { p.LastFetchedEpoch = 0; p.FetchOffset = 40 },
	)
	one("max-bytes-zero", 11, func(r *player, q Q, p P) { q.MaxBytes = 0; q.MaxWaitMillis = 10 })
	one("max-bytes-negative", 11, func(r *player, q Q, p P) { q.MaxBytes = -1; q.MaxWaitMillis = 10 })
	one(
		"partition-max-bytes-zero",
		11,
		func(r *player, q Q, p P) { p.PartitionMaxBytes = 0; q.MaxWaitMillis = 10 },
	)
	one("partition-max-bytes-one", 11, func(r *player, q Q, p P) { p.PartitionMaxBytes = 1 })
	one("partition-max-bytes-100", 11, func(r *player, q Q, p P) { p.PartitionMaxBytes = 100 })
	one(
		"partition-max-bytes-one-v2",
		2,
		func(r *player, q Q, p P) { p.PartitionMaxBytes = 1; q.MaxWaitMillis = 10 },
	)
	one("min-bytes-huge", 11, func(r *player, q Q, p P) { q.MinBytes = 1 << 30; q.MaxWaitMillis = 10 })
	one("min-bytes-zero-at-end", 11, func(r *player, q Q, p P) { q.MinBytes = 0; p.FetchOffset = 6 })
	one("wait-negative", 11, func(r *player, q Q, p P) { q.MaxWaitMillis = -1; p.FetchOffset = 6 })
	one("read-committed", 11, func(r *player, q Q, p P) { q.IsolationLevel = 1 })
	one("isolation-unknown", 11, func(r *player, q Q, p P) { q.IsolationLevel = 7 })
	one("session-id-unknown", 11, func(r *player, q Q, p P) { q.SessionID, q.SessionEpoch = 12345, 1 })
	one("session-id-unknown-epoch0", 11, func(r *player, q Q, p P) { q.SessionID, q.SessionEpoch = 12345, 0 })
	one("session-epoch1-without-id", 11, func(r *player, q Q, p P) { q.SessionID, q.SessionEpoch = 0, 1 })
	one("session-epoch-negative", 11, func(r *player, q Q, p P) { q.SessionID, q.SessionEpoch = 0, -5 })
	one("no-topics", 11, func(r *player, q Q, p P) { q.Topics = nil; q.MaxWaitMillis = 10 })
	one("as-debugging-replica", 11, func(r *player, q Q, p P) { q.ReplicaID = -2 })
	one("as-unknown-replica", 11, func(r *player, q Q, p P) { q.ReplicaID = 9; q.MaxWaitMillis = 10 })
	one(
		"same-partition-twice",
		11,
		func(r *player, q Q, p P) { q.Topics[0].Partitions = append(q.Topics[0].Partitions, *p) },
	)
	one("rack", 11, func(r *player, q Q, p P) { q.Rack = "r1" })
	one("other-partition-empty", 11, func(r *player, q Q, p P) { p.Partition = 1; q.MaxWaitMillis = 10 })
	one("good-and-bad", 11, func(r *player, q Q, p P) {
		q.Topics = append(q.Topics, fetchReq(r.N("nosuch"), 0, 0).Topics[0])
	})
	for _, v := range []int16{7, 12, 13} {
		cs.add(fmt.Sprintf("fetch/session/v%d", v), func(r *player) {
			n := filled(r)
			id := r.topicID(n)
			q := fetchReq(n, 0, 0)
			q.Topics[0].TopicID = id
			q.SessionEpoch = 0
			q.MaxWaitMillis = 10
			resp, _ := r.say("open", q, v).(*kmsg.FetchResponse)
			if resp == nil {
				return
			}
			q.SessionID, q.SessionEpoch = resp.SessionID, 1
			q.Topics = nil
			r.say("same again", q, v)
			q.SessionEpoch = 2
			q.Topics = fetchReq(n, 0, 6).Topics
			q.Topics[0].TopicID = id
			r.say("moved to end", q, v)
			q.SessionEpoch, q.Topics = 3, nil
			r.say("nothing new", q, v)
			q.SessionEpoch = 9
			r.say("wrong epoch", q, v)
			q.SessionEpoch = 4
			q.Topics = fetchReq(n, 1, 0).Topics
			q.Topics[0].TopicID = id
			r.say("add a partition", q, v)
			q.SessionEpoch, q.Topics = 5, nil
			q.ForgottenTopics = []kmsg.FetchRequestForgottenTopic{{Topic: n, TopicID: id, Partitions: []int32{0, 1}}}
			r.say("forget both", q, v)
			q.ForgottenTopics = nil
			q.SessionEpoch = -1
			r.say("close", q, v)
			q.SessionEpoch = 6
			r.say("after the end", q, v)
		})
	}
	for _, v := range []int16{3, 4} {
		cs.add(fmt.Sprintf("fetch/down-conversion/v%d", v), func(r *player) {
			n := r.topic("down", 1)
			r.putBat(
				n,
				newBat(
					kv("k", "v"),
					rec{key: []byte("n"), delta: -1},
					rec{key: []byte("h"), val: []byte("x"), delta: -1, headers: [][2]string{{"a", "b"}}},
				),
			)
			r.putBat(n, strs("z").with(func(b *bat) { b.codec = 1 }))
			r.ask(fetchReq(n, 0, 0), v)
			r.ask(fetchReq(n, 0, 0), 1)
			r.say("in the middle", fetchReq(n, 0, 2), 1)
		})
	}
	cs.add("fetch/down-conversion/zstd", func(r *player) {
		n := r.topic("downz", 1)
		r.putBat(n, strs("z").with(func(b *bat) { b.codec = 4 }))
		for _, v := range []int16{1, 3, 4, 9, 10} {
			r.ask(fetchReq(n, 0, 0), v)
		}
	})
	cs.add("fetch/after-delete-records", func(r *player) {
		n := r.topic("fdel", 1)
		r.put(n, "a", "b", "c")
		d := kmsg.NewPtrDeleteRecordsRequest()
		d.TimeoutMillis = 10000
		d.Topics = []kmsg.DeleteRecordsRequestTopic{
			{Topic: n, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Partition: 0, Offset: 2}}},
		}
		r.ask(d, 2)
		r.say("below start", fetchReq(n, 0, 0), 11)
		r.say("at start", fetchReq(n, 0, 2), 11)
		r.ask(listReq(n, 0, -2), 5)
	})
	cs.add("fetch/woken-by-produce", func(r *player) {
		n := r.topic("woken", 1)
		c := r.dial()
		q := fetchReq(n, 0, 0)
		q.MaxWaitMillis = 20000
		q.SetVersion(11)
		corr := c.send(q, 11)
		time.Sleep(300 * time.Millisecond)
		r.put(n, "x")
		c.await("woken", q, corr)
	})
}
