package tools

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func TestConsumeFormats(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "users", Partition: 3}
	records := []*wire.Record{
		{Offset: 7, Timestamp: 1234, Key: []byte("k"), Value: []byte("v\xff\"\n<ä>"), Headers: []wire.RecordHeader{
			{Key: "a", Value: []byte("1")}, {Key: "b"},
		}},
		{Offset: 8, Value: []byte{}},
		{Offset: 9},
	}
	show := func(f Format) (lines []string) {
		render, err := f.renderer()
		require.NoError(t, err)
		for _, r := range records {
			lines = append(lines, string(render([]byte("+"), tp, r)))
		}
		return lines
	}
	require.Equal(t, []string{"+v\xff\"\n<ä>\n", "+\n", "+\n"}, show(Format{Delimiter: `\n`}))
	require.Equal(t, []string{"+k\tv\xff\"\n<ä>;", "+NULL\t;", "+NULL\tNULL;"},
		show(Format{Delimiter: ";", KeyBefore: `\t`, Null: true}))
	require.Equal(t, []string{
		"+users[3]@7 1234 1:8 a=1,b=NULL 100%\x00\x00\x00\x08",
		"+users[3]@8 0 -1:0  100%\x00\x00\x00\x00",
		"+users[3]@9 0 -1:-1  100%\xff\xff\xff\xff",
	}, show(Format{Template: "%t[%p]@%o %T %K:%S %h 100%%%R"}))
	require.Equal(t, []string{"+k=v\xff\"\n<ä>\n", "+NULL=\n", "+NULL=NULL\n"},
		show(Format{Template: `%k=%s\n`, Null: true}))

	for i, line := range show(Format{JSON: true}) {
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(line[1:]), &got), line)
		require.Equal(t, "users", got["topic"])
		require.EqualValues(t, 3, got["partition"])
		require.EqualValues(t, records[i].Offset, got["offset"])
		require.Equal(t, []any{"v\uFFFD\"\n<ä>", "", nil}[i], got["payload"])
	}
	require.Contains(t, show(Format{JSON: true})[0], `"ts":1234,"headers":["a","1","b",null],"key":"k","payload":"v`)
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"0":                         time.UnixMilli(0),
		"1700000000123":             time.UnixMilli(1700000000123),
		"-10m":                      now.Add(-10 * time.Minute),
		"2026-11-23":                now.Add(-12 * time.Hour),
		"2026-11-23T11:00":          now.Add(-time.Hour),
		"2026-11-23 11:59:58":       now.Add(-2 * time.Second),
		"2026-11-23T11:59:58.5":     now.Add(-1500 * time.Millisecond),
		"2026-11-23T11:00:00+00:00": time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC),
	} {
		got, err := parseTime(text, now)
		require.NoError(t, err, text)
		require.True(t, want.Equal(got), "%s: %s", text, got)
	}
	for _, text := range []string{"", "10m", "noon", "2026-13-01"} {
		_, err := parseTime(text, now)
		require.Error(t, err, text)
	}
}
