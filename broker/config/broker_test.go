package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func newBroker() Broker { return NewBroker(1, "broker-1", 9092, "zookeeper-1:2181") }

// Every definition reads, its default passes its own rule and reads back as it stands, and what has
// an effect is defined.
func TestDefinitions(t *testing.T) {
	for _, list := range [][]definition{brokerDefinitions, topicDefinitions} {
		require.True(t, slices.IsSortedFunc(list, func(a, b definition) int {
			return strings.Compare(a.name, b.name)
		}))
		for _, d := range list {
			require.NotEmpty(t, d.doc, d.name)
			require.True(t, strings.HasSuffix(d.doc, "."), d.name)
			require.Contains(t, []update{updateReadOnly, updateCluster, updatePerBroker, updatePerListener,
				updateTopic}, d.update, d.name)
			require.Contains(t, []origin{originKafka, originInternal, originNewer, originThrottle,
				originPlugin}, d.origin, d.name)
			if d.hasDef && d.def != "" {
				value, err := d.parse(d.def)
				require.NoError(t, err)
				require.Equal(t, d.def, value, d.name)
			}
		}
	}
	for _, p := range brokerTable {
		require.NotNil(t, define(brokerDefinitions, p.name), p.name)
	}
	for _, p := range topicTable {
		require.NotNil(t, define(topicDefinitions, p.name), p.name)
	}
	for _, s := range topicSynonyms {
		require.NotNil(t, define(topicDefinitions, s.topic), s.topic)
		require.NotNil(t, define(brokerDefinitions, s.broker), s.broker)
	}
	for _, name := range HostProperties() {
		require.NotNil(t, define(brokerDefinitions, name), name)
	}
	c := newBroker()
	require.NoError(t, c.Validate())
}

// What Apache Kafka 3.9.0 and we make of a value, as its IncrementalAlterConfigs and DescribeConfigs
// told.
func TestValuesAsKafkaReadsThem(t *testing.T) {
	const refused = "refused"
	for _, row := range [][3]string{
		{"min.cleanable.dirty.ratio", "1", "1.0"}, {"min.cleanable.dirty.ratio", "1e-5", "1.0E-5"},
		{"min.cleanable.dirty.ratio", " .25d ", "0.25"}, {"min.cleanable.dirty.ratio", "1.5", refused},
		{"min.cleanable.dirty.ratio", "0.123456789012345678", "0.12345678901234568"},
		{"min.cleanable.dirty.ratio", "-0.00001", refused}, {"min.cleanable.dirty.ratio", "1,0", refused},
		{"preallocate", " TRUE ", "true"}, {"preallocate", "yes", refused},
		{"retention.bytes", "-9223372036854775808", "-9223372036854775808"},
		{"retention.ms", " 5 ", "5"}, {"retention.ms", "-2", refused},
		{"segment.bytes", "+65536", "65536"}, {"segment.bytes", "", refused},
		{"segment.bytes", "1_000_000", refused}, {"segment.bytes", "13", refused},
		{"segment.bytes", "2147483648", refused}, {"compression.type", " gzip ", "gzip"},
		{"compression.type", "GZIP", refused}, {"cleanup.policy", " delete , compact ", "delete,compact"},
		{"cleanup.policy", "", ""}, {"cleanup.policy", "delete,delete", "delete,delete"},
		{"cleanup.policy", "delete,", refused}, {"cleanup.policy", ",delete", refused},
		{"message.format.version", "2.0", "2.0"}, {"message.format.version", "2.0-IV9", refused},
		{"message.format.version", "2", refused}, {"message.format.version", "3.9.7", "3.9.7"},
		{"message.format.version", " 3.0 ", "3.0"}, {"message.format.version", "0.9.0", "0.9.0"},
		{"message.format.version", "0.9.0-IV0", refused},
		{"message.timestamp.type", "createtime", refused}, {"local.retention.ms", "-3", refused},
		{"local.retention.ms", "99999999999", "99999999999"}, {"compression.gzip.level", "0", refused},
		{"compression.gzip.level", "-1", "-1"}, {"compression.gzip.level", "10", refused},
		{"compression.zstd.level", "-131072", "-131072"}, {"compression.lz4.level", "0", refused},
		{"max.compaction.lag.ms", "0", refused}, {"flush.ms", "-1", refused},
		{"leader.replication.throttled.replicas", " 0:1 , 1:2 ", "0:1,1:2"},
		{"leader.replication.throttled.replicas", "none", refused},
		{"leader.replication.throttled.replicas", "*,0:1", refused},
		{"leader.replication.throttled.replicas", "0:1,", "0:1,"}, {"file.delete.delay.ms", "0", "0"},
		{"segment.ms", "9223372036854775807", "9223372036854775807"},
	} {
		value, err := define(topicDefinitions, row[0]).parse(row[1])
		if row[2] == refused {
			require.Error(t, err, "%q", row)
			continue
		}
		require.NoError(t, err, "%q", row)
		require.Equal(t, row[2], value, "%q", row)
	}
}

func TestConfigRefuses(t *testing.T) {
	for _, bad := range [][2]string{
		{"log.retention.hours", "soon"}, {"log.roll.hours", "0"}, {"log.roll.ms", "0"},
		{"log.cleaner.min.cleanable.ratio", "1.5"}, {"log.cleaner.min.cleanable.ratio", "-0.1"},
		{"log.cleaner.min.cleanable.ratio", ""}, {"log.cleaner.min.cleanable.ratio", "0.x"},
		{"log.cleanup.policy", "delete,burn"}, {"compression.type", "brotli"},
		{"message.max.bytes", "2147483648"}, {"no.such.thing", "1"}, {"process.roles", "broker"},
		{"replica.selector.class", "Nearest"}, {"log.message.timestamp.type", "Never"},
		{"controlled.shutdown.enable", "maybe"}, {"log.retention.ms", "0"}, {"log.roll.jitter.ms", "-1"},
	} {
		c := newBroker()
		require.Error(t, c.Set(bad[0], bad[1]), "%s=%s", bad[0], bad[1])
		require.Equal(t, newBroker().Topic, c.Topic, "a refused value changes nothing")
	}
	require.Error(t, ValidateTopic("leader.replication.throttled.replicas", "1-2"))
	require.Error(t, ValidateTopic("log.segment.bytes", "14"))
}

// log.retention.ms goes before .minutes goes before .hours, whatever the order.
func TestConfigRetentionPrecedence(t *testing.T) {
	settings := []struct {
		name, value string
		means       time.Duration
	}{
		{"log.retention.ms", "5000", 5 * time.Second},
		{"log.retention.minutes", "7", 7 * time.Minute},
		{"log.retention.hours", "9", 9 * time.Hour},
	}
	rapid.Check(t, func(t *rapid.T) {
		c := newBroker()
		best := len(settings)
		for _, i := range rapid.Permutation([]int{0, 1, 2}).Draw(t, "order") {
			if rapid.Bool().Draw(t, "set") {
				require.NoError(t, c.Set(settings[i].name, settings[i].value))
				best = min(best, i)
			}
		}
		want := 7 * 24 * time.Hour
		if best < len(settings) {
			want = settings[best].means
		}
		require.Equal(t, want, c.Topic.RetentionMs)
	})
}

func TestConfigCopiesAreApart(t *testing.T) {
	a := newBroker()
	require.NoError(t, a.Set("log.retention.hours", "1"))
	b := a
	require.NoError(t, b.Set("log.retention.hours", "2"))
	require.NoError(t, a.Set("log.roll.hours", "3"))
	require.Equal(t, time.Hour, a.Topic.RetentionMs)
	require.Equal(t, 2*time.Hour, b.Topic.RetentionMs)
	require.Equal(t, 7*24*time.Hour, b.Topic.SegmentMs)
}

func TestConfigSpecialValues(t *testing.T) {
	c := newBroker()
	require.NoError(t, c.Set("log.retention.ms", "-1"))
	require.Negative(t, c.Topic.RetentionMs)
	require.NoError(t, c.Set("log.retention.hours", "-1"))
	require.NoError(t, c.Set("log.cleanup.policy", " compact , delete"))
	require.True(t, c.Topic.CleanupCompact && c.Topic.CleanupDelete)
	require.NoError(t, c.Set("log.cleaner.min.cleanable.ratio", "0.12345"))
	require.Equal(t, Ratio(1234), c.Topic.MinCleanableDirtyRatio)
	require.NoError(t, c.Set("log.cleaner.min.cleanable.ratio", "1"))
	require.Equal(t, Ratio(ratioUnit), c.Topic.MinCleanableDirtyRatio)
	require.NoError(t, c.Set("log.message.timestamp.difference.max.ms", "100"))
	require.NoError(t, c.Set("log.message.timestamp.after.max.ms", "50"))
	before, after := c.Topic.TimestampBounds()
	require.Equal(t, [2]time.Duration{100 * time.Millisecond, 50 * time.Millisecond},
		[2]time.Duration{before, after})
	r := ThrottledReplicas("0:1,3:2")
	require.True(t, r.Has(3, 2) && !r.Has(3, 1) && ThrottledReplicas("*").Has(7, 7))
	require.False(t, ThrottledReplicas("").Has(0, 1))
}

// What a ratio prints is what it reads.
func TestRatioReadsBack(t *testing.T) {
	p := find(topicTable[:], "min.cleanable.dirty.ratio")
	d := define(topicDefinitions, p.name)
	rapid.Check(t, func(t *rapid.T) {
		var c Topic
		n := rapid.IntRange(0, ratioUnit).Draw(t, "ratio")
		text, err := d.parse(fmt.Sprintf("%d.%04d", n/ratioUnit, n%ratioUnit))
		require.NoError(t, err)
		require.NoError(t, p.set(&c, text))
		require.Equal(t, Ratio(n), c.MinCleanableDirtyRatio)
	})
}

func TestTopicConfigBoundsTogether(t *testing.T) {
	c := newBroker().Topic
	require.NoError(t, c.Set("min.compaction.lag.ms", "10"))
	require.NoError(t, c.validate())
	require.NoError(t, c.Set("max.compaction.lag.ms", "9"))
	require.Error(t, c.validate())
}
