package host

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Of one kind of note a few are written, and the number of the others; damage is always.
func TestNotesDoNotFloodTheLog(t *testing.T) {
	var text bytes.Buffer
	x := newNoteLog(slog.New(slog.NewTextHandler(&text, nil)))
	now := model.Time(0)
	say := func(n kafka.Note) { x.note(now, &n) }
	lost := kafka.Damage{Kind: kafka.DamageCut, File: "o-0/1.log", Bytes: 7, Position: 3, Offset: 12,
		End: kafka.NoOffset, Reason: "torn"}
	for range 1000 {
		say(kafka.Note{Kind: kafka.BecameLeader, Topic: "o"})
		say(kafka.Note{Kind: kafka.LogEnd, Topic: "o"})
		say(lost.Note(kafka.TopicPartition{Topic: "o"}))
	}
	require.Equal(t, notesInWindow, strings.Count(text.String(), "became-leader"))
	require.NotContains(t, text.String(), "log-end")
	require.Equal(t, 1000, strings.Count(text.String(),
		`level=WARN msg="found on the disk: 7 bytes of o-0/1.log are cut off, from offset 12 on: torn"`))
	now += model.Time(noteWindowFor)
	text.Reset()
	say(kafka.Note{Kind: kafka.BecameLeader, Topic: "p"})
	require.Contains(t, text.String(), "note=became-leader count=980")
	require.Contains(t, text.String(), "became-leader p-0")
	for range 30 {
		say(kafka.Note{Kind: kafka.PartitionOffline, Topic: "p"})
	}
	text.Reset()
	x.end()
	require.Contains(t, text.String(), "level=WARN")
	require.Contains(t, text.String(), "note=partition-offline count=10")
	x.end()
	require.Equal(t, 1, strings.Count(text.String(), "count="), "once")
}

// Without -v a log takes warnings and errors: every loss is one.
func TestEveryLossIsAWarning(t *testing.T) {
	for _, name := range []string{"cut", "set-aside", "hole", "short", "dropped", "rebuilt", "ignored"} {
		n := kafka.Note{Kind: kafka.DamageFound, Text: name + " a: b"}
		require.GreaterOrEqual(t, noteLevel(&n), slog.LevelWarn, name)
		require.Contains(t, damageText(&n), "found on the disk: ")
	}
}
