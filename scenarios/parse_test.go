package scenarios

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

const plain = `claim: Something holds.
cluster: {brokers: 3}
topics:
  - {name: orders, partitions: 2, replicas: 3}
producers:
  - {name: p1, topic: orders, rate: 10/s}
consumers:
  - {group: billing, members: 2, topics: [orders]}
timeline:
  - {at: 5s, kill: leader(orders-0)}
`

func TestParse(t *testing.T) {
	s, err := Parse("plain.yaml", []byte(plain))
	require.NoError(t, err)
	require.Equal(t, "Something holds.", s.Claim)
	require.Equal(t, "all", s.Producers[0].Acks)
	require.Equal(t, s.Duration, s.Producers[0].Until)
	require.Equal(
		t,
		Role{"leader", "orders-0", "leader(orders-0)", position{10, 20}},
		s.Timeline[0].Targets[0],
	)
	require.Equal(t, plain, s.YAML)
}

// One clear message: what, where, and what instead.
func TestBadScenarios(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{"claim:", "clam:", `bad.yaml:1:1: unknown key in the scenario "clam" (did you mean "claim"?)`},
		{"rate: 10/s", "rate: 10", `bad.yaml:6:37: "10" is no rate: write a number per time, such as 200/s`},
		{"at: 5s", "at: 5", `bad.yaml:10:10: "5" is no time: write a number with a unit, such as 250ms, 30s or 2m`},
		{"at: 5s", "at: 31s", `bad.yaml:10:5: a timeline entry at 31s lies after the end at 30s (make duration longer)`},
		{"leader(", "leeder(", `bad.yaml:10:20: unknown role "leeder" (did you mean "leader"?)`},
		{"leader(orders-0)", "leader(orders-7)", `bad.yaml:10:20: leader(orders-7): there is no partition orders-7`},
		{"leader(orders-0)", "broker-4", `bad.yaml:10:20: no node is called "broker-4" (did you mean "broker-1"?)`},
		{"leader(orders-0)", "controller(1)", `bad.yaml:10:20: role "controller" takes no argument`},
		{"kill:", "kil:", `bad.yaml:10:14: unknown key in a timeline entry "kil" (did you mean "kill"?)`},
		{"replicas: 3", "replicas: 4", `bad.yaml:4:5: topic "orders" wants 4 replicas, but there are 3 brokers (at most 3 replicas, or more brokers)`},
		{"topic: orders", "topic: order", `bad.yaml:6:5: no topic is called "order" (did you mean "orders"?)`},
		{"members: 2", "members: none", `bad.yaml:8:31: "none" is no whole number from 1 to 1000`},
		{"topics: [orders]", "topics: orders", `bad.yaml:8:42: topics must be a list (write [a, b] or one per line with a dash)`},
		{"{brokers: 3}", "{brokers: 3, config: {replica.lag.max.ms: 10}}",
			`bad.yaml:2:32: unknown broker configuration "replica.lag.max.ms" (did you mean "replica.lag.time.max.ms"?)`},
		{"{brokers: 3}", "{brokers: 3, config: {num.partitions: many}}",
			`bad.yaml:2:48: num.partitions: "many" is no whole number from 1 to 2147483647`},
		{"{brokers: 3}", "{brokers: 3, hardware: labtop}",
			`bad.yaml:2:33: unknown hardware profile "labtop" (did you mean "laptop"?)`},
		{"cluster: {brokers: 3}\n", "", `bad.yaml:1:1: the scenario needs the key "cluster" (The brokers and what they run on.)`},
		{"cluster: {brokers: 3}", "cluster: {brokers: 3", "not YAML"},
		{"claim: Something holds.", "claim: a\nclaim: b", `bad.yaml:2:1: key "claim" stands twice`},
		{"at: 5s", "when: leader-electd", `bad.yaml:10:12: unknown event "leader-electd" (did you mean "leader-elected"?)`},
		{"rate: 10/s", "rate: 10/s, size: 100", `bad.yaml:6:49: "100" is no size: write a number with a unit, such as 100B, 16KiB or 1MiB`},
		{"timeline:", "expect: {counts: {send.okay: \">= 1\"}}\ntimeline:",
			`bad.yaml:9:19: no run has a number called "send.okay" (did you mean "send.ok"?)`},
		{"timeline:", "expect: {counts: {ack.p99: \">= 1\"}}\ntimeline:",
			`bad.yaml:9:28: ack.p99: "1" is no time: write a number with a unit`},
		{"timeline:", "expect: {counts: {send.ok: \"> 1\"}}\ntimeline:",
			"bad.yaml:9:28: \"> 1\" is no bound (write {send.ok: \">= 10\"}, with >=, <= or = and a space)"},
		{"rate: 10/s", "rate: 10/s, values: [a, a]", `value "a" is empty or stands twice`},
		{"timeline:", "predict: {question: a, answer: b, at: held(reader)}\ntimeline:",
			"bad.yaml:9:10: predict: at waits for an event of the protocol, not for a held message"},
		{"timeline:", "predict: {question: a, answer: b, at: leader-electd}\ntimeline:",
			`unknown event "leader-electd" (did you mean "leader-elected"?)`},
	} {
		require.Contains(t, plain, row.from)
		_, err := Parse("bad.yaml", []byte(strings.Replace(plain, row.from, row.to, 1)))
		var input *model.InputError
		require.ErrorAs(t, err, &input, "%s", row.to)
		assert.Contains(t, err.Error(), row.want)
		require.NotZero(t, input.Line, "%s", row.to)
	}
	_, err := Parse("empty.yaml", nil)
	require.ErrorContains(t, err, "the file is empty")
}

func TestUnknownLesson(t *testing.T) {
	_, err := Lesson("leader-failovr")
	require.ErrorContains(t, err, `did you mean "leader-failover"?`)
}

// The schema is valid JSON and knows every key that a lesson uses.
func TestSchema(t *testing.T) {
	b, err := Schema()
	require.NoError(t, err)
	var schema struct {
		Properties map[string]any `json:"properties"`
		Required   []string       `json:"required"`
		Additional bool           `json:"additionalProperties"`
	}
	require.NoError(t, json.Unmarshal(b, &schema))
	require.ElementsMatch(t, []string{"claim", "cluster", "topics"}, schema.Required)
	require.Contains(t, schema.Properties, "timeline")
	require.False(t, schema.Additional)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(plain))
	for _, name := range Lessons() {
		s, err := Lesson(name)
		require.NoError(f, err)
		f.Add([]byte(s.YAML))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Parse("fuzz.yaml", data); err != nil {
			var input *model.InputError
			require.ErrorAs(t, err, &input)
		}
	})
}
