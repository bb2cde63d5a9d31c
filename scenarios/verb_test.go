package scenarios

import (
	"bytes"
	"fmt"
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
consumers: [{group: g, topics: [t]}]
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
		"seek":            {entry: "seek: consumer-1, partition: t-0, offset: 0", command: "t-0"},
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
		"power-loss: broker-1":                                       {"  - {at: 3s, power-loss: broker-1}", "it has no power"},
		"close: producer-p1":                                         {"  - {at: 3s, kill: producer-p1}", "it does not run"},
		"send: producer-p1, values: [x]":                             {"  - {at: 3s, kill: producer-p1}", "it does not run"},
		"delete-key: producer-p1, key: k":                            {"  - {at: 3s, kill: producer-p1}", "it does not run"},
		"seek: consumer-1, partition: t-0, offset: 0":                {"  - {at: 3s, kill: consumer-1}", "it does not run"},
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
