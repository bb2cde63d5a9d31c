package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// validate checks what one setting alone does not show (LogConfig.validateValues, 3.9).
func (c *Topic) validate() error {
	if c.MinCompactionLag > c.MaxCompactionLag {
		return fmt.Errorf("min.compaction.lag.ms (%d) is larger than max.compaction.lag.ms (%d)",
			c.MinCompactionLag.Milliseconds(), c.MaxCompactionLag.Milliseconds())
	}
	return nil
}

// validateTiering refuses what needs a remote store, as Kafka does in ZooKeeper mode and without
// remote.log.storage.system.enable (LogConfig.validateTopicLogConfigValues, 3.9).
func validateTiering(own map[string]string) error {
	for _, name := range []string{
		"remote.log.copy.disable", "remote.log.delete.on.disable", "remote.storage.enable",
	} {
		if strings.EqualFold(trim(own[name]), "true") {
			return fmt.Errorf("%s: there is no tiered storage here, nor in ZooKeeper mode", name)
		}
	}
	return nil
}

// Validate checks what one setting of a broker alone does not show (KafkaConfig.validateValues,
// 3.9), as far as it is about settings that Kafka also checks of a broker with ZooKeeper.
func (c *Broker) Validate() error {
	type rule struct {
		broken bool
		what   string
	}
	n := c.number
	for _, r := range []rule{
		{c.ReplicaFetchWaitMax > c.ReplicaSocketTimeout,
			"replica.socket.timeout.ms must be at least replica.fetch.wait.max.ms"},
		{c.ReplicaFetchWaitMax > c.ReplicaLagTimeMax,
			"replica.fetch.wait.max.ms may not be larger than replica.lag.time.max.ms"},
		{n("log.cleaner.threads") < 1, "log.cleaner.threads must be at least 1"},
		{n("log.cleaner.dedupe.buffer.size")/max(n("log.cleaner.threads"), 1) <= 1<<20,
			"log.cleaner.dedupe.buffer.size must be more than 1 MiB for each of log.cleaner.threads"},
		{n("offsets.commit.required.acks") < -1 ||
			n("offsets.commit.required.acks") > int64(c.OffsetsTopicReplication),
			"offsets.commit.required.acks must be from -1 to offsets.topic.replication.factor"},
		{n("max.connections.per.ip") == 0 && c.value("max.connections.per.ip.overrides") == "",
			"max.connections.per.ip may be 0 only where max.connections.per.ip.overrides is set"},
		{c.ConnectionsMaxIdle >= 0 && time.Duration(n("connection.failed.authentication.delay.ms"))*
			time.Millisecond >= c.ConnectionsMaxIdle,
			"connection.failed.authentication.delay.ms must be less than connections.max.idle.ms"},
	} {
		if r.broken {
			return fmt.Errorf("%s", r.what)
		}
	}
	if err := c.validateOverrides(); err != nil {
		return err
	}
	return c.Topic.validate()
}

// validateOverrides checks max.connections.per.ip.overrides, a list of address:count.
func (c *Broker) validateOverrides() error {
	for _, entry := range listed(c.value("max.connections.per.ip.overrides")) {
		at := strings.LastIndex(entry, ":")
		if _, err := strconv.ParseUint(entry[at+1:], 10, 31); at < 1 || err != nil {
			return fmt.Errorf("max.connections.per.ip.overrides: %q is no address:count", entry)
		}
	}
	return nil
}

// value is a setting as it was set, read, or its default.
func (c *Broker) value(name string) string {
	d := defineBroker(name)
	if set, ok := c.lookup(name); ok {
		if parsed, err := d.parse(set); err == nil {
			return parsed
		}
	}
	return d.def
}

func (c *Broker) number(name string) int64 {
	n, err := strconv.ParseInt(c.value(name), 10, 64)
	if err != nil {
		panic("config: " + name + " is no number")
	}
	return n
}

// validateChange checks what may not change too much, or at all, while the broker runs
// (DynamicThreadPool.validateReconfiguration, LogCleaner.validateReconfiguration and
// DynamicLogConfig.validateReconfiguration, 3.9). c is what would follow on was.
func (c *Broker) validateChange(was *Broker) error {
	for _, name := range []string{
		"background.threads", "log.cleaner.threads", "num.io.threads", "num.network.threads",
		"num.recovery.threads.per.data.dir", "num.replica.fetchers",
	} {
		now, before := c.number(name), was.number(name)
		if now != before && (now < before/2 || now > 2*before) {
			return fmt.Errorf("%s is %d: a change may double it at most or halve it, not set %d", name,
				before, now)
		}
	}
	for _, local := range [][2]string{
		{"local.retention.ms", "retention.ms"}, {"local.retention.bytes", "retention.bytes"},
	} {
		if err := c.validateLocalRetention(local[0], local[1]); err != nil {
			return err
		}
	}
	return nil
}

// validateLocalRetention refuses to keep more locally than altogether.
func (c *Broker) validateLocalRetention(local, whole string) error {
	values := [2]int64{}
	for i, name := range []string{local, whole} {
		text, err := c.topicDefault(name)
		if err != nil {
			return err
		}
		if values[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return err
		}
	}
	if part, all := values[0], values[1]; all != -1 && part != -2 && (part == -1 || part > all) {
		return fmt.Errorf("log.%s (%d) keeps more than log.%s (%d)", local, part, whole, all)
	}
	return nil
}
