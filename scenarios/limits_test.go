package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// What would not fit into a machine is refused before it is played: how much it would be, and how
// much may be.
func TestLimits(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{"rate: 10/s", "rate: 1000000000/s", `plain.yaml:6:5: producer "p1" would send 30000000000 records of ` +
			"100 B, 8381 GiB with every replica (a scenario may have 5000000 records and 4 GiB in the logs"},
		{"rate: 10/s", "size: 1000GiB", `plain.yaml:6:5: producer "p1" would send 0 records of 1000 GiB, 0 B`},
		{"rate: 10/s", "rate: 10/s, size: 90MiB", "300 records of 90 MiB, 79 GiB with every replica"},
		{"kill: leader(orders-0)", "send: producer-p1, count: 6000000", "is no whole number from 1 to"},
		{"kill: leader(orders-0)", "send: producer-p1, count: 1000000}\n  - {at: 6s, send: all, count: 1000000}\n" +
			"  - {at: 7s, send: all, count: 1000000}\n  - {at: 7s, send: all, count: 1000000}\n" +
			"  - {at: 8s, send: all, count: 1000000", "would send 5000300 records"},
		{"partitions: 2", "partitions: 10001", "is no whole number from 1 to 10000"},
		{"replicas: 3}", "replicas: 3}\n  - {name: a, partitions: 10000, replicas: 3}\n" +
			"  - {name: b, partitions: 10000, replicas: 3}", `6:5: with topic "b" the brokers would hold 60006`},
		{"members: 2", "topics: [orders], members: 1000}\n  - {group: g, members: 1000",
			"9:5: that makes 2001 producers and consumers"},
		{"rate: 10/s", "batch: 3GiB", "6:38: 3GiB is more than 2147483647 bytes"},
		{"claim:", "settle: 2h\nclaim:", "1:9: 2h is more than 1h0m0s"},
		{"claim:", "duration: 25h\nclaim:", "1:11: 25h is longer than a run can be, which is 24h0m0s"},
		{"brokers: 3", "brokers: 201", "is no whole number from 1 to 200"},
		{"brokers: 3", "brokers: 3, config: {offsets.topic.num.partitions: 2147483647}",
			"2:32: offsets.topic.num.partitions=2147483647 would be more partitions than a scenario may have, 10000"},
		{"brokers: 3", "brokers: 3, config: {num.partitions: 20000}", "2:32: num.partitions=20000"},
		{"rate: 10/s", "rate: 10/s, values: [" + strings.Repeat("a, ", 1001) + "]",
			"values has 1001 entries, and may have 1000"},
		{"claim: S", "claim: S" + strings.Repeat("s", 10_000), "a text of 10016 bytes"},
		{"claim: S", "claim: S" + strings.Repeat("s", 1<<20), "1:1: a scenario has at most 1 MiB"},
	} {
		require.Contains(t, plain, row.from)
		_, err := Parse("plain.yaml", []byte(strings.Replace(plain, row.from, row.to, 1)))
		var input *model.InputError
		require.ErrorAs(t, err, &input, row.to)
		require.Contains(t, err.Error(), row.want)
		require.NotZero(t, input.Line)
	}
}

// Kafka's rules for names hold where they are written, not two minutes later.
func TestNames(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{"name: orders", "name: ../../x", `4:12: "../../x" is a topic name that Kafka refuses: topic name ../../x has`},
		{"name: orders", "name: ..", "4:12: \"..\" is a topic name that Kafka refuses"},
		{"name: orders", "name: " + strings.Repeat("o", 250), "cannot be longer than 249 characters"},
		{"name: orders", "name: __consumer_offsets", "is a topic of Kafka's own"},
		{"name: orders", "name: \"a\\e[2J\"", "4:12: \"a\\x1b[2J\" has the control character U+001B"},
		{"replicas: 3}", "replicas: 3}\n  - {name: a.b}\n  - {name: a_b}",
			`6:5: Kafka refuses topic "a_b": it collides with "a.b"`},
		{"replicas: 3}", "assignment: [[1, 1]]}", "4:5: Kafka refuses a partition that has broker 1 twice"},
		{"partitions: 2, replicas: 3}", "assignment: [[1, 2], [1]]}", "4:5: Kafka refuses topic \"orders\": its"},
		{"name: p1", "name: \"p\\e[2J\"", `6:12: "p\x1b[2J" is no name`},
		{"name: p1", "name: p 1", `6:12: "p 1" is no name`},
		{"name: p1", `name: ""`, `6:12: "" is no name`},
		{"group: billing", "group: \"g\\u0007\"", "8:13: \"g\\a\" has the control character U+0007"},
		{"group: billing", "group: \"a\\nb\"", "8:13: \"a\\nb\" is one line, without tabs"},
		{"Something holds.", "\"a\\e]0;pwned\\a\"", `1:8: "a\x1b]0;pwned\a" has the control character U+001B`},
		{"Something holds.", `"\u0080"`, "has the control character U+0080"},
		{"Something holds.", `""`, "1:8: there are no words here"},
		{"claim:", "---\nclaim: x\n---\nclaim:", "3:1: a second scenario in one file"},
	} {
		require.Contains(t, plain, row.from)
		_, err := Parse("plain.yaml", []byte(strings.Replace(plain, row.from, row.to, 1)))
		var input *model.InputError
		require.ErrorAs(t, err, &input, row.to)
		require.Contains(t, err.Error(), row.want)
		require.NotZero(t, input.Line)
	}
}

// A run that would go on is ended after a number of events, and is no run of which anything is
// claimed.
func TestRunsEnd(t *testing.T) {
	s, err := Parse("plain.yaml", []byte(plain+"expect: {findings: [stuck]}\n"))
	require.NoError(t, err)
	r, err := Play(s, Options{MaxEvents: 2000})
	require.NoError(t, err)
	require.InDelta(t, 2000, r.Run.Events, 10, "what the runner asks for within an event is done")
	require.Equal(t, kafka.VerdictUnsettled, r.Run.Verdict)
	require.Contains(t, r.Run.Reason, "the run was ended after 200")
}
