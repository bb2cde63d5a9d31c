package config

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// line writes a setting as testdata/described.tsv does.
func line(kind string, d Described) string {
	value := "(null)"
	if d.Value != nil {
		value = strconv.Quote(*d.Value)
	}
	synonyms := make([]string, len(d.ConfigSynonyms))
	for i, s := range d.ConfigSynonyms {
		synonyms[i] = s.Name
	}
	return strings.Join([]string{
		kind, d.Name, strings.ToUpper(d.ConfigType.String()), strconv.FormatBool(d.ReadOnly),
		strconv.FormatBool(d.IsSensitive), value, strings.TrimSuffix(d.Source.String(), "_CONFIG"),
		strings.Join(synonyms, " "),
	}, "\t")
}

// All settings are described as Apache Kafka 3.9.0 described its own, with the same ones set.
func TestDescribedAsKafkaDoes(t *testing.T) {
	text, err := os.ReadFile("testdata/described.tsv")
	require.NoError(t, err)
	static := NewBroker(1, "localhost", 9092, "localhost:2181")
	own, kafkas := map[string]string{}, map[string]string{}
	for l := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		if strings.HasPrefix(l, "#") {
			continue
		}
		kafkas[f[0]+" "+f[1]] = strings.Join(f, "\t")
		value, err := strconv.Unquote(f[5])
		switch {
		case err != nil:
		case f[6] == "STATIC_BROKER" && f[0] == "broker":
			require.NoError(t, static.Set(f[1], value))
		case f[6] == "DYNAMIC_TOPIC":
			own[f[1]] = value
		}
	}
	s := NewSettings(static)
	check := func(kind string, described []Described) {
		for _, d := range described {
			want := strings.Split(kafkas[kind+" "+d.Name], "\t")
			got := strings.Split(line(kind, d), "\t")
			if len(want) > 5 && want[5] == "(set here)" {
				want[5], got[5] = "", ""
			}
			require.Equal(t, want, got)
			delete(kafkas, kind+" "+d.Name)
		}
	}
	check("broker", s.DescribeBroker())
	check("topic", s.DescribeTopic(own))
	require.Empty(t, kafkas, "all are described")
}

// Passwords, and what may be one, are never shown.
func TestDescribeHidesSecrets(t *testing.T) {
	static := newBroker()
	require.NoError(t, static.Set("ssl.key.password", "hunter2"))
	require.NoError(t, static.Set("listener.name.internal.ssl.keystore.password", "hunter2"))
	require.NoError(t, static.Set("super.users", "User:hunter2"))
	s := NewSettings(static)
	require.True(t, s.ApplyBroker("1", map[string]string{"no.such": "hunter2"}))
	seen := 0
	for _, d := range s.DescribeBroker() {
		require.NotContains(t, line("broker", d), "hunter2")
		for _, synonym := range d.ConfigSynonyms {
			require.True(t, synonym.Value == nil || *synonym.Value != "hunter2", d.Name)
		}
		switch d.Name {
		case "ssl.key.password", "listener.name.internal.ssl.keystore.password", "super.users", "no.such":
			require.True(t, d.IsSensitive)
			seen++
		}
	}
	require.Equal(t, 4, seen)
}

// What is set of another broker, right or wrong, is none of this one's business; of its own and of
// all brokers' settings a wrong one is passed over alone.
func TestApplyBrokerPassesOverWhatIsWrong(t *testing.T) {
	s := NewSettings(newBroker())
	require.True(t, s.ApplyBroker("1", map[string]string{"log.segment.bytes": "2000"}))
	require.False(t, s.ApplyBroker("2", map[string]string{"log.segment.bytes": "x"}))
	require.False(t, s.ApplyBroker("2", map[string]string{"log.segment.bytes": "3000"}))
	require.EqualValues(t, 2000, s.Broker().Topic.SegmentBytes)
	require.True(t, s.ApplyBroker("1", map[string]string{
		"log.segment.bytes": "4000", "log.retention.ms": "soon", "num.partitions": "7",
	}))
	require.EqualValues(t, 4000, s.Broker().Topic.SegmentBytes)
	require.EqualValues(t, 1, s.Broker().NumPartitions, "it is read-only")
	require.True(t, s.ApplyBroker(AllBrokers, map[string]string{
		"listeners": "PLAINTEXT://x:1", "log.retention.ms": "5000",
	}))
	require.EqualValues(t, 5000, s.Broker().Topic.RetentionMs.Milliseconds())
	require.Empty(t, s.all["listeners"], "one broker's alone")
}

// What one setting alone does not show is refused of a broker's settings together.
func TestBrokerSettingsTogether(t *testing.T) {
	for _, row := range [][2]string{
		{"replica.fetch.wait.max.ms", "40000"}, {"replica.lag.time.max.ms", "100"},
		{"replica.socket.timeout.ms", "100"}, {"log.cleaner.threads", "128"},
		{"log.cleaner.dedupe.buffer.size", "1000"}, {"offsets.commit.required.acks", "4"},
		{"max.connections.per.ip", "0"}, {"max.connections.per.ip.overrides", "localhost"},
		{"connections.max.idle.ms", "100"}, {"log.cleaner.min.compaction.lag.ms", "9223372036854775807"},
	} {
		c := newBroker()
		require.NoError(t, c.Set("log.cleaner.max.compaction.lag.ms", "1000000"))
		require.NoError(t, c.Validate())
		require.NoError(t, c.Set(row[0], row[1]))
		require.Error(t, c.Validate(), "%q", row)
	}
}
