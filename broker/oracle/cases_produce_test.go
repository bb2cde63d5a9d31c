package oracle

import (
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

const day = int64(24 * 3600 * 1000)

func (cs *script) produceCases() {
	// each: a topic, a batch, the answer, and what the log then holds.
	one := func(name string, v int16, acks int16, conf []nv, f func(r *player, topic string) []byte) {
		cs.add("produce/"+name, func(r *player) {
			n := r.topic("p-"+strings.ReplaceAll(name, "/", "-"), 1, conf...)
			req := produceReq(n, 0, acks, f(r, n))
			r.ask(req, v)
			r.say("log", fetchReq(n, 0, 0), 11)
		})
	}
	b := func(f func(b *bat)) func(*player, string) []byte {
		return func(*player, string) []byte { return strs("a", "b", "c").with(f).encode() }
	}
	for v := int16(0); v <= 11; v++ {
		one(fmt.Sprintf("good/v%d", v), v, -1, nil, func(*player, string) []byte {
			if v < 2 {
				return message(0, 0, 0, []byte("k"), []byte("v"), false)
			}
			if v == 2 {
				return message(1, 0, 0, []byte("k"), []byte("v"), false)
			}
			return strs("a", "b").encode()
		})
	}
	for _, acks := range []int16{1, 2, -2, 3} {
		one(fmt.Sprintf("acks%d", acks), 9, acks, nil, b(func(b *bat) {}))
	}
	cs.add("produce/acks0", func(r *player) {
		n := r.topic("p-acks0", 1)
		c := r.def()
		c.send(produceReq(n, 0, 0, strs("a").encode()), 9)
		r.say("next answer", metadata(), 9)
		r.say("log", fetchReq(n, 0, 0), 11)
	})
	cs.add("produce/acks0-unknown-topic", func(r *player) {
		c := r.def()
		c.send(produceReq(r.N("nosuch"), 0, 0, strs("a").encode()), 9)
		r.say("next answer", metadata(), 9)
	})
	cs.add("produce/acks0-corrupt", func(r *player) {
		n := r.topic("p-acks0c", 1)
		c := r.def()
		c.send(produceReq(n, 0, 0, strs("a").with(func(b *bat) { b.badCRC = true }).encode()), 9)
		r.say("next answer", metadata(), 9)
	})
	cs.add("produce/unknown-topic", func(r *player) {
		r.ask(produceReq(r.N("nosuch"), 0, -1, strs("a").encode()), 9)
		r.ask(produceReq(r.N("nosuch"), 0, -1, strs("a").encode()), 11)
	})
	cs.add("produce/bad-topic-name", func(r *player) { r.ask(produceReq("a b", 0, -1, strs("a").encode()), 9) })
	cs.add("produce/bad-partition", func(r *player) {
		n := r.topic("p-one", 1)
		r.ask(produceReq(n, 7, -1, strs("a").encode()), 9)
		r.ask(produceReq(n, -1, -1, strs("a").encode()), 9)
	})
	cs.add("produce/no-topics", func(r *player) {
		req := kmsg.NewPtrProduceRequest()
		req.Acks, req.TimeoutMillis = -1, 1000
		r.ask(req, 9)
	})
	cs.add("produce/same-partition-twice", func(r *player) {
		n := r.topic("p-twice", 1)
		req := produceReq(n, 0, -1, strs("a").encode())
		req.Topics[0].Partitions = append(
			req.Topics[0].Partitions,
			produceReq(n, 0, -1, strs("b").encode()).Topics[0].Partitions[0],
		)
		r.ask(req, 9)
		r.say("log", fetchReq(n, 0, 0), 11)
	})
	cs.add("produce/to-internal-topic", func(r *player) {
		r.coordinated("p-int")
		r.ask(produceReq("__consumer_offsets", 0, -1, strs("a").encode()), 9)
	})
	raw := func(x []byte) func(*player, string) []byte { return func(*player, string) []byte { return x } }
	one("null-records", 9, -1, nil, raw(nil))
	one("null-records-v3", 3, -1, nil, raw(nil))
	one("empty-records", 9, -1, nil, raw([]byte{}))
	one("garbage", 9, -1, nil, raw([]byte("what is this?")))
	one("short-garbage", 9, -1, nil, raw([]byte{1, 2, 3}))
	one("zeros", 9, -1, nil, raw(make([]byte, 100)))
	one("cut-batch", 9, -1, nil, raw(strs("a").encode()[:60]))
	one("batch-and-trailing-bytes", 9, -1, nil, raw(append(strs("a").encode(), 1, 2, 3)))
	one("two-batches", 9, -1, nil, raw(append(strs("a").encode(), strs("b").encode()...)))
	one(
		"two-batches-v2",
		2,
		-1,
		nil,
		raw(
			append(
				message(1, 0, 0, []byte("k"), []byte("v"), false),
				message(1, 1, 0, []byte("k"), []byte("v"), false)...),
		),
	)
	one("no-records-in-batch", 9, -1, nil, raw(newBat().encode()))
	one(
		"no-records-but-count-1",
		9,
		-1,
		nil,
		raw(newBat().with(func(b *bat) { b.setCount, b.count = true, 1 }).encode()),
	)
	one("corrupt-crc", 9, -1, nil, b(func(b *bat) { b.badCRC = true }))
	for _, m := range []int8{0, 1, 3, 9, -1} {
		one(fmt.Sprintf("batch-of-magic%d", m), 9, -1, nil, b(func(b *bat) { b.magic = m }))
	}
	one("message-magic1-in-v3", 3, -1, nil, raw(message(1, 0, 0, []byte("k"), []byte("v"), false)))
	one("message-magic1-in-v9", 9, -1, nil, raw(message(1, 0, 0, []byte("k"), []byte("v"), false)))
	one("message-magic0-in-v2", 2, -1, nil, raw(message(0, 0, 0, []byte("k"), []byte("v"), false)))
	one("message-magic1-in-v1", 1, -1, nil, raw(message(1, 0, 0, []byte("k"), []byte("v"), false)))
	one("batch-magic2-in-v2", 2, -1, nil, b(func(b *bat) {}))
	one("batch-magic2-in-v0", 0, -1, nil, b(func(b *bat) {}))
	one("message-bad-crc-v2", 2, -1, nil, raw(message(1, 0, 0, []byte("k"), []byte("v"), true)))
	one("message-null-key-v2", 2, -1, nil, raw(message(1, 5, 0, nil, []byte("v"), false)))
	one("message-null-value-v1", 1, -1, nil, raw(message(0, 9, 0, []byte("k"), nil, false)))
	one("base-offset-7", 9, -1, nil, b(func(b *bat) { b.base = 7 }))
	one("base-offset-negative", 9, -1, nil, b(func(b *bat) { b.base = -1 }))
	one("leader-epoch-5", 9, -1, nil, b(func(b *bat) { b.leaderEpoch = 5 }))
	one("count-too-high", 9, -1, nil, b(func(b *bat) { b.setCount, b.count = true, 4 }))
	one("count-too-low", 9, -1, nil, b(func(b *bat) { b.setCount, b.count = true, 2 }))
	one("count-zero", 9, -1, nil, b(func(b *bat) { b.setCount, b.count = true, 0 }))
	one("count-negative", 9, -1, nil, b(func(b *bat) { b.setCount, b.count = true, -1 }))
	one("last-delta-too-high", 9, -1, nil, b(func(b *bat) { b.setDelta, b.lastDelta = true, 9 }))
	one("last-delta-too-low", 9, -1, nil, b(func(b *bat) { b.setDelta, b.lastDelta = true, 1 }))
	one("last-delta-negative", 9, -1, nil, b(func(b *bat) { b.setDelta, b.lastDelta = true, -3 }))
	one(
		"both-too-high",
		9,
		-1,
		nil,
		b(func(b *bat) { b.setDelta, b.lastDelta, b.setCount, b.count = true, 9, true, 10 }),
	)
	one("record-deltas-with-gap", 9, -1, nil, b(func(b *bat) { b.recs[1].delta = 5 }))
	one(
		"record-deltas-all-zero",
		9,
		-1,
		nil,
		b(func(b *bat) { b.recs[0].delta, b.recs[1].delta, b.recs[2].delta = 0, 0, 0 }),
	)
	one("length-too-long", 9, -1, nil, b(func(b *bat) { b.length = 5000 }))
	one("length-too-short", 9, -1, nil, b(func(b *bat) { b.length = 60 }))
	one("length-tiny", 9, -1, nil, b(func(b *bat) { b.length = 3 }))
	one("length-negative", 9, -1, nil, b(func(b *bat) { b.length = -1 }))
	one("control-batch", 9, -1, nil, b(func(b *bat) { b.attrs = 0x20 }))
	one("control-batch-with-producer", 9, -1, nil, b(func(b *bat) { b.attrs = 0x30; b.idem(1, 0, 0) }))
	one("transactional-without-producer", 9, -1, nil, b(func(b *bat) { b.attrs = 0x10 }))
	one("transactional-with-producer", 9, -1, nil, b(func(b *bat) { b.attrs = 0x10; b.idem(99999, 0, 0) }))
	one("log-append-time-attribute", 9, -1, nil, b(func(b *bat) { b.attrs = 8 }))
	one("delete-horizon-attribute", 9, -1, nil, b(func(b *bat) { b.attrs = 0x40 }))
	one("unknown-attribute", 9, -1, nil, b(func(b *bat) { b.attrs = 0x100 }))
	one("unknown-codec", 9, -1, nil, b(func(b *bat) { b.attrs = 5 }))
	one("codec-7", 9, -1, nil, b(func(b *bat) { b.attrs = 7 }))
	one("says-gzip-but-is-not", 9, -1, nil, b(func(b *bat) { b.attrs = 1 }))
	one("headers", 9, -1, nil, b(func(b *bat) { b.recs[0].headers = [][2]string{{"h", "1"}, {"h", "2"}} }))
	one("max-timestamp-wrong", 9, -1, nil, b(func(b *bat) { b.maxTS = base + 5000 }))
	one("max-timestamp-absent", 9, -1, nil, b(func(b *bat) { b.maxTS = -1 }))
	one("timestamps-in-order", 9, -1, nil, b(func(b *bat) { b.recs[1].ts, b.recs[2].ts = 10, 20 }))
	one("timestamps-backwards", 9, -1, nil, b(func(b *bat) { b.recs[1].ts, b.recs[2].ts = -10, -20 }))
	one("timestamp-absent", 9, -1, nil, b(func(b *bat) { b.first = -1 }))
	one("timestamp-negative", 9, -1, nil, b(func(b *bat) { b.first = -5 }))
	one("timestamp-two-days-ahead", 9, -1, nil, b(func(b *bat) { b.first = base + 2*day }))
	one("timestamp-ahead-one-record", 9, -1, nil, b(func(b *bat) { b.recs[1].ts = 2 * day }))
	one("timestamp-1970", 9, -1, nil, b(func(b *bat) { b.first = 1000 }))
	one(
		"timestamp-before-limit",
		9,
		-1,
		[]nv{{"message.timestamp.before.max.ms", "1000"}},
		b(func(b *bat) { b.first = base - day }),
	)
	one(
		"timestamp-log-append",
		9,
		-1,
		[]nv{{"message.timestamp.type", "LogAppendTime"}},
		b(func(b *bat) { b.first = base + 5*day }),
	)
	one(
		"timestamp-log-append-gzip",
		9,
		-1,
		[]nv{{"message.timestamp.type", "LogAppendTime"}},
		b(func(b *bat) { b.codec = 1 }),
	)
	one(
		"null-values",
		9,
		-1,
		nil,
		func(*player, string) []byte { return newBat(rec{key: []byte("k"), delta: -1}).encode() },
	)
	compact := []nv{{"cleanup.policy", "compact"}}
	one("compact-null-key", 9, -1, compact, func(*player, string) []byte { return newBat(val("x")).encode() })
	one(
		"compact-one-null-key-v11",
		11,
		-1,
		compact,
		func(*player, string) []byte { return newBat(kv("k", "v"), val("x"), kv("k", "v"), val("y")).encode() },
	)
	one("compact-null-key-v7", 7, -1, compact, func(*player, string) []byte { return newBat(val("x")).encode() })
	one("compact-null-key-gzip", 9, -1, compact, func(*player, string) []byte {
		return newBat(val("x")).with(func(b *bat) { b.codec = 1 }).encode()
	})
	one("compact-null-key-magic1", 2, -1, compact, raw(message(1, 0, 0, nil, []byte("v"), false)))
	one("compact-empty-key", 9, -1, compact, func(*player, string) []byte { return newBat(kv("", "x")).encode() })
	one(
		"too-large-for-topic",
		9,
		-1,
		[]nv{{"max.message.bytes", "200"}},
		func(*player, string) []byte { return strs(strings.Repeat("x", 500)).encode() },
	)
	one("too-large-gzip-small-enough", 9, -1, []nv{{"max.message.bytes", "200"}}, func(*player, string) []byte {
		return strs(strings.Repeat("x", 500)).with(func(b *bat) { b.codec = 1 }).encode()
	})
	one(
		"too-large-for-broker",
		9,
		-1,
		nil,
		func(*player, string) []byte { return strs(strings.Repeat("x", 1100000)).encode() },
	)
	one(
		"larger-than-segment",
		9,
		-1,
		[]nv{{"segment.bytes", "1048576"}, {"max.message.bytes", "5000000"}},
		func(*player, string) []byte { return strs(strings.Repeat("x", 1100000)).encode() },
	)
	for c, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		for _, v := range []int16{3, 7, 9} {
			one(fmt.Sprintf("codec-%s/v%d", codec, v), v, -1, nil, b(func(b *bat) { b.codec = c }))
		}
		if c > 0 {
			for to, target := range []string{"uncompressed", "gzip", "snappy", "lz4", "zstd"} {
				if to != c {
					one(
						"codec-"+codec+"-to-"+target,
						9,
						-1,
						[]nv{{"compression.type", target}},
						b(func(b *bat) { b.codec = c }),
					)
				}
			}
		}
		one(
			"codec-"+codec+"-wrong-count",
			9,
			-1,
			nil,
			b(func(b *bat) { b.codec = c; b.setCount, b.count = true, 5; b.setDelta, b.lastDelta = true, 4 }),
		)
		one("codec-"+codec+"-in-v2-magic2", 2, -1, nil, b(func(b *bat) { b.codec = c }))
	}
	one("record-length-wrong", 9, -1, nil, func(*player, string) []byte {
		return newBat(
			kv("k", "v"),
		).with(func(b *bat) { b.rawRecords = []byte{40, 0, 0, 0, 2, 'k', 2, 'v', 0} }).
			encode()
	})
	one("record-key-length-wrong", 9, -1, nil, func(*player, string) []byte {
		return newBat(
			kv("k", "v"),
		).with(func(b *bat) { b.rawRecords = []byte{16, 0, 0, 0, 60, 'k', 2, 'v', 0} }).
			encode()
	})
	one("record-header-count-wrong", 9, -1, nil, func(*player, string) []byte {
		return newBat(
			kv("k", "v"),
		).with(func(b *bat) { b.rawRecords = []byte{16, 0, 0, 0, 2, 'k', 2, 'v', 8} }).
			encode()
	})
	one("record-header-count-negative", 9, -1, nil, func(*player, string) []byte {
		return newBat(
			kv("k", "v"),
		).with(func(b *bat) { b.rawRecords = []byte{16, 0, 0, 0, 2, 'k', 2, 'v', 1} }).
			encode()
	})
	one("records-and-trailing-garbage", 9, -1, nil, func(*player, string) []byte {
		return newBat(
			kv("k", "v"),
		).with(func(b *bat) { b.rawRecords = []byte{16, 0, 0, 0, 2, 'k', 2, 'v', 0, 9, 9} }).
			encode()
	})
	one("min-isr-unmet", 9, -1, []nv{{"min.insync.replicas", "2"}}, b(func(b *bat) {}))
	one("min-isr-unmet-acks1", 9, 1, []nv{{"min.insync.replicas", "2"}}, b(func(b *bat) {}))
	cs.add("produce/min-isr-unmet-v0", func(r *player) {
		n := r.topic("p-misr0", 1, nv{"min.insync.replicas", "2"})
		r.ask(produceReq(n, 0, -1, message(0, 0, 0, []byte("k"), []byte("v"), false)), 0)
	})
	cs.add("produce/timeout-zero", func(r *player) {
		n := r.topic("p-tz", 1)
		req := produceReq(n, 0, -1, strs("a").encode())
		req.TimeoutMillis = 0
		r.ask(req, 9)
	})

}
