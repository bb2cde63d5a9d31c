package config

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func newBroker() Broker { return NewBroker(1, "broker-1", 9092, "zookeeper-1:2181") }

// Every default reads back as it was written, so DescribeConfigs tells the truth.
func TestConfigDefaultsReadBack(t *testing.T) {
	c := newBroker()
	for _, p := range brokerTable {
		require.Equal(t, p.def, p.text(&c), p.name)
	}
	for _, p := range topicTable {
		require.Equal(t, p.def, p.text(&c.Topic), p.name)
	}
	for _, s := range topicSynonyms {
		require.NotNil(t, find(topicTable[:], s.topic), s.broker)
	}
}

func TestConfigRefuses(t *testing.T) {
	for _, bad := range [][2]string{
		{"log.retention.hours", "soon"}, {"log.roll.hours", "0"}, {"log.roll.ms", "0"},
		{"log.cleaner.min.cleanable.ratio", "1.5"}, {"log.cleaner.min.cleanable.ratio", "-0.1"},
		{"log.cleaner.min.cleanable.ratio", ""}, {"log.cleaner.min.cleanable.ratio", "0.x"},
		{"log.cleanup.policy", "delete,burn"}, {"compression.type", "brotli"},
		{"message.max.bytes", "2147483648"}, {"log.preallocate", "true"}, {"no.such.thing", "1"},
		{"replica.selector.class", "Nearest"}, {"log.message.timestamp.type", "Never"},
		{"controlled.shutdown.enable", "maybe"}, {"log.retention.ms", "-2"},
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
	rapid.Check(t, func(t *rapid.T) {
		var c, again Topic
		c.MinCleanableDirtyRatio = Ratio(rapid.IntRange(0, ratioUnit).Draw(t, "ratio"))
		require.NoError(t, p.set(&again, p.text(&c)))
		require.Equal(t, c.MinCleanableDirtyRatio, again.MinCleanableDirtyRatio)
		_, err := strconv.ParseFloat(p.text(&c), 64)
		require.NoError(t, err)
	})
}

func TestTopicConfigBoundsTogether(t *testing.T) {
	c := newBroker().Topic
	require.NoError(t, c.Set("min.compaction.lag.ms", "10"))
	require.NoError(t, c.validate())
	require.NoError(t, c.Set("max.compaction.lag.ms", "9"))
	require.Error(t, c.validate())
}
