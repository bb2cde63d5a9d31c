package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

const tunable = `claim: Something holds.
seed: 9
cluster: {brokers: 3}
topics:
  - {name: orders, partitions: 2, replicas: 3, config: {min.insync.replicas: 2}}
  - {name: fixed, assignment: [[1, 2]]}
producers:
  - {name: p1, topic: orders, rate: 10/s, keys: 4}
timeline:
  - {at: 5s, kill: leader(orders-0), for: 3s}
  - {at: 9s, kill: broker-2}
predict: {question: What, answer: That}
expect: {findings: [lost-write], counts: {send.ok: ">= 10"}}
knob: {set: "producers[0].acks=1", moves: lost-write, to: more, question: And now}
`

func tunableScenario(t *testing.T) *Scenario {
	s, err := Parse("tunable.yaml", []byte(tunable))
	require.NoError(t, err)
	return s
}

func TestOverride(t *testing.T) {
	for _, row := range []struct {
		set  []string
		want []string // differences
	}{
		{[]string{"producers[0].acks=1"}, []string{"producers[0].acks: 1"}},
		{[]string{"topics[orders].partitions=5"}, []string{"topics[0].partitions: 5 in place of 2"}},
		{[]string{"cluster.brokers=5"}, []string{"cluster.brokers: 5 in place of 3"}},
		{[]string{"topics[0].config.min.insync.replicas=1"},
			[]string{"topics[0].config.min.insync.replicas: 1 in place of 2"}},
		{[]string{"cluster.config.unclean.leader.election.enable=true"},
			[]string{"cluster.config.unclean.leader.election.enable: true"}},
		{[]string{"topics[1].assignment[0]=[3]"}, []string{"topics[1].assignment[0][0]: 3 in place of 1",
			"without topics[1].assignment[0][1]: 2"}},
		{[]string{"producers[0].keys="}, []string{"without producers[0].keys: 4"}},
		{[]string{"timeline[0]="}, []string{"without timeline[0]: {at: 5s, kill: leader(orders-0), for: 3s}"}},
		{[]string{"timeline[0].for=1s"},
			[]string{"timeline[0]: {at: 5s, kill: leader(orders-0), for: 1s} in place of " +
				"{at: 5s, kill: leader(orders-0), for: 3s}"}},
		{[]string{"cluster.racks=[a, b, c]", "producers[0].linger=5ms", "producers[0].linger=10ms"},
			[]string{"producers[0].linger: 10ms", "cluster.racks[0]: a", "cluster.racks[1]: b", "cluster.racks[2]: c"}},
	} {
		s := tunableScenario(t)
		changed, err := OverrideAll(s, row.set)
		require.NoError(t, err, row.set)
		var got []string
		for _, d := range Differences(s, changed) {
			got = append(got, d.String())
		}
		assert.ElementsMatch(t, row.want, got)
		require.Equal(t, row.set, changed.Set)
		require.Equal(t, s.Seed, changed.Seed)
		require.True(t, changed.Expect.Void)
		require.Empty(t, changed.Expect.Findings, "what was expected of the scenario as written")
		require.Empty(t, changed.Predict.Question, "so is the answer")
		require.False(t, changed.Knob.Supplied())
		require.Equal(t, tunable, s.YAML, "the scenario itself stays")

		again, err := Parse("again.yaml", []byte(changed.YAML))
		require.NoError(t, err, changed.YAML)
		require.Empty(t, Differences(changed, again))
	}
}

// A change of what is expected is judged by what is then expected.
func TestOverrideOfExpectations(t *testing.T) {
	s, err := OverrideAll(tunableScenario(t), []string{"expect.counts.send.ok=<= 3"})
	require.NoError(t, err)
	require.False(t, s.Expect.Void)
	require.Equal(t, []kafka.Anomaly{kafka.LostWrite}, s.Expect.Findings)
	require.Equal(t, []Bound{{"send.ok", "<=", 3}}, s.Expect.Counts)
	require.True(t, s.Knob.Supplied(), "nothing that happens was changed")

	s, err = OverrideAll(tunableScenario(t), []string{"producers[0].acks=1", "expect.findings=[duplicate]"})
	require.NoError(t, err)
	require.False(t, s.Expect.Void)
	require.Equal(t, Expectation{Findings: []kafka.Anomaly{kafka.Duplicate}}, s.Expect)
}

// One clear message: the setting, the place in the file, the nearest path that is there.
func TestBadOverrides(t *testing.T) {
	for set, want := range map[string]string{
		"producers[0].lingr=5ms": `tunable.yaml:8:5: setting producers[0].lingr=5ms: there is no ` +
			`producers[0].lingr (did you mean "producers[0].linger"?)`,
		"producers[0].linger=5": `tunable.yaml:8:5: setting producers[0].linger=5: "5" is no time: ` +
			`write a number with a unit, such as 250ms, 30s or 2m`,
		"producers[2].acks=1":        `:8:3: setting producers[2].acks=1: there is no producers[2] (the last is producers[0])`,
		"producers.acks=1":           `producers is a list: its first entry is producers[0]`,
		"producers[0]acks=1":         `producers is a list: its first entry is producers[0]`,
		"producers[].acks=1":         `producers is a list: its first entry is producers[0]`,
		"producers[x].acks=1":        `there is no producers[x] (the last is producers[0])`,
		"topics[order].partitions=1": `there is no topics[order] (did you mean "topics[orders]"?)`,
		"topic[0].partitions=3": `tunable.yaml:1:1: setting topic[0].partitions=3: there is no topic ` +
			`(did you mean "topics[0].partitions"?)`,
		"topics[0].config.min.insync.replica=1": `there is no topics[0].config.min.insync.replica ` +
			`(did you mean "topics[0].config.min.insync.replicas"?)`,
		"topics[0].config.min.insync.replicas=a": `:5:78: setting topics[0].config.min.insync.replicas=a: ` +
			`min.insync.replicas: "a" is no whole number from 1 to 2147483647`,
		"topics[1].partitions=3": `topics[1] has an assignment, which says how many partitions there are ` +
			`(set topics[1].assignment)`,
		"cluster.brokers=2": `:5:5: setting cluster.brokers=2: topic "orders" wants 3 replicas, but there are ` +
			`2 brokers (at most 2 replicas, or more brokers)`,
		"cluster.config.x.y=1": "there is no cluster.config.x (`sandcastle schema` names all its keys)",
		"consumers[0].group=a": `there are no consumers in tunable.yaml`,
		"claim.x=3":            `claim is a single value and has no x (set claim)`,
		"everything=3":         `there is no everything (paths begin with cluster, consumers, core, duration,`,
		"acks":                 `"acks" sets nothing (write a path, = and a value, as in producers[0].acks=1)`,
		"=3":                   `there is no path`,
		"seed=4":               `the seed is no setting of the scenario (give --seed)`,
		"topics=":              `the scenario needs the key "topics"`,
	} {
		_, err := OverrideAll(tunableScenario(t), []string{set})
		var input *model.InputError
		require.ErrorAs(t, err, &input, set)
		assert.Contains(t, err.Error(), want)
	}
}

// Every lesson can be changed, and what is written then is that lesson with this one change.
func TestOverrideOfEveryLesson(t *testing.T) {
	for _, name := range Lessons() {
		s, err := Lesson(name)
		require.NoError(t, err)
		changed, err := Override(s, "duration", "29999ms")
		if err != nil {
			require.ErrorContains(t, err, "lies after the end", name)
			changed, err = Override(s, "duration", "23h")
		}
		require.NoError(t, err, name)
		again, err := Parse(name, []byte(changed.YAML))
		require.NoError(t, err)
		require.Len(t, Differences(s, again), 1, name)
		require.Equal(t, s.Why, again.Why, name)
		require.Empty(t, again.Narrate, "%s: what is told is told of the scenario as it is written", name)
	}
}

// Whatever is typed: a good scenario, or a message.
func FuzzOverride(f *testing.F) {
	for _, set := range []string{"producers[0].acks=1", "topics[orders].config.min.insync.replicas=1", "cluster=",
		"timeline[1]=", "topics[1].assignment[0]=[3, 1]", "expect.counts.send.ok=>= 3", "a[[0]].=&x *x", "why=- a"} {
		path, value, _ := strings.Cut(set, "=")
		f.Add(path, value)
	}
	f.Fuzz(func(t *testing.T, path, value string) {
		changed, err := Override(tunableScenario(t), path, value)
		if err != nil {
			var input *model.InputError
			require.ErrorAs(t, err, &input)
			return
		}
		again, err := Parse("again.yaml", []byte(changed.YAML))
		require.NoError(t, err, changed.YAML)
		require.Empty(t, Differences(changed, again))
	})
}

func TestBadKnobs(t *testing.T) {
	for _, row := range []struct{ knob, want string }{
		{`{set: "producers[0].ack=1", moves: lost-write, question: a}`,
			`bad.yaml:14:7: knob: setting producers[0].ack=1: there is no producers[0].ack ` +
				`(did you mean "producers[0].acks"?)`},
		{`{set: [acks], moves: lost-write, question: a}`, `knob: "acks" sets nothing`},
		{`{moves: lost-write, question: a}`, `knob needs the key "set"`},
		{`{set: "producers[0].acks=1", moves: lost-write, to: up, question: a}`, `unknown direction "up"`},
	} {
		at := len(tunable) - len(`{set: "producers[0].acks=1", moves: lost-write, to: more, question: And now}`) - 1
		_, err := Parse("bad.yaml", []byte(tunable[:at]+row.knob+"\n"))
		require.ErrorContains(t, err, row.want)
	}
}
