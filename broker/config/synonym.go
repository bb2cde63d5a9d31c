package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// topicSynonym is the broker's name of the default of a topic's setting
// (ServerTopicConfigSynonyms, 3.9).
type topicSynonym struct {
	broker, topic string
	unit          time.Duration // of a value in hours or minutes; else 0
}

// topicSynonyms are in the order of the topics' names; of several for one, the first that is set
// counts. Nothing changes them.
var topicSynonyms = [...]topicSynonym{
	{"log.cleanup.policy", "cleanup.policy", 0},
	{"compression.gzip.level", "compression.gzip.level", 0},
	{"compression.lz4.level", "compression.lz4.level", 0},
	{"compression.type", "compression.type", 0},
	{"compression.zstd.level", "compression.zstd.level", 0},
	{"log.cleaner.delete.retention.ms", "delete.retention.ms", 0},
	{"log.segment.delete.delay.ms", "file.delete.delay.ms", 0},
	{"log.flush.interval.messages", "flush.messages", 0},
	{"log.flush.interval.ms", "flush.ms", 0},
	{"log.flush.scheduler.interval.ms", "flush.ms", 0},
	{"log.index.interval.bytes", "index.interval.bytes", 0},
	{"log.local.retention.bytes", "local.retention.bytes", 0},
	{"log.local.retention.ms", "local.retention.ms", 0},
	{"log.cleaner.max.compaction.lag.ms", "max.compaction.lag.ms", 0},
	{"message.max.bytes", "max.message.bytes", 0},
	{"log.message.downconversion.enable", "message.downconversion.enable", 0},
	{"log.message.format.version", "message.format.version", 0},
	{"log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms", 0},
	{"log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms", 0},
	{"log.message.timestamp.difference.max.ms", "message.timestamp.difference.max.ms", 0},
	{"log.message.timestamp.type", "message.timestamp.type", 0},
	{"log.cleaner.min.cleanable.ratio", "min.cleanable.dirty.ratio", 0},
	{"log.cleaner.min.compaction.lag.ms", "min.compaction.lag.ms", 0},
	{"min.insync.replicas", "min.insync.replicas", 0},
	{"log.preallocate", "preallocate", 0},
	{"log.retention.bytes", "retention.bytes", 0},
	{"log.retention.ms", "retention.ms", 0},
	{"log.retention.minutes", "retention.ms", time.Minute},
	{"log.retention.hours", "retention.ms", time.Hour},
	{"log.segment.bytes", "segment.bytes", 0},
	{"log.index.size.max.bytes", "segment.index.bytes", 0},
	{"log.roll.jitter.ms", "segment.jitter.ms", 0},
	{"log.roll.jitter.hours", "segment.jitter.ms", time.Hour},
	{"log.roll.ms", "segment.ms", 0},
	{"log.roll.hours", "segment.ms", time.Hour},
	{"unclean.leader.election.enable", "unclean.leader.election.enable", 0},
}

// synonym finds the topic's setting that a broker's setting is the default of, nil when there is
// none.
func synonym(broker string) *topicSynonym {
	for i := range topicSynonyms {
		if topicSynonyms[i].broker == broker {
			return &topicSynonyms[i]
		}
	}
	return nil
}

// convert returns a valid value of the broker's setting as one of the topic's. Records are kept for
// ever with any negative number of hours, minutes or milliseconds, and not with none
// (KafkaConfig.logRetentionTimeMillis and validateValues, 3.9).
func (s *topicSynonym) convert(value string) (string, error) {
	value, err := defineBroker(s.broker).parse(value)
	if err != nil {
		return "", err
	}
	if s.unit > 0 {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return "", named(s.broker, err)
		}
		value = strconv.FormatInt(n*s.unit.Milliseconds(), 10)
	}
	switch {
	case s.topic == "retention.ms" && value == "0":
		return "", fmt.Errorf("%s is neither unlimited (-1) nor at least 1", s.broker)
	case s.topic == "retention.ms" && strings.HasPrefix(value, "-"):
		value = "-1"
	}
	if err := ValidateTopic(s.topic, value); err != nil {
		return "", fmt.Errorf("%s, the default of %w", s.broker, err)
	}
	return value, nil
}

// firstSynonym is the broker's foremost name for the default of a topic's setting, "" for none.
func firstSynonym(topic string) string {
	for _, s := range topicSynonyms {
		if s.topic == topic {
			return s.broker
		}
	}
	return ""
}
