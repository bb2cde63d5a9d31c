package oracle

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// resource types
const (
	rTopic   = kmsg.ConfigResourceTypeTopic
	rBroker  = kmsg.ConfigResourceTypeBroker
	rLoggers = kmsg.ConfigResourceTypeBrokerLogger
)

func describe(t kmsg.ConfigResourceType, name string, names ...string) *kmsg.DescribeConfigsRequest {
	q := kmsg.NewPtrDescribeConfigsRequest()
	d := kmsg.NewDescribeConfigsRequestResource()
	d.ResourceType, d.ResourceName, d.ConfigNames = t, name, names
	q.Resources = append(q.Resources, d)
	return q
}

func alter(t kmsg.ConfigResourceType, name string, conf ...nv) *kmsg.AlterConfigsRequest {
	q := kmsg.NewPtrAlterConfigsRequest()
	a := kmsg.NewAlterConfigsRequestResource()
	a.ResourceType, a.ResourceName = t, name
	for _, c := range conf {
		x := kmsg.NewAlterConfigsRequestResourceConfig()
		x.Name = c[0]
		if c[1] != "null" {
			x.Value = ptr(c[1])
		}
		a.Configs = append(a.Configs, x)
	}
	q.Resources = append(q.Resources, a)
	return q
}

// incremental: ops are name, op, value; value "null" is null.
func incremental(
	t kmsg.ConfigResourceType,
	name string,
	ops ...[3]string,
) *kmsg.IncrementalAlterConfigsRequest {
	q := kmsg.NewPtrIncrementalAlterConfigsRequest()
	a := kmsg.NewIncrementalAlterConfigsRequestResource()
	a.ResourceType, a.ResourceName = t, name
	for _, o := range ops {
		x := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		x.Name = o[0]
		x.Op = map[string]kmsg.IncrementalAlterConfigOp{"set": 0, "delete": 1, "append": 2, "subtract": 3, "bad": 9}[o[1]]
		if o[2] != "null" {
			x.Value = ptr(o[2])
		}
		a.Configs = append(a.Configs, x)
	}
	q.Resources = append(q.Resources, a)
	return q
}

func (cs *script) configCases() {
	for v := int16(0); v <= 4; v++ {
		cs.add(fmt.Sprintf("describe-configs/topic/v%d", v), func(r *player) {
			n := r.topic("dc", 1, nv{"retention.ms", "12345"}, nv{"cleanup.policy", "compact"})
			q := describe(rTopic, n)
			q.IncludeSynonyms = true
			r.ask(q, v)
		})
		cs.add(fmt.Sprintf("describe-configs/broker/v%d", v), func(r *player) {
			q := describe(rBroker, "1")
			q.IncludeSynonyms = true
			r.ask(q, v)
		})
	}
	one := func(name string, q func(r *player) *kmsg.DescribeConfigsRequest) {
		cs.add("describe-configs/"+name, func(r *player) {
			x := q(r)
			r.ask(x, 2)
			r.ask(x, 4)
		})
	}
	type D = *kmsg.DescribeConfigsRequest
	one("some-names", func(r *player) D {
		return describe(rTopic, r.topic("dc2", 1), "retention.ms", "no.such", "cleanup.policy")
	})
	one("no-names", func(r *player) D {
		q := describe(rTopic, r.topic("dc2", 1))
		q.Resources[0].ConfigNames = []string{}
		return q
	})
	one("unknown-topic", func(r *player) D { return describe(rTopic, r.N("nosuch")) })
	one("bad-topic-name", func(r *player) D { return describe(rTopic, "a b") })
	one("empty-topic-name", func(r *player) D { return describe(rTopic, "") })
	one("other-broker", func(r *player) D { return describe(rBroker, "9") })
	one("broker-not-a-number", func(r *player) D { return describe(rBroker, "x") })
	one("all-brokers", func(r *player) D { return describe(rBroker, "") })
	one("unknown-type", func(r *player) D { return describe(99, "x") })
	one("zero-type", func(r *player) D { return describe(0, "x") })
	one("loggers", func(r *player) D { return describe(rLoggers, "1", "root") })
	one("client-metrics", func(r *player) D { return describe(16, "x") })
	one("group", func(r *player) D { return describe(32, "x") })
	one("twice", func(r *player) D {
		q := describe(rTopic, r.topic("dc2", 1), "retention.ms")
		q.Resources = append(q.Resources, q.Resources[0])
		return q
	})
	one("internal-topic", func(r *player) D {
		r.coordinated("dcg")
		return describe(rTopic, "__consumer_offsets", "cleanup.policy", "segment.bytes", "compression.type")
	})
	cs.add("describe-configs/documentation", func(r *player) {
		q := describe(rTopic, r.topic("dc2", 1), "retention.ms")
		q.IncludeDocumentation = true
		r.ask(q, 3)
	})
	tp := func(name string, f func(r *player, n string)) {
		cs.add("configs/"+name, func(r *player) {
			n := r.topic("ac-"+name, 1, nv{"retention.ms", "12345"})
			f(r, n)
			time.Sleep(500 * time.Millisecond)
			q := describe(
				rTopic,
				n,
				"retention.ms",
				"cleanup.policy",
				"segment.bytes",
				"max.message.bytes",
				"leader.replication.throttled.replicas",
				"min.insync.replicas",
			)
			r.say("then", q, 2)
		})
	}
	tp("alter", func(r *player, n string) { r.ask(alter(rTopic, n, nv{"segment.bytes", "1048576"}), 1) })
	tp("alter-v0", func(r *player, n string) { r.ask(alter(rTopic, n, nv{"segment.bytes", "1048576"}), 0) })
	tp("alter-v2", func(r *player, n string) { r.ask(alter(rTopic, n, nv{"segment.bytes", "1048576"}), 2) })
	tp("alter-nothing", func(r *player, n string) { r.ask(alter(rTopic, n), 1) })
	tp("alter-validate-only", func(r *player, n string) {
		q := alter(rTopic, n, nv{"segment.bytes", "1048576"})
		q.ValidateOnly = true
		r.ask(q, 1)
	})
	tp("alter-bad-value", func(r *player, n string) { r.ask(alter(rTopic, n, nv{"segment.bytes", "x"}), 1) })
	tp("alter-unknown-name", func(r *player, n string) { r.ask(alter(rTopic, n, nv{"no.such", "x"}), 1) })
	tp("alter-null-value", func(r *player, n string) { r.ask(alter(rTopic, n, nv{"segment.bytes", "null"}), 1) })
	tp("alter-duplicate-name", func(r *player, n string) {
		r.ask(alter(rTopic, n, nv{"segment.bytes", "1048576"}, nv{"segment.bytes", "1048577"}), 1)
	})
	tp("alter-duplicate-resource", func(r *player, n string) {
		q := alter(rTopic, n, nv{"segment.bytes", "1048576"})
		q.Resources = append(q.Resources, q.Resources[0])
		r.ask(q, 1)
	})
	tp(
		"alter-unknown-topic",
		func(r *player, n string) { r.ask(alter(rTopic, r.N("nosuch"), nv{"segment.bytes", "1048576"}), 1) },
	)
	tp(
		"alter-bad-topic-name",
		func(r *player, n string) { r.ask(alter(rTopic, "a b", nv{"segment.bytes", "1048576"}), 1) },
	)
	tp(
		"alter-unknown-type",
		func(r *player, n string) { r.ask(alter(99, "x", nv{"segment.bytes", "1048576"}), 1) },
	)
	tp("alter-loggers", func(r *player, n string) { r.ask(alter(rLoggers, "1", nv{"x", "INFO"}), 1) })
	tp("set", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"segment.bytes", "set", "1048576"}), 0)
	})
	tp("set-v1", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"segment.bytes", "set", "1048576"}), 1)
	})
	tp("set-validate-only", func(r *player, n string) {
		q := incremental(rTopic, n, [3]string{"segment.bytes", "set", "1048576"})
		q.ValidateOnly = true
		r.ask(q, 1)
	})
	tp(
		"set-null",
		func(r *player, n string) { r.ask(incremental(rTopic, n, [3]string{"segment.bytes", "set", "null"}), 0) },
	)
	tp(
		"set-bad",
		func(r *player, n string) { r.ask(incremental(rTopic, n, [3]string{"segment.bytes", "set", "x"}), 0) },
	)
	tp(
		"set-too-small",
		func(r *player, n string) { r.ask(incremental(rTopic, n, [3]string{"segment.bytes", "set", "3"}), 0) },
	)
	tp(
		"set-unknown",
		func(r *player, n string) { r.ask(incremental(rTopic, n, [3]string{"no.such", "set", "x"}), 0) },
	)
	tp("delete", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"retention.ms", "delete", "null"}), 0)
	})
	tp("delete-not-set", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"segment.bytes", "delete", "null"}), 0)
	})
	tp(
		"delete-unknown",
		func(r *player, n string) { r.ask(incremental(rTopic, n, [3]string{"no.such", "delete", "null"}), 0) },
	)
	tp("append", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"cleanup.policy", "append", "compact"}), 0)
	})
	tp("append-there-already", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"cleanup.policy", "append", "delete"}), 0)
	})
	tp(
		"append-no-list",
		func(r *player, n string) { r.ask(incremental(rTopic, n, [3]string{"retention.ms", "append", "5"}), 0) },
	)
	tp("append-null", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"cleanup.policy", "append", "null"}), 0)
	})
	tp("append-bad", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"cleanup.policy", "append", "shred"}), 0)
	})
	tp("subtract", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"cleanup.policy", "subtract", "compact"}), 0)
	})
	tp("subtract-all", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"cleanup.policy", "subtract", "delete"}), 0)
	})
	tp("subtract-no-list", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"retention.ms", "subtract", "5"}), 0)
	})
	tp(
		"bad-op",
		func(r *player, n string) { r.ask(incremental(rTopic, n, [3]string{"retention.ms", "bad", "5"}), 0) },
	)
	tp("append-throttled", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"leader.replication.throttled.replicas", "append", "0:1"}), 0)
		r.ask(incremental(rTopic, n, [3]string{"leader.replication.throttled.replicas", "append", "0:1,1:2"}), 0)
	})
	tp("duplicate-name", func(r *player, n string) {
		r.ask(
			incremental(
				rTopic,
				n,
				[3]string{"retention.ms", "set", "5"},
				[3]string{"retention.ms", "delete", "null"},
			),
			0,
		)
	})
	tp("duplicate-resource", func(r *player, n string) {
		q := incremental(rTopic, n, [3]string{"retention.ms", "set", "5"})
		q.Resources = append(q.Resources, q.Resources[0])
		r.ask(q, 0)
	})
	tp("no-changes", func(r *player, n string) { r.ask(incremental(rTopic, n), 0) })
	tp("good-and-bad", func(r *player, n string) {
		q := incremental(rTopic, n, [3]string{"segment.bytes", "set", "1048577"})
		q.Resources = append(
			q.Resources,
			incremental(rTopic, r.N("nosuch"), [3]string{"retention.ms", "set", "5"}).Resources[0],
		)
		r.ask(q, 0)
	})
	tp("unknown-topic", func(r *player, n string) {
		r.ask(incremental(rTopic, r.N("nosuch"), [3]string{"retention.ms", "set", "5"}), 0)
	})
	tp(
		"unknown-type",
		func(r *player, n string) { r.ask(incremental(99, n, [3]string{"retention.ms", "set", "5"}), 0) },
	)
	tp("min-isr-zero", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"min.insync.replicas", "set", "0"}), 0)
	})
	tp("segment-jitter", func(r *player, n string) {
		r.ask(incremental(rTopic, n, [3]string{"segment.jitter.ms", "set", "-1"}), 0)
	})
	br := func(name, resource string, ops ...[3]string) {
		cs.add("broker-configs/"+name, func(r *player) {
			r.ask(incremental(rBroker, resource, ops...), 0)
			time.Sleep(700 * time.Millisecond)
			var names []string
			for _, o := range ops {
				names = append(names, o[0])
			}
			q := describe(rBroker, "1", names...)
			q.IncludeSynonyms = true
			r.say("then", q, 2)
			r.say("all", describe(rBroker, "", names...), 2)
			var back [][3]string
			for _, n := range names {
				back = append(back, [3]string{n, "delete", "null"})
			}
			r.quiet(incremental(rBroker, resource, back...), 0)
			time.Sleep(300 * time.Millisecond)
		})
	}
	br("dynamic-per-broker", "1", [3]string{"log.retention.ms", "set", "9999999"})
	br("dynamic-cluster", "", [3]string{"log.retention.ms", "set", "8888888"})
	br("cleaner", "", [3]string{"log.cleaner.threads", "set", "2"})
	br("threads-too-many", "1", [3]string{"num.io.threads", "set", "99"})
	br("threads", "1", [3]string{"num.io.threads", "set", "6"})
	br("threads-zero", "1", [3]string{"num.io.threads", "set", "0"})
	br("threads-bad", "1", [3]string{"num.io.threads", "set", "x"})
	br("read-only", "1", [3]string{"auto.create.topics.enable", "set", "false"})
	br("read-only-node-id", "1", [3]string{"broker.id", "set", "7"})
	br("unknown-name", "1", [3]string{"no.such.config", "set", "7"})
	br("other-broker", "9", [3]string{"log.retention.ms", "set", "7"})
	br("not-a-number", "x", [3]string{"log.retention.ms", "set", "7"})
	br("per-broker-only-for-all", "", [3]string{"advertised.listeners", "set", "PLAINTEXT://x:1"})
	br("throttle", "1", [3]string{"leader.replication.throttled.rate", "set", "100000"})
	br("message-max-bytes", "", [3]string{"message.max.bytes", "set", "2000000"})
	br("unclean", "", [3]string{"unclean.leader.election.enable", "set", "true"})
	br("compression", "", [3]string{"compression.type", "set", "gzip"})
	br("max-connections", "", [3]string{"max.connections", "set", "5000"})
	br("delete-not-set", "1", [3]string{"log.retention.ms", "delete", "null"})
	br("append-list", "", [3]string{"log.cleanup.policy", "append", "compact"})
	cs.add("broker-configs/shown-in-topic", func(r *player) {
		n := r.topic("bct", 1)
		r.ask(incremental(rBroker, "", [3]string{"log.retention.ms", "set", "7777777"}), 0)
		time.Sleep(700 * time.Millisecond)
		q := describe(rTopic, n, "retention.ms")
		q.IncludeSynonyms = true
		r.ask(q, 2)
		r.quiet(incremental(rBroker, "", [3]string{"log.retention.ms", "delete", "null"}), 0)
	})
}
