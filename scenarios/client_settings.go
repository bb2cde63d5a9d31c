package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"sandcastle/broker/client"
)

// clientSetting is a property of a client that has no word of its own in a scenario, under Kafka's
// name.
type clientSetting[C any] struct {
	name      string
	low, high int64
	set       func(c *C, n int64)
}

const (
	mostMillis = 24 * 60 * 60 * 1000
	mostInt    = 1<<31 - 1
)

func millisOf[C any](name string, at func(*C) *time.Duration) clientSetting[C] {
	return clientSetting[C]{name, 1, mostMillis, func(c *C, n int64) {
		*at(c) = time.Duration(n) * time.Millisecond
	}}
}

func producerTable() []clientSetting[client.ProducerConfig] {
	type C = client.ProducerConfig
	return []clientSetting[C]{
		{"buffer.memory", 1, 1 << 30, func(c *C, n int64) { c.BufferMemory = int(n) }},
		{"max.request.size", 1, mostInt, func(c *C, n int64) { c.MaxRequestSize = int(n) }},
		millisOf("delivery.timeout.ms", func(c *C) *time.Duration { return &c.DeliveryTimeout }),
		millisOf("max.block.ms", func(c *C) *time.Duration { return &c.MaxBlock }),
		millisOf("retry.backoff.ms", func(c *C) *time.Duration { return &c.RetryBackoff }),
		millisOf("retry.backoff.max.ms", func(c *C) *time.Duration { return &c.RetryBackoffMax }),
	}
}

func consumerTable() []clientSetting[client.ConsumerConfig] {
	type C = client.ConsumerConfig
	return []clientSetting[C]{
		{"max.poll.records", 1, 100_000, func(c *C, n int64) { c.MaxPollRecords = int(n) }},
		{"fetch.min.bytes", 1, mostInt, func(c *C, n int64) { c.FetchMinBytes = int32(n) }},
		{"fetch.max.bytes", 1, mostInt, func(c *C, n int64) { c.FetchMaxBytes = int32(n) }},
		{"max.partition.fetch.bytes", 1, mostInt, func(c *C, n int64) { c.MaxPartitionBytes = int32(n) }},
		millisOf("max.poll.interval.ms", func(c *C) *time.Duration { return &c.MaxPollInterval }),
		millisOf("heartbeat.interval.ms", func(c *C) *time.Duration { return &c.HeartbeatInterval }),
		millisOf("auto.commit.interval.ms", func(c *C) *time.Duration {
			return &c.AutoCommitInterval
		}),
		millisOf("fetch.max.wait.ms", func(c *C) *time.Duration { return &c.FetchMaxWait }),
		millisOf("request.timeout.ms", func(c *C) *time.Duration { return &c.RequestTimeout }),
		millisOf("default.api.timeout.ms", func(c *C) *time.Duration { return &c.APITimeout }),
		millisOf("retry.backoff.ms", func(c *C) *time.Duration { return &c.RetryBackoff }),
		millisOf("retry.backoff.max.ms", func(c *C) *time.Duration { return &c.RetryBackoffMax }),
	}
}

// ownWords are the properties that have a word of their own in a scenario.
func ownWords() map[string]string {
	return map[string]string{
		"acks": "acks", "linger.ms": "linger", "batch.size": "batch", "retries": "retries",
		"max.in.flight.requests.per.connection": "in_flight", "enable.idempotence": "idempotence",
		"compression.type": "compression", "metadata.max.age.ms": "metadata_age",
		"group.id": "group", "auto.offset.reset": "from", "session.timeout.ms": "session",
		"client.rack": "rack", "enable.auto.commit": "commit",
		"partition.assignment.strategy": "assignor",
	}
}

func producerSettings() kind[[]Setting] { return clientSettingsKind("producer", producerTable()) }

func consumerSettings() kind[[]Setting] { return clientSettingsKind("consumer", consumerTable()) }

func clientSettingsKind[C any](who string, table []clientSetting[C]) kind[[]Setting] {
	known := make([]string, len(table))
	for i := range table {
		known[i] = table[i].name
	}
	return settings(who+" configuration", known, func(name, value string) error {
		at := slices.Index(known, name)
		if name == instanceID && who == "consumer" {
			return nil
		}
		if at < 0 && ownWords()[name] != "" {
			return &otherWord{fmt.Sprintf("%s has a word of its own here: `%s`", name,
				ownWords()[name])}
		}
		if at < 0 {
			return fmt.Errorf("unknown %s configuration %s", who, name)
		}
		_, err := table[at].parse(value)
		return err
	})
}

// instanceID is a property that says who a consumer is, so that it may not be the same for all.
const instanceID = "group.instance.id"

// otherWord says that a property is written in another way.
type otherWord struct{ text string }

func (e *otherWord) Error() string { return e.text }

func (s *clientSetting[C]) parse(value string) (int64, error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < s.low || n > s.high {
		return 0, fmt.Errorf("%s: %s is no whole number from %d to %d", s.name, clipped(value),
			s.low, s.high)
	}
	return n, nil
}

// applySettings gives a client's configuration what the scenario sets by Kafka's names.
func applySettings[C any](c *C, table []clientSetting[C], settings []Setting) {
	for _, set := range settings {
		for i := range table {
			if n, err := table[i].parse(set.Value); table[i].name == set.Name && err == nil {
				table[i].set(c, n)
			}
		}
	}
}
