package scenarios

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// verbCluster is a cluster in which every verb can be tried: at 4 s, after what comes first.
const verbCluster = `claim: Every verb leaves a line.
duration: 8s
cluster: {brokers: 3}
topics: [{name: t, partitions: 2, replicas: 3}]
producers: [{name: p1, topic: t, rate: 20/s}]
consumers: [{group: g, topics: [t]}, {assign: [t-1]}]
timeline:
%s
  - {at: 4s, %s}
expect: {findings: none}
`

// tried plays one entry of a timeline, perhaps with entries before it, and returns the trace's lines from
// 4 s on.
func tried(t *testing.T, before, entry string) []kafka.TraceLine {
	yaml := fmt.Sprintf(verbCluster, before, entry)
	s, err := Parse("verb.yaml", []byte(yaml))
	require.NoError(t, err, yaml)
	var trace bytes.Buffer
	_, err = Play(s, Options{Trace: &trace})
	require.NoError(t, err)
	var lines []kafka.TraceLine
	for b := range bytes.Lines(trace.Bytes()) {
		l, err := kafka.ParseTraceLine(b)
		require.NoError(t, err)
		if l.At >= model.Time(4e9) {
			lines = append(lines, l)
		}
	}
	return lines
}

// Whatever a timeline does is in the trace: as a fault with the verb's name, or as the command by which a
// process is asked.
func TestEveryVerbIsInTheTrace(t *testing.T) {
	const anyFetch = "to: brokers, api: Fetch"
	cases := map[string]struct{ before, entry, command string }{
		"kill":            {entry: "kill: broker-1"},
		"stop":            {entry: "stop: broker-1", command: "shutdown"},
		"power-loss":      {entry: "power-loss: broker-1"},
		"restart":         {entry: "restart: broker-1", command: "start broker-1"},
		"pause":           {entry: "pause: broker-1"},
		"resume":          {before: "  - {at: 3s, pause: broker-1}", entry: "resume: broker-1"},
		"close":           {entry: "close: producer-p1", command: "close"},
		"cut":             {entry: "cut: broker-1, to: broker-2"},
		"cut-one-way":     {entry: "cut-one-way: broker-1, to: broker-2", command: "cut broker-1 > broker-2"},
		"cut-control":     {entry: "cut-control: broker-1"},
		"slow":            {entry: "slow: broker-1, to: broker-2, by: 50ms"},
		"reset":           {entry: "reset: broker-1, to: broker-2"},
		"hold":            {entry: "hold: brokers, " + anyFetch},
		"drop":            {entry: "drop: brokers, " + anyFetch},
		"postpone":        {entry: "postpone: brokers, by: 1s, " + anyFetch, command: "delay Fetch"},
		"release":         {before: "  - {at: 3s, hold: brokers, name: h, " + anyFetch + "}", entry: "release: h", command: "hold Fetch"},
		"discard":         {before: "  - {at: 3s, hold: brokers, name: h, " + anyFetch + "}", entry: "discard: h", command: "drop Fetch"},
		"fill-disk":       {entry: "fill-disk: broker-1", command: "disk broker-1 full"},
		"fail-disk":       {entry: "fail-disk: broker-1", command: "disk broker-1 failing"},
		"fail-flush":      {entry: "fail-flush: broker-1", command: "disk broker-1 flush-failing"},
		"wipe":            {entry: "wipe: broker-1"},
		"cut-tail":        {entry: "cut-tail: broker-1, partition: t-0, records: 1"},
		"drop-marker":     {before: "  - {at: 2s, stop: broker-1}", entry: "drop-marker: broker-1"},
		"lead":            {entry: "lead: broker-1, partition: t-0", command: "t-0"},
		"forbid":          {entry: "forbid: broker-1, partition: t-0", command: "t-0"},
		"add-partitions":  {entry: "add-partitions: t, partitions: 3", command: "t"},
		"alter-config":    {entry: "alter-config: t, config: {retention.ms: 5000}", command: "retention.ms"},
		"delete-records":  {entry: "delete-records: t-0", command: "t-0"},
		"elect-preferred": {entry: "elect-preferred: t-0", command: "t-0"},
		"elect-unclean":   {entry: "elect-unclean: t-0", command: "t-0"},
		"reassign":        {entry: "reassign: t-0, replicas: [3, 2, 1]", command: "t-0"},
		"send":            {entry: "send: producer-p1, values: [hello]", command: "t"},
		"delete-key":      {entry: "delete-key: producer-p1, key: k", command: "t"},
		"slow-disk":       {entry: "slow-disk: broker-1, by: 50ms"},
		"create-topic":    {before: "  - {at: 3s, delete-topic: t}", entry: "create-topic: t", command: "create-topic t"},
		"delete-topic":    {entry: "delete-topic: t", command: "delete-topic t"},
		"change":          {entry: "change: producer-p1, rate: 50/s"},
		"pause-partition": {entry: "pause-partition: consumer-1, partition: t-0", command: "pause-partition t-0"},
		"resume-partition": {before: "  - {at: 3s, pause-partition: consumer-1, partition: t-0}",
			entry: "resume-partition: consumer-1, partition: t-0", command: "resume-partition t-0"},
		"describe":      {entry: "describe: groups", command: "list-groups"},
		"seek-to-time":  {entry: "seek-to-time: consumer-1, partition: t-0, timestamp: 3s", command: "seek-to-time t-0"},
		"assign":        {entry: "assign: consumer-2, partition: t-0, offset: 5", command: "assign t-0"},
		"rot":           {before: "  - {at: 3s, send: producer-p1, partition: t-0}", entry: "rot: broker-1, partition: t-0, count: 3"},
		"misdirect":     {entry: "misdirect: broker-1, count: 3"},
		"tear":          {entry: "tear: broker-1", command: "power-loss broker-1 torn"},
		"flap":          {entry: "flap: broker-1, to: broker-2, every: 500ms"},
		"ring":          {entry: "ring: [brokers, zookeeper]"},
		"bridge":        {entry: "bridge: brokers"},
		"swizzle":       {entry: "swizzle: brokers, for: 2s"},
		"attrit":        {entry: "attrit: brokers, every: 1s, leave: 2"},
		"roll":          {entry: "roll: brokers, every: 1s"},
		"delete-group":  {entry: "delete-group: g", command: "delete-groups g"},
		"reset-offsets": {entry: "reset-offsets: g, partition: t-0, offset: 0", command: "alter-consumer-group-offsets g"},
		"duplicate":     {entry: "duplicate: producer-p1, to: brokers, api: Produce, by: 300ms"},
		"reorder":       {entry: "reorder: brokers, to: brokers, api: Fetch, count: 3"},
		"shift-clock":   {entry: "shift-clock: broker-1, by: -3s"},
		"drift-clock":   {entry: "drift-clock: brokers, by: 200ppm"},
		"answer":        {entry: "answer: producer-p1, api: Produce, error: UNKNOWN_SERVER_ERROR"},
		"seek":          {entry: "seek: consumer-1, partition: t-0, offset: 0", command: "t-0"},
	}
	for _, name := range verbNames() {
		c, tested := cases[name]
		require.True(t, tested, "%s is not tried", name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := false
			for _, l := range tried(t, c.before, c.entry) {
				world := l.Kind == model.TraceFault || l.Kind == model.TraceHeal
				if world {
					require.NotNil(t, l.Fault)
					require.Equal(t, l.Note.Text, l.Fault.Words())
					require.Empty(t, l.Fault.Failed)
				}
				switch {
				case c.command == "":
					found = found || world && l.Fault.Verb == name
				case world || l.Kind == model.Commanded.String():
					found = found || bytes.Contains([]byte(l.Note.Text), []byte(c.command))
				}
			}
			require.True(t, found, "no line of the trace says so")
		})
	}
}

// What a timeline attempts in vain is in the trace with the reason, and changes nothing.
func TestVainAttemptsSayWhy(t *testing.T) {
	dead := "  - {at: 3s, kill: broker-1}"
	for entry, c := range map[string]struct{ before, why string }{
		"kill: broker-1":                                             {dead, "it does not run"},
		"kill: leader(t-1)":                                          {"  - {at: 3s, kill: brokers}", model.NobodyNow},
		"stop: broker-1":                                             {dead, "it does not run"},
		"pause: broker-1":                                            {dead, "it does not run"},
		"rot: broker-1, partition: t-0":                              {"  - {at: 3s, wipe: broker-1}", "there is no record of t-0"},
		"rot: zookeeper, files: index":                               {"", "there is no such file"},
		"ring: brokers":                                              {"", "of fewer than four nodes each is the neighbour of all others"},
		"bridge: [broker-1, broker-2]":                               {"", "a bridge needs at least three nodes"},
		"tear: broker-1":                                             {"  - {at: 3s, power-loss: broker-1}", "it has no power"},
		"power-loss: broker-1":                                       {"  - {at: 3s, power-loss: broker-1}", "it has no power"},
		"close: producer-p1":                                         {"  - {at: 3s, kill: producer-p1}", "it does not run"},
		"send: producer-p1, values: [x]":                             {"  - {at: 3s, kill: producer-p1}", "it does not run"},
		"delete-key: producer-p1, key: k":                            {"  - {at: 3s, kill: producer-p1}", "it does not run"},
		"seek: consumer-1, partition: t-0, offset: 0":                {"  - {at: 3s, kill: consumer-1}", "it does not run"},
		"assign: consumer-1, partition: t-0, offset: 0":              {"", "it is in a group, which gives it its partitions"},
		"forbid: broker-1, partition: t-0":                           {dead, "it does not run"},
		"lead: broker-1, partition: t-0":                             {dead, model.NobodyNow},
		"drop-marker: broker-1":                                      {"", "it runs"},
		"release: h":                                                 {"  - {at: 3s, hold: broker-1, to: broker-2, api: ListGroups, name: h}", "nothing is held"},
		"cut: producer-p1, to: leader(t-1)":                          {"  - {at: 3s, kill: brokers}", model.NobodyNow},
		"slow: producer-p1, to: leader(t-1), by: 5ms":                {"  - {at: 3s, kill: brokers}", model.NobodyNow},
		"reset: producer-p1, to: leader(t-1)":                        {"  - {at: 3s, kill: brokers}", model.NobodyNow},
		"drop: producer-p1, to: leader(t-1), api: Fetch":             {"  - {at: 3s, kill: brokers}", model.NobodyNow},
		"hold: producer-p1, to: leader(t-1), api: Fetch":             {"  - {at: 3s, kill: brokers}", model.NobodyNow},
		"postpone: producer-p1, to: leader(t-1), by: 1s, api: Fetch": {"  - {at: 3s, kill: brokers}", model.NobodyNow},
		"cut: broker-1, to: broker-1":                                {"", "both are the same node"},
		"slow: broker-1, to: broker-1, by: 5ms":                      {"", "both are the same node"},
		"reset: broker-1, to: broker-1":                              {"", "both are the same node"},
		"cut: broker-1, to: broker-2":                                {"  - {at: 3s, cut: broker-2, to: broker-1}", "it is so already"},
		"cut-one-way: broker-1, to: broker-2":                        {"  - {at: 3s, cut: broker-2, to: broker-1}", "it is so already"},
		"lead: broker-2, partition: t-0":                             {"  - {at: 3900ms, kill: controller}", "there is no controller"},
	} {
		t.Run(entry, func(t *testing.T) {
			t.Parallel()
			var failed []string
			for _, l := range tried(t, c.before, entry) {
				if l.Fault != nil && l.Fault.Failed != "" {
					failed = append(failed, l.Fault.Failed)
				}
			}
			require.Equal(t, []string{c.why}, failed)
		})
	}
}

// What cannot be meant is refused with what would be right.
func TestNewWordsAreChecked(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{"kill: leader(orders-0)", "slow-disk: producer-p1, by: 5s", "10:25: slow-disk is done to brokers and ZooKeeper"},
		{"kill: leader(orders-0)", "slow-disk: broker-1", "10:5: slow-disk needs `by`"},
		{"kill: leader(orders-0)", "delete-topic: order", `no topic is called "order" (did you mean "orders"?)`},
		{"kill: leader(orders-0)", "create-topic: orders, replicas: [1]", "create-topic takes no `replicas`"},
		{"kill: leader(orders-0)", "change: producer-p1", "10:5: change changes nothing"},
		{"kill: leader(orders-0)", "change: producer-p1, process: 1s", "10:22: producer-p1 is a producer and has no `process`"},
		{"kill: leader(orders-0)", "change: consumer-1, rate: 1/s", "10:22: consumer-1 is a consumer and has no `rate`"},
		{"kill: leader(orders-0)", "change: producer-p1, rate: 1000000/ms", "would send 25000000300 records"},
		{"kill: leader(orders-0)", "pause-partition: broker-1, partition: orders-0", "pause-partition is done to consumers"},
		{"kill: leader(orders-0)", "pause-partition: consumer-1, partition: orders-9", "there is no partition orders-9"},
		{"kill: leader(orders-0)", "answer: producer-p1, api: Produce, error: NOT_LEADER", `10:56: unknown error "NOT_LEADER" (did you mean "NOT_LEADER_OR_FOLLOWER"?)`},
		{"kill: leader(orders-0)", "answer: producer-p1, api: CreateTopics, error: NOT_CONTROLLER", "10:5: nobody answers CreateTopics with an error here (it can be Produce, Fetch"},
		{"kill: leader(orders-0)", "answer: producer-p1, api: Produce, error: NOT_CONTROLLER, to: consumer-1", "is answered by brokers"},
		{"kill: leader(orders-0)", "send: producer-p1, timestamp: yesterday", `10:44: "yesterday" is no timestamp`},
		{"kill: leader(orders-0)", "send: producer-p1, timestamp: 1969-12-31", "from 1970-01-01 on"},
		{"kill: leader(orders-0)", "send: producer-p1, headers: [a]", "headers must be a mapping (write {trace: abc})"},
		{"topics:\n", "topics:\n  - {name: other}\n", ""},
		{"timeline:\n  - {at: 5s, kill: leader(orders-0)}", "timeline:\n  - {at: 5s, send: producer-p1, partition: orders-7}", "there is no partition orders-7"},
		{"members: 2", "members: 2, assignor: stiky", `8:44: unknown partition.assignment.strategy "stiky" (did you mean "sticky"?)`},
		{"members: 2", "members: 2, config: {max.pol.records: 5}", `unknown consumer configuration "max.pol.records" (did you mean "max.poll.records"?)`},
		{"members: 2", "members: 2, config: {max.poll.records: 0}", "max.poll.records: \"0\" is no whole number from 1 to 100000"},
		{"members: 2", "members: 2, config: {session.timeout.ms: 5}", "8:43: session.timeout.ms has a word of its own here: `session`"},
		{"members: 2", "members: 2, instance: a, config: {group.instance.id: b}", "group.instance.id: \"b\" cannot be it (write it once"},
		{"rate: 10/s", "rate: 10/s, config: {max.request.size: 1GB}", "max.request.size: \"1GB\" is no whole number"},
		{"brokers: 3", "brokers: 3, config: {offsets.retention.minutes: 0}", "offsets.retention.minutes"},
	} {
		require.Contains(t, plain, row.from)
		_, err := Parse("plain.yaml", []byte(strings.Replace(plain, row.from, row.to, 1)))
		if row.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, row.want)
	}
}

// A `by` is read as what its verb wants.
func TestByIsWhatTheVerbWants(t *testing.T) {
	for entry, want := range map[string]string{
		"shift-clock: broker-1, by: -3s":               "",
		"shift-clock: broker-1, by: 1h":                "",
		"drift-clock: broker-1, by: -200ppm":           "",
		"shift-clock: broker-1, by: 200ppm":            "10:41: `by` of shift-clock is a time, and not 200ppm",
		"drift-clock: broker-1, by: 3s":                "`by` of drift-clock is how many millionths the clock runs fast (write 200ppm",
		"drift-clock: broker-1, by: 600000ppm":         "at most 500000ppm",
		"drift-clock: broker-1, by: xppm":              `"xppm" is no drift of a clock`,
		"slow-disk: broker-1, by: -3s":                 "`by` of slow-disk is a time, and not -3s",
		"slow: broker-1, to: broker-2, by: 5ppm":       "`by` of slow is a time, and not 5ppm",
		"slow-disk: broker-1, by: 3":                   `"3" is no time`,
		"shift-clock: broker-1":                        "shift-clock needs `by`",
		"shift-clock: broker-1, to: broker-2, by: -3s": "shift-clock takes no `to`",
	} {
		_, err := Parse("by.yaml", []byte(strings.Replace(plain, "kill: leader(orders-0)", entry, 1)))
		if want == "" {
			require.NoError(t, err, entry)
			continue
		}
		require.ErrorContains(t, err, want, entry)
	}
}
