package page

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

// The page says how much of a huge trace it lacks, and why.
func TestPageSaysWhatItLacks(t *testing.T) {
	s := digest.NewCollector().Story(kafka.Run{})
	s.Diagram.Lines, s.Diagram.Left = 320_000, 220_000
	data := string(appendData(nil, s, digest.Lesson{}))
	require.Contains(t, data, `"folded":{"total":320000,"left":220000,"why":"Heartbeats`)
}

// The page has a line for a log start that moves.
func TestPageHasALineForTheLogStart(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "orders"}
	s := &digest.Story{Replicas: []digest.Replica{{Node: "broker-1", TP: tp}}}
	require.Len(t, offsetLines(s, tp), 2)
	s.Replicas[0].LogStart.Add(1*ms, 5)
	lines := offsetLines(s, tp)
	require.Len(t, lines, 3)
	require.Equal(t, "log-start", lines[2].what)
}
