package scenarios

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/cluster"
)

// What the trace says of frames in words is for readers: it changes neither the run nor its hash.
func TestWordsAreNoPartOfTheHash(t *testing.T) {
	s, err := Lesson("producers/lost-ack")
	require.NoError(t, err)
	play := func(o Options) (*Result, string) {
		var trace bytes.Buffer
		if o.Trace != nil {
			o.Trace = &trace
		}
		r, err := Play(s, o)
		require.NoError(t, err)
		return r, trace.String()
	}
	untraced, _ := play(Options{})
	told, words := play(Options{Trace: io.Discard})
	mute, bare := play(Options{Trace: io.Discard, wordless: true})
	require.Equal(t, untraced.Run.TraceHash, told.Run.TraceHash)
	require.Equal(t, untraced.Run.TraceHash, mute.Run.TraceHash)
	require.Equal(t, untraced.History, told.History)
	require.Contains(t, words, `"text":"orders-0: 1 record`)
	require.NotContains(t, bare, `"text":"orders-0: 1 record`)
	require.Regexp(t, `"node":"broker-1","kind":"timer","timer":9,"timer_id":0,"text":"a look for followers`, words)
	require.Regexp(t, `"node":"producer-p1","kind":"timer",[^}]*"text":"a linger, a back-off or a timeout`, words)
	require.Regexp(t, `"node":"zookeeper-1","kind":"timer",[^}]*"text":"a session may be over"`, words)
	require.NotContains(t, words, "a timer of the broker", "every kind has words")
	require.Equal(t, bytes.Count([]byte(words), []byte("\n")), bytes.Count([]byte(bare), []byte("\n")))
}

// FuzzFrames describes any bytes under any label: what cannot be read is said to be so, in a line.
func FuzzFrames(f *testing.F) {
	f.Add("Fetch", int16(12), false, []byte("\x00\x01\x00\x0c\x00\x00\x00\x01\x00\x00"))
	f.Add("Produce", int16(9), true, []byte("\x00\x00\x00\x01\x00\x01\x00"))
	f.Add("zk.create", int16(0), false, []byte("\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x05/a/b/"))
	f.Add("zk.multi", int16(0), true, []byte("\x00\x00\x00\x01\xff\xff"))
	describe := cluster.DescribeFrames()
	f.Fuzz(func(t *testing.T, name string, version int16, reply bool, frame []byte) {
		l := kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Peer: "producer-p1", Kind: "frame", Label: model.Label{
			Name: name, Version: version, Versioned: true, Reply: reply, Correlation: 1}}}
		describe(&l, frame)
		requireFrameWords(t, &l)
	})
}

// requireFrameWords holds a described line to what its readers rely on.
func requireFrameWords(t require.TestingT, l *kafka.TraceLine) {
	require.NotEmpty(t, l.Note.Text, l.Label.Name)
	require.LessOrEqual(t, len(l.Note.Text), 400, l.Label.Name)
	_, err := kafka.ParseTraceLine(l.AppendJSON(nil))
	require.NoError(t, err)
}

// Frames of a real run that are cut short or have a byte changed are described as well, whatever
// their label says: the trace never fails because of what is on the wire.
func TestDamagedFramesAreDescribed(t *testing.T) {
	type frame struct {
		line  kafka.TraceLine
		bytes []byte
	}
	seen := map[string]bool{}
	var frames []frame
	s, err := Lesson("groups/consumers-outnumber-partitions")
	require.NoError(t, err)
	_, err = Play(s, Options{Trace: io.Discard, onFrame: func(l *kafka.TraceLine, b []byte) {
		key := l.Label.Name
		if l.Label.Reply {
			key += " reply"
		}
		if !seen[key] {
			seen[key] = true
			frames = append(frames, frame{*l, bytes.Clone(b)})
		}
	}})
	require.NoError(t, err)
	require.Greater(t, len(frames), 30, "kinds of frames")
	describe := cluster.DescribeFrames()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(frames).Draw(t, "frame")
		label := rapid.SampledFrom(frames).Draw(t, "label").line
		b := bytes.Clone(f.bytes)
		b = b[:rapid.IntRange(0, len(b)).Draw(t, "cut")]
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			if len(b) > 0 {
				b[rapid.IntRange(0, len(b)-1).Draw(t, "where")] = rapid.Byte().Draw(t, "byte")
			}
		}
		describe(&label, b)
		requireFrameWords(t, &label)
	})
}

// benchmarkFrames plays the failover with a consumer, traced or not, with or without words.
func benchmarkFrames(b *testing.B, o Options) {
	s, err := Parse("benchmark.yaml", []byte(failover+"consumers: [{group: billing, topics: [orders]}]\n"))
	require.NoError(b, err)
	for b.Loop() {
		_, err := Play(s, o)
		require.NoError(b, err)
	}
}

// The words of frames may cost a fifth of a traced run, and nothing of one that is not.
func BenchmarkUntraced(b *testing.B) { benchmarkFrames(b, Options{}) }

func BenchmarkTracedWithoutWords(b *testing.B) {
	benchmarkFrames(b, Options{Trace: io.Discard, wordless: true})
}

func BenchmarkTraced(b *testing.B) { benchmarkFrames(b, Options{Trace: io.Discard}) }
