package oracle

import (
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) createCases() {
	one := func(name string, f func(r *player, req *kmsg.CreateTopicsRequest, t *kmsg.CreateTopicsRequestTopic)) {
		for _, v := range []int16{4, 7} {
			for _, validate := range []bool{false, true} {
				if validate && v == 4 {
					continue
				}
				suffix := fmt.Sprintf("/v%d", v)
				if validate {
					suffix += "-validate-only"
				}
				cs.add("create-topics/"+name+suffix, func(r *player) {
					t := newTopic(r.N("c-"+legal(name)+suffix[1:]), 1, 1)
					req := createReq(t)
					req.ValidateOnly, req.TimeoutMillis = validate, 5000
					f(r, req, &req.Topics[0])
					r.ask(req, v)
				})
			}
		}
	}
	type Q = *kmsg.CreateTopicsRequest
	type T = *kmsg.CreateTopicsRequestTopic
	one("plain", func(r *player, q Q, t T) {})
	one("defaults", func(r *player, q Q, t T) { t.NumPartitions, t.ReplicationFactor = -1, -1 })
	for _, bad := range []string{"", ".", "..", "a b", "a/b", "ä", long250, "a\x00b"} {
		one(fmt.Sprintf("name/%q", shorten([]byte(bad))), func(r *player, q Q, t T) { t.Topic = bad })
	}
	one("collision", func(r *player, q Q, t T) {
		r.topic("cc.x", 1)
		t.Topic = r.N("cc_x")
	})
	one("existing", func(r *player, q Q, t T) { t.Topic = r.topic("exists", 1) })
	one("internal-name", func(r *player, q Q, t T) { r.coordinated("g0"); t.Topic = "__consumer_offsets" })
	for _, n := range []int32{0, -1, -2} {
		one(fmt.Sprintf("partitions%d", n), func(r *player, q Q, t T) { t.NumPartitions = n })
	}
	for _, n := range []int16{0, -1, -2, 2, 99} {
		one(fmt.Sprintf("replication%d", n), func(r *player, q Q, t T) { t.ReplicationFactor = n })
	}
	assign := func(t T, lists ...[]int32) {
		t.NumPartitions, t.ReplicationFactor = -1, -1
		for i, l := range lists {
			t.ReplicaAssignment = append(
				t.ReplicaAssignment,
				kmsg.CreateTopicsRequestTopicReplicaAssignment{Partition: int32(i), Replicas: l},
			)
		}
	}
	one("assignment/good", func(r *player, q Q, t T) { assign(t, []int32{1}, []int32{1}) })
	one("assignment/with-partitions", func(r *player, q Q, t T) { assign(t, []int32{1}); t.NumPartitions = 1 })
	one(
		"assignment/with-replication",
		func(r *player, q Q, t T) { assign(t, []int32{1}); t.ReplicationFactor = 1 },
	)
	one(
		"assignment/hole",
		func(r *player, q Q, t T) { assign(t, []int32{1}, []int32{1}); t.ReplicaAssignment[1].Partition = 2 },
	)
	one(
		"assignment/starts-at-one",
		func(r *player, q Q, t T) { assign(t, []int32{1}); t.ReplicaAssignment[0].Partition = 1 },
	)
	one(
		"assignment/negative-partition",
		func(r *player, q Q, t T) { assign(t, []int32{1}); t.ReplicaAssignment[0].Partition = -1 },
	)
	one(
		"assignment/duplicate-partition",
		func(r *player, q Q, t T) { assign(t, []int32{1}, []int32{1}); t.ReplicaAssignment[1].Partition = 0 },
	)
	one("assignment/duplicate-replica", func(r *player, q Q, t T) { assign(t, []int32{1, 1}) })
	one("assignment/unknown-broker", func(r *player, q Q, t T) { assign(t, []int32{77}) })
	one("assignment/negative-broker", func(r *player, q Q, t T) { assign(t, []int32{-5}) })
	one("assignment/empty", func(r *player, q Q, t T) { assign(t, []int32{}) })
	one("assignment/different-sizes", func(r *player, q Q, t T) { assign(t, []int32{1}, []int32{1, 77}) })
	conf := func(name, value string) {
		one("config/"+name+"="+shorten([]byte(value)), func(r *player, q Q, t T) {
			c := kmsg.NewCreateTopicsRequestTopicConfig()
			c.Name = name
			if value != "null" {
				c.Value = ptr(value)
			}
			t.Configs = append(t.Configs, c)
		})
	}
	for _, c := range [][2]string{
		{"no.such.config", "1"}, {"retention.ms", "abc"}, {"retention.ms", "-2"}, {"retention.ms", "-1"}, {"retention.ms", "null"}, {"retention.ms", ""}, {"retention.ms", " 5 "},
		{"cleanup.policy", "compact"}, {"cleanup.policy", "compact,delete"}, {"cleanup.policy", "shred"}, {"cleanup.policy", ""}, {"cleanup.policy", "COMPACT"},
		{"compression.type", "zip"}, {"compression.type", "zstd"}, {"min.insync.replicas", "0"}, {"min.insync.replicas", "3"},
		{"segment.bytes", "13"}, {"segment.bytes", "14"}, {"segment.bytes", "99999999999"}, {"max.message.bytes", "-1"}, {"unclean.leader.election.enable", "maybe"}, {"unclean.leader.election.enable", "TRUE"},
		{"message.timestamp.type", "Never"}, {"message.timestamp.type", "LogAppendTime"}, {"min.cleanable.dirty.ratio", "1.5"}, {"min.cleanable.dirty.ratio", "0.1"},
		{"message.format.version", "0.9.0"}, {"message.format.version", "3.0"}, {"index.interval.bytes", "-1"}, {"segment.ms", "0"}, {"flush.messages", "0"}, {"leader.replication.throttled.replicas", "0:1"}, {"leader.replication.throttled.replicas", "x"}, {"leader.replication.throttled.replicas", "*"},
		{"remote.storage.enable", "true"}, {"local.retention.ms", "5"}, {"message.timestamp.difference.max.ms", "5"}, {"message.timestamp.before.max.ms", "-1"}, {"file.delete.delay.ms", "-1"}, {"preallocate", "true"}, {"segment.index.bytes", "3"}, {"segment.jitter.ms", "-1"}, {"delete.retention.ms", "-1"}, {"max.compaction.lag.ms", "0"}, {"compression.gzip.level", "0"}, {"compression.lz4.level", "99"}, {"compression.zstd.level", "3"},
		{"log.retention.ms", "5"}, {"", "5"},
	} {
		conf(c[0], c[1])
	}
	one("config/two-of-one-name", func(r *player, q Q, t T) {
		*t = newTopic(t.Topic, 1, 1, nv{"retention.ms", "5"}, nv{"retention.ms", "6"})
	})
	one("config/lag-min-above-max", func(r *player, q Q, t T) {
		*t = newTopic(t.Topic, 1, 1, nv{"min.compaction.lag.ms", "50"}, nv{"max.compaction.lag.ms", "6"})
	})
	one("config/told", func(r *player, q Q, t T) {
		*t = newTopic(t.Topic, 1, 1, nv{"retention.ms", "500000"}, nv{"cleanup.policy", "compact"})
	})
	one("twice-in-request", func(r *player, q Q, t T) { q.Topics = append(q.Topics, *t) })
	one("good-and-bad", func(r *player, q Q, t T) {
		q.Topics = append(q.Topics, newTopic(".", 1, 1), newTopic(t.Topic+"2", 1, 1))
	})
	one("no-topics", func(r *player, q Q, t T) { q.Topics = nil })
	one("timeout-zero", func(r *player, q Q, t T) { q.TimeoutMillis = 0 })
	one("timeout-negative", func(r *player, q Q, t T) { q.TimeoutMillis = -5 })
	for v := int16(0); v <= 7; v++ {
		cs.add(fmt.Sprintf("create-topics/sweep/v%d", v), func(r *player) {
			r.ask(createReq(newTopic(r.N(fmt.Sprintf("sweep%d", v)), 2, 1)), v)
		})
	}
	cs.add("create-topics/v3-defaults", func(r *player) { r.ask(createReq(newTopic(r.N("v3"), -1, -1)), 3) })
}

// legal makes a topic's name of a case's.
func legal(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return '-'
	}, name)
}
