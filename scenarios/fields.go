package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"sandcastle/broker/client"
	"sandcastle/broker/config"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// This file is the form of a scenario: every key with its kind and meaning. Parse, `sandcastle
// schema` and the error messages all come from it.

func scenarioKind() kind[Scenario] {
	initial := func(position) Scenario {
		return Scenario{Seed: 1, Duration: 30 * time.Second, Settle: 2 * time.Minute}
	}
	return object("the scenario", initial, []fieldOf[Scenario]{
		must(field("claim", said(), func(s *Scenario) *string { return &s.Claim },
			"The one sentence that the run proves.")),
		field("why", prose(), func(s *Scenario) *string { return &s.Why },
			"Two to five lines that a student reads first: the situation, and nothing of the answer."),
		field("explain", prose(), func(s *Scenario) *string { return &s.Explain },
			"Two to five lines that a student reads once the question is answered. {name} stands for a "+
				"measure of the run."),
		field("seed", seedKind(), func(s *Scenario) *uint64 { return &s.Seed },
			"What every random choice of the run follows from."),
		field("duration", duration(), func(s *Scenario) *time.Duration { return &s.Duration },
			"Virtual time until everything heals and the final reads begin; 30s if not given."),
		field("settle", durationUpTo(maxSettle), func(s *Scenario) *time.Duration { return &s.Settle },
			"Virtual time that the run may take to come to rest; 2m if not given."),
		field("core", roles(), func(s *Scenario) *[]Role { return &s.Core },
			"The servers that are healed first, with the links between them and to the clients, while "+
				"everything else stays broken: ZooKeeper and at least one broker, such as [zookeeper, "+
				"broker-1, broker-2]. What they can do without the others must come to rest; then all is "+
				"healed, and groups and the metadata of all brokers must come to rest too. Without it all is "+
				"healed at once, and only replicas, sends and the last reads are waited for."),
		field("paranoid", truth(), func(s *Scenario) *bool { return &s.Paranoid },
			"Whether the brokers' insides are checked after every event, as by --paranoid, and not only "+
				"every 5 s and at the end."),
		field("audit", truth(), func(s *Scenario) *bool { return &s.Audit },
			"Whether the simulated world is checked too: that processes are given what they asked for, "+
				"and nothing else. It is wherever paranoid holds. What is not so is the finding broken-world."),
		field("canaries", truth(), func(s *Scenario) *bool { return &s.Canaries },
			"Whether the checks are checked: what they have to find is planted for each of them, in "+
				"made-up runs. A check that does not find it is the finding "+
				"blind-check. The world has to stand a trial too."),
		must(field("cluster", clusterKind(), func(s *Scenario) *Cluster { return &s.Cluster },
			"The brokers and what they run on.")),
		must(field("topics", list("topics", topicKind()), func(s *Scenario) *[]Topic { return &s.Topics },
			"Topics, created before the workloads start.")),
		field("producers", list("producers", producerKind()),
			func(s *Scenario) *[]Producer { return &s.Producers }, "Who writes."),
		field("consumers", list("consumers", consumerKind()),
			func(s *Scenario) *[]Consumer { return &s.Consumers }, "Who reads."),
		field(
			"timeline",
			list("timeline", actionKind()),
			func(s *Scenario) *[]Action { return &s.Timeline },
			"What is done to the cluster, at a time or when something happens.",
		),
		field("predict", predictKind(), func(s *Scenario) *Prediction { return &s.Predict },
			"What to ask before showing the run."),
		field(
			"narrate",
			list("narrate", narrateKind()),
			func(s *Scenario) *[]Narration { return &s.Narrate },
			"What to say when something happens.",
		),
		field("expect", expectKind(), func(s *Scenario) *Expectation { return &s.Expect },
			"What must be found, and what must have happened."),
		field("knob", knobKind(), func(s *Scenario) *Knob { return &s.Knob },
			"What to change, and the number that then moves."),
		field("sweep", sweepKind(), func(s *Scenario) *Sweep { return &s.Sweep },
			"What `sandcastle sweep` compares when it is not told."),
	})
}

func clusterKind() kind[Cluster] {
	initial := func(position) Cluster {
		return Cluster{
			Brokers: 3, Metadata: "zookeeper", Hardware: "laptop", Variants: config.NewestVariants(),
		}
	}
	set := func(name, value string) error {
		if slices.Contains(config.HostProperties(), name) {
			return fmt.Errorf("%s: a scenario's brokers have their ids, addresses and disks from it", name)
		}
		cfg := config.NewBroker(0, "", 0, "")
		return cfg.Set(name, value)
	}
	return object("cluster", initial, []fieldOf[Cluster]{
		field("brokers", whole(1, maxBrokers), func(c *Cluster) *int { return &c.Brokers },
			"How many brokers: broker-1, broker-2, …; 3 if not given."),
		field(
			"metadata",
			enum("metadata store", "zookeeper"),
			func(c *Cluster) *string { return &c.Metadata },
			"Where the cluster's metadata is kept.",
		),
		field(
			"hardware",
			enum("hardware profile", sim.Profiles()...),
			func(c *Cluster) *string { return &c.Hardware },
			"What CPU, network and disk cost; laptop if not given.",
		),
		field("controller", whole(1, maxBrokers), func(c *Cluster) *int { return &c.Controller },
			"The broker that starts a second before the others and so is the first controller."),
		variant("truncation", config.TruncationVariants(),
			func(v *config.Variants) *config.Truncation { return &v.Truncation },
			"How followers make their logs agree with a new leader's: to their high watermark (0.10), "+
				"or by leader epoch (KIP-101, KIP-279, KIP-320)."),
		variant("isr", config.ISRVariants(),
			func(v *config.Variants) *config.ISRProtocol { return &v.ISR },
			"How leaders change the in-sync replicas: by their own write to ZooKeeper, or by asking "+
				"the controller (KIP-497)."),
		variant("follower_hw", config.FollowerHWVariants(),
			func(v *config.Variants) *config.FollowerHW { return &v.FollowerHW },
			"Whether a follower takes over a high watermark before it truncates, or after (KAFKA-14704)."),
		variant("producer_state", config.ProducerStateVariants(),
			func(v *config.Variants) *config.ProducerState { return &v.Producers },
			"Whether idempotent producers are forgotten with their records (KIP-98) or not (KIP-360)."),
		field("racks", list("racks", text()), func(c *Cluster) *[]string { return &c.Racks },
			"broker.rack of broker-1, broker-2, …, for fetching from the nearest replica (KIP-392)."),
		field("config", settings("broker configuration", config.BrokerProperties(), set),
			func(c *Cluster) *[]Setting { return &c.Config }, "Broker properties by their Kafka names."),
	})
}

// variant is the key of one protocol variant.
func variant[V ~string](name string, words []string, at func(*config.Variants) *V, doc string,
) fieldOf[Cluster] {
	of := enum(name, words...)
	return fieldOf[Cluster]{
		name: name, schema: of.schema, doc: doc + " " + words[len(words)-1] + " if not given.",
		set: func(d *decoder, n *yaml.Node, c *Cluster) { *at(&c.Variants) = V(of.read(d, n)) },
	}
}

func topicKind() kind[Topic] {
	initial := func(pos position) Topic {
		return Topic{Partitions: 1, Replicas: 1, Create: true, pos: pos}
	}
	ids := list("replicas of a partition", whole(1, maxBrokers))
	return object("a topic", initial, []fieldOf[Topic]{
		must(field("name", topicName(), func(t *Topic) *string { return &t.Name }, "The topic's name.")),
		field("partitions", whole(1, maxPartitions), func(t *Topic) *int { return &t.Partitions },
			"How many partitions; 1 if not given."),
		field("replicas", whole(1, maxBrokers), func(t *Topic) *int { return &t.Replicas },
			"How many brokers hold each partition; 1 if not given."),
		field("assignment", list("assignment", ids), func(t *Topic) *[][]int { return &t.Assignment },
			"Broker ids by partition, the preferred leader first; in place of partitions and replicas."),
		field("create", truth(), func(t *Topic) *bool { return &t.Create },
			"Whether it is created before the workload starts; off leaves that to the timeline."),
		field(
			"config",
			settings("topic configuration", config.TopicProperties(), config.ValidateTopic),
			func(t *Topic) *[]Setting { return &t.Config },
			"Topic properties by their Kafka names.",
		),
	})
}

// maxRetries is the default of retries: the delivery timeout ends them.
const maxRetries = 1<<31 - 1

func producerKind() kind[Producer] {
	initial := func(pos position) Producer {
		return Producer{Acks: "all", Size: 100, Batch: 16384, InFlight: 5, Retries: maxRetries, pos: pos}
	}
	return object("a producer", initial, []fieldOf[Producer]{
		must(field("name", clientName(), func(p *Producer) *string { return &p.Name },
			"Its node is producer-<name>.")),
		must(field("topic", text(), func(p *Producer) *string { return &p.Topic }, "Where it writes.")),
		field("rate", rate(), func(p *Producer) *Rate { return &p.Rate },
			"Records per time, such as 200/s; without it only what the timeline has it send."),
		field("start", duration(), func(p *Producer) *time.Duration { return &p.Start },
			"When it begins, once the topics exist."),
		field("until", duration(), func(p *Producer) *time.Duration { return &p.Until },
			"When it stops; the scenario's duration if not given."),
		field("count", whole(1, maxRecords), func(p *Producer) *int { return &p.Count },
			"After how many records it stops."),
		field("size", size(), func(p *Producer) *int64 { return &p.Size },
			"Length of a record's value, padded with spaces; 100B if not given."),
		field("keys", whole(1, 1_000_000), func(p *Producer) *int { return &p.Keys },
			"How many distinct keys the records have; without it they have none."),
		field("values", list("values", text()), func(p *Producer) *[]string { return &p.Values },
			"The values to send, each once and distinct, in place of generated ones."),
		field("letters", letters(), func(p *Producer) *[]LetterRange { return &p.Letters },
			"The partition by the first letter of the value, as in {A-M: 0, N-Z: 1}."),
		field("acks", enum("acks", "0", "1", "all"), func(p *Producer) *string { return &p.Acks },
			"acks: 0, 1 or all, which is the default."),
		field(
			"linger",
			duration(),
			func(p *Producer) *time.Duration { return &p.Linger },
			"linger.ms; 0 if not given.",
		),
		field(
			"batch",
			sizeUpTo(1<<31-1),
			func(p *Producer) *int64 { return &p.Batch },
			"batch.size; 16 KiB if not given.",
		),
		field("in_flight", whole(1, 1000), func(p *Producer) *int { return &p.InFlight },
			"max.in.flight.requests.per.connection; 5 if not given."),
		field("retries", whole(0, maxRetries), func(p *Producer) *int { return &p.Retries },
			"retries; without limit if not given. Without idempotence a retried record may stand twice."),
		field("idempotence", enum("idempotence", "on", "off"),
			func(p *Producer) *string { return &p.Idempotence },
			"enable.idempotence; on if not given, unless acks, retries or in_flight forbid it."),
		field("timeout", duration(), func(p *Producer) *time.Duration { return &p.Timeout },
			"request.timeout.ms; 30s if not given."),
		field("metadata_age", duration(), func(p *Producer) *time.Duration { return &p.MetadataAge },
			"metadata.max.age.ms; 5m if not given."),
		field("compression", enum("compression", "none", "gzip", "snappy", "lz4", "zstd"),
			func(p *Producer) *string { return &p.Compression }, "compression.type; none if not given."),
		field("config", producerSettings(), func(p *Producer) *[]Setting { return &p.Config },
			"Further producer properties by their Kafka names, such as max.request.size."),
	})
}

func consumerKind() kind[Consumer] {
	initial := func(pos position) Consumer {
		return Consumer{
			Members: 1, From: "earliest", Commit: "auto", Session: 45 * time.Second, Epochs: true, pos: pos,
		}
	}
	return object("a consumer", initial, []fieldOf[Consumer]{
		field("group", text(), func(c *Consumer) *string { return &c.Group }, "group.id."),
		field("members", whole(1, 1000), func(c *Consumer) *int { return &c.Members },
			"How many such consumers: consumer-1, consumer-2, … in the order of the file; 1 if not given."),
		field("topics", list("topics", text()), func(c *Consumer) *[]string { return &c.Topics },
			"What the group subscribes to."),
		field("assign", list("assign", partitionKind()),
			func(c *Consumer) *[]kafka.TopicPartition { return &c.Assign },
			"Partitions to read without a group, such as orders-0."),
		field("start", duration(), func(c *Consumer) *time.Duration { return &c.Start },
			"When they begin, once the topics exist."),
		field("from", enum("auto.offset.reset", "earliest", "latest", "none"),
			func(c *Consumer) *string { return &c.From }, "auto.offset.reset; earliest if not given."),
		field("commit", enum("commit", "auto", "each-poll", "before", "after", "never"),
			func(c *Consumer) *string { return &c.Commit },
			"When offsets are committed: every 5 s, after each poll, or never. Before and after mean the "+
				"processing of what a poll returned, record by record, and have it judged."),
		field("process", duration(), func(c *Consumer) *time.Duration { return &c.Process },
			"Time that the application takes for one record; 0 if not given."),
		field("session", duration(), func(c *Consumer) *time.Duration { return &c.Session },
			"session.timeout.ms; 45s if not given."),
		field("rack", text(), func(c *Consumer) *string { return &c.Rack },
			"client.rack: the leader may send it to a replica in that rack (KIP-392)."),
		field("epochs", truth(), func(c *Consumer) *bool { return &c.Epochs },
			"Whether it checks leader epochs and finds truncations; off is a client before KIP-320."),
		field("metadata_age", duration(), func(c *Consumer) *time.Duration { return &c.MetadataAge },
			"metadata.max.age.ms; 5m if not given."),
		field("instance", text(), func(c *Consumer) *string { return &c.Instance },
			"group.instance.id: static members (KIP-345); with more members, -1, -2, … stand behind it."),
		field("assignor", enum("partition.assignment.strategy", client.AssignorNames()...),
			func(c *Consumer) *string { return &c.Assignor },
			"partition.assignment.strategy: range if not given. sticky leaves with each what it had; "+
				"there is no cooperative-sticky, for these consumers give up all in a rebalance."),
		field("config", consumerSettings(), func(c *Consumer) *[]Setting { return &c.Config },
			"Further consumer properties by their Kafka names, such as max.poll.records."),
	})
}

func partitionKind() kind[kafka.TopicPartition] {
	return scalar(map[string]any{"type": "string"}, func(s string) (kafka.TopicPartition, error) {
		tp, ok := kafka.ParseTopicPartition(s)
		if !ok {
			return tp, fmt.Errorf(
				"%s is no partition: write a topic, a dash and a partition, such as orders-0",
				clipped(s),
			)
		}
		return tp, nil
	})
}

func narrateKind() kind[Narration] {
	return object(
		"narrate",
		func(pos position) Narration { return Narration{pos: pos} },
		[]fieldOf[Narration]{
			must(field("when", trigger(), func(n *Narration) *Trigger { return &n.When }, "The event.")),
			must(field("say", said(), func(n *Narration) *string { return &n.Say }, "What to say of it.")),
		},
	)
}

func expectKind() kind[Expectation] {
	words := []string{}
	for _, a := range kafka.Anomalies() {
		words = append(words, string(a))
	}
	one := enum("finding", words...)
	many := list("findings", one)
	findings := kind[[]kafka.Anomaly]{
		schema: map[string]any{"anyOf": []any{map[string]any{"const": "none"}, many.schema}},
		read: func(d *decoder, n *yaml.Node) []kafka.Anomaly {
			if n.Kind == yaml.ScalarNode && n.Value == "none" {
				return nil
			}
			var out []kafka.Anomaly
			for _, w := range many.read(d, n) {
				out = append(out, kafka.Anomaly(w))
			}
			return out
		},
	}
	return object(
		"expect",
		func(position) Expectation { return Expectation{} },
		[]fieldOf[Expectation]{
			field("findings", findings, func(e *Expectation) *[]kafka.Anomaly { return &e.Findings },
				"The anomalies that must be found, all others must not; or none."),
			field("allow", findings, func(e *Expectation) *[]kafka.Anomaly { return &e.Allow },
				"The anomalies that may be found, and need not be."),
			field(
				"sometimes",
				list("sometimes", trigger()),
				func(e *Expectation) *[]Trigger { return &e.Sometimes },
				"Events without which the run has not shown what it teaches: "+
					strings.Join(kafka.NoteKinds()[:3], ", ")+", …",
			),
			field("counts", bounds(), func(e *Expectation) *[]Bound { return &e.Counts },
				"What measures of the run must keep to, as in {send.fail.NOT_ENOUGH_REPLICAS: \">= 10\"}."),
		},
	)
}
