package oracle

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) offsetCases() {
	filled := func(r *player) string {
		n := r.topic("lists", 1)
		l, _ := r.quiet(listReq(n, 0, -1), 5).(*kmsg.ListOffsetsResponse)
		if l.Topics[0].Partitions[0].Offset == 0 {
			for i := range int64(3) {
				r.putBat(
					n,
					newBat(
						kv("k", "v"),
						kv("k2", "w"),
					).with(func(b *bat) { b.first = base + i*1000; b.recs[1].ts = 100 }),
				)
			}
			r.putBat(n, newBat(kv("k", "early")).with(func(b *bat) { b.first = base - 5000 }))
		}
		return n
	}
	for v := int16(0); v <= 9; v++ {
		for _, ts := range []int64{-1, -2, -3, -4, -5, -6} {
			cs.add(fmt.Sprintf("list-offsets/%d/v%d", ts, v), func(r *player) { r.ask(listReq(filled(r), 0, ts), v) })
		}
		cs.add(fmt.Sprintf("list-offsets/by-time/v%d", v), func(r *player) {
			n := filled(r)
			for _, d := range []int64{-9000, -5000, -1, 0, 1, 100, 101, 1000, 1050, 2000, 2100, 2101, day} {
				r.say(fmt.Sprint(d), listReq(n, 0, base+d), v)
			}
			r.say("0", listReq(n, 0, 0), v)
		})
	}
	type Q = *kmsg.ListOffsetsRequest
	type P = *kmsg.ListOffsetsRequestTopicPartition
	one := func(name string, v int16, f func(r *player, q Q, p P)) {
		cs.add("list-offsets/"+name, func(r *player) {
			q := listReq(filled(r), 0, -1)
			f(r, q, &q.Topics[0].Partitions[0])
			r.ask(q, v)
		})
	}
	one("unknown-topic", 7, func(r *player, q Q, p P) { q.Topics[0].Topic = r.N("nosuch") })
	one("unknown-partition", 7, func(r *player, q Q, p P) { p.Partition = 4 })
	one("negative-partition", 7, func(r *player, q Q, p P) { p.Partition = -4 })
	one("epoch-right", 7, func(r *player, q Q, p P) { p.CurrentLeaderEpoch = 0 })
	one("epoch-unknown", 7, func(r *player, q Q, p P) { p.CurrentLeaderEpoch = 6 })
	one("read-committed", 7, func(r *player, q Q, p P) { q.IsolationLevel = 1 })
	one("read-committed-by-time", 7, func(r *player, q Q, p P) { q.IsolationLevel = 1; p.Timestamp = base })
	one("as-debugging-replica", 7, func(r *player, q Q, p P) { q.ReplicaID = -2 })
	one("as-unknown-replica", 7, func(r *player, q Q, p P) { q.ReplicaID = 9 })
	one(
		"partition-twice",
		7,
		func(r *player, q Q, p P) { q.Topics[0].Partitions = append(q.Topics[0].Partitions, *p) },
	)
	one("none", 7, func(r *player, q Q, p P) { q.Topics = nil })
	cs.add("list-offsets/empty-partition", func(r *player) {
		n := r.topic("lempty", 1)
		for _, ts := range []int64{-1, -2, -3, -4, 0, base} {
			r.say(fmt.Sprint(ts-base), listReq(n, 0, ts), 8)
		}
	})
	cs.add("list-offsets/log-append-time", func(r *player) {
		n := r.topic("llat", 1, nv{"message.timestamp.type", "LogAppendTime"})
		r.put(n, "a")
		time.Sleep(5 * time.Millisecond) // of a later time
		r.put(n, "b")
		r.ask(listReq(n, 0, -3), 7)
		r.ask(listReq(n, 0, 1000), 7)
	})
	for v := int16(0); v <= 4; v++ {
		cs.add(fmt.Sprintf("offset-for-leader-epoch/sweep/v%d", v), func(r *player) {
			n := filled(r)
			for _, e := range []int32{0, 1, -1, 5, -2} {
				r.say(fmt.Sprint(e), epochReq(n, 0, -1, e), v)
			}
		})
	}
	cs.add("offset-for-leader-epoch/errors", func(r *player) {
		n := filled(r)
		r.say("unknown topic", epochReq(r.N("nosuch"), 0, -1, 0), 4)
		r.say("unknown partition", epochReq(n, 5, -1, 0), 4)
		r.say("current right", epochReq(n, 0, 0, 0), 4)
		r.say("current unknown", epochReq(n, 0, 7, 0), 4)
		q := epochReq(n, 0, 0, 0)
		q.ReplicaID = -2
		r.say("as debugging replica", q, 4)
	})
}
