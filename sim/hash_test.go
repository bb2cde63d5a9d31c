package sim

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// Whatever a trace or a history would show moves the hash, also when neither is kept.
func TestTheHashCoversNotesAndHistory(t *testing.T) {
	play := func(note model.Note, op model.Op) uint64 {
		w, _, _ := pair(t, Config{Seed: 1}, plain)
		w.Command("a", do{func(_ model.Time, out *model.Effects) {
			out.Note(note)
			out.Op(op)
		}})
		return w.Hash()
	}
	tp := model.TopicPartition{Topic: "t"}
	notes := []model.Note{
		{}, {Kind: model.LogEnd}, {Topic: "t"}, {Partition: 1}, {Broker: 1}, {Epoch: 1}, {Offset: 1},
		{Group: "g"}, {Member: "m"}, {Generation: 1}, {Text: "x"}, {Brokers: []model.BrokerID{1}},
		{Partitions: []model.TopicPartition{tp}},
	}
	ops := []model.Op{
		{ID: 1}, {Type: model.OK}, {F: model.FPoll}, {Error: "X"}, {Keys: []string{"t-0"}},
		{Value: []model.Mop{{Key: tp}}}, {Value: []model.Mop{{Key: tp, Value: "v"}}}, {Value: []model.Mop{{Key: tp, Offset: 1}}},
		{Value: []model.Mop{{Polled: []model.PolledRecords{
			{Key: tp, Records: []model.PolledRecord{{Offset: 1, Value: "v"}}},
		}}}},
		{Offsets: []model.PartitionOffset{{Key: tp, Offset: 1}}},
	}
	seen := map[uint64]string{}
	add := func(what string, hash uint64) {
		require.NotContains(t, seen, hash, "%s hashes as %s", what, seen[hash])
		seen[hash] = what
	}
	for _, n := range notes {
		add(fmt.Sprintf("%+v", n), play(n, model.Op{}))
	}
	for _, op := range ops {
		add(fmt.Sprintf("%+v", op), play(model.Note{}, op))
	}
}

// chatter exchanges frames of random length and notes some, so that a run has something to hash.
func chatter(t testing.TB, seed uint64, trace *bytes.Buffer, mapped bool) *World {
	cfg := Config{Seed: seed, CheckpointEvery: 100}
	if trace != nil {
		cfg.Trace = trace
	}
	w, a, b := pair(t, cfg, plain)
	words := map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8}
	answer := func(x *actor, now model.Time, in model.Event, out *model.Effects) {
		if onDo(x, now, in, out); in.Kind != model.FrameReceived {
			return
		}
		frame := make([]byte, 1+x.boot.Rand.Below(100))
		if mapped {
			for word := range words { // the leak that the comparison of hashes has to catch
				frame = append(frame, word...)
			}
		}
		out.Send(in.Conn, frame, model.Label{Name: "chat"})
		out.Note(model.Note{Kind: model.LogEnd, Topic: "t", Offset: model.Offset(len(frame))})
	}
	a.step, b.step = answer, answer
	send(w, "a", 1, "hello")
	w.Run(w.Now().Add(time.Second))
	w.End()
	return w
}

func TestSameSeedSameRun(t *testing.T) {
	var one, two bytes.Buffer
	first, second := chatter(t, 7, &one, false), chatter(t, 7, &two, false)
	require.Equal(t, first.Hash(), second.Hash())
	require.Equal(t, first.Checkpoints(), second.Checkpoints())
	require.NotEmpty(t, first.Checkpoints())
	require.Equal(t, one.String(), two.String())
	require.Equal(
		t,
		first.Hash(),
		chatter(t, 7, nil, false).Hash(),
		"a run does not depend on its trace",
	)
	require.NotEqual(t, first.Hash(), chatter(t, 8, nil, false).Hash())
}

// The negative control: a process that ranges over a map must be found out.
func TestNondeterminismIsFound(t *testing.T) {
	hash := chatter(t, 7, nil, true).Hash()
	for range 20 {
		if chatter(t, 7, nil, true).Hash() != hash {
			return
		}
	}
	t.Fatal("twenty runs that depend on the order of a map had one hash")
}
