package config

import (
	"fmt"
	"strconv"
	"time"
)

// topicSynonym is the broker's name of the default of a topic's setting
// (ServerTopicConfigSynonyms, 3.9).
type topicSynonym struct {
	broker, topic string
	unit          time.Duration // of a value that is no number of milliseconds; else 0
}

// topicSynonyms are in the order of the topics' names; of several for one, the first that is set
// counts. Nothing changes them.
var topicSynonyms = [...]topicSynonym{
	{"log.cleanup.policy", "cleanup.policy", 0},
	{"compression.type", "compression.type", 0},
	{"log.cleaner.delete.retention.ms", "delete.retention.ms", 0},
	{"log.segment.delete.delay.ms", "file.delete.delay.ms", 0},
	{"log.flush.interval.messages", "flush.messages", 0},
	{"log.flush.interval.ms", "flush.ms", 0},
	{"log.flush.scheduler.interval.ms", "flush.ms", 0},
	{"log.index.interval.bytes", "index.interval.bytes", 0},
	{"log.cleaner.max.compaction.lag.ms", "max.compaction.lag.ms", 0},
	{"message.max.bytes", "max.message.bytes", 0},
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

// convert returns a valid value of the broker's setting as one of the topic's. −1 hours is −1 ms,
// for ever (KafkaConfig.logRetentionTimeMillis, 3.9).
func (s *topicSynonym) convert(value string) (string, error) {
	if s.unit > 0 {
		n, err := number(value, -1, maxInt)
		if err != nil {
			return "", named(s.broker, err)
		}
		if n >= 0 {
			n *= s.unit.Milliseconds()
		}
		value = strconv.FormatInt(n, 10)
	}
	if err := ValidateTopic(s.topic, value); err != nil {
		return "", fmt.Errorf("%s, the default of %w", s.broker, err)
	}
	return value, nil
}

// several tells whether the topic's setting has other names at the broker.
func (s *topicSynonym) several() bool {
	n := 0
	for _, other := range topicSynonyms {
		if other.topic == s.topic {
			n++
		}
	}
	return n > 1
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
