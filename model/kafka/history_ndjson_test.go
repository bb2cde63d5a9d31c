package kafka

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

func drawKey(t *rapid.T) TopicPartition {
	topic := rapid.SampledFrom([]string{"orders", "a-b", "naïve \"topic\"", "<users>"}).
		Draw(t, "topic")
	return TopicPartition{topic, rapid.Int32Range(0, 12).Draw(t, "partition")}
}

func drawMop(t *rapid.T, f Function, end OpType) Mop {
	if f == FTxn {
		f = rapid.SampledFrom([]Function{FSend, FPoll}).Draw(t, "micro")
	}
	if f == FSend {
		m := Mop{F: FSend, Key: drawKey(t), Value: rapid.String().Draw(t, "value"), Offset: NoOffset}
		if end != Invoke {
			m.Offset = Offset(rapid.Int64Range(-1, 1<<60).Draw(t, "offset"))
		}
		return m
	}
	m := Mop{F: FPoll}
	for range rapid.IntRange(0, 3).Draw(t, "keys polled") {
		p := PolledRecords{Key: drawKey(t)}
		for range rapid.IntRange(0, 3).Draw(t, "records") {
			p.Records = append(p.Records, PolledRecord{
				Offset(rapid.Int64Range(-1, 1<<60).Draw(t, "offset")), rapid.String().Draw(t, "value"),
			})
		}
		m.Polled = append(m.Polled, p)
	}
	return m
}

func drawOp(t *rapid.T, end OpType, f Function) Op {
	text := rapid.SampledFrom([]string{"", "NOT_LEADER_OR_FOLLOWER", "p1", "say \"hi\"\n"})
	op := Op{
		Type: end, F: f, Client: text.Draw(t, "client"), Error: text.Draw(t, "error"),
		Acks:  rapid.SampledFrom([]string{"", "0", "1", "all"}).Draw(t, "acks"),
		Group: text.Draw(t, "group"), RecordKey: text.Draw(t, "record key"),
		Isolation: rapid.SampledFrom([]string{"", "read_uncommitted", "read_committed"}).
			Draw(t, "isolation"),
		Final: rapid.Bool().Draw(t, "final"),
	}
	if rapid.Bool().Draw(t, "rebalanced") {
		names := rapid.SampledFrom([][]string{nil, {"orders-0"}, {"orders-0", "x-1"}})
		op.Rebalance = &RebalanceLog{
			names.Draw(t, "revoked"),
			names.Draw(t, "assigned"),
			names.Draw(t, "lost"),
		}
	}
	switch f {
	case FSend, FPoll, FTxn:
		for range rapid.IntRange(0, 3).Draw(t, "micro-ops") {
			op.Value = append(op.Value, drawMop(t, f, end))
		}
	case FAssign, FSubscribe:
		op.Keys = rapid.SampledFrom([][]string{nil, {"orders"}, {"orders-0", "b-1"}}).Draw(t, "keys")
	case FCommit:
		for range rapid.IntRange(0, 2).Draw(t, "commits") {
			op.Offsets = append(op.Offsets, PartitionOffset{drawKey(t), 7})
		}
	}
	return op
}

func drawHistory(t *rapid.T) History {
	var h History
	open := map[int]Function{}
	index, now := 0, model.Time(0)
	for range rapid.IntRange(0, 12).Draw(t, "ops") {
		process := rapid.IntRange(0, 2).Draw(t, "process")
		f, isOpen := open[process]
		end := Invoke
		if isOpen {
			end = rapid.SampledFrom([]OpType{OK, Fail, Info}).Draw(t, "type")
			delete(open, process)
		} else {
			f = rapid.SampledFrom([]Function{FSend, FPoll, FTxn, FAssign, FSubscribe, FCommit, FCrash}).Draw(t, "f")
			open[process] = f
		}
		op := drawOp(t, end, f)
		op.Index, op.Process, op.Time = index, process, now
		index += rapid.IntRange(1, 3).Draw(t, "index step")
		now += model.Time(rapid.IntRange(0, 1000).Draw(t, "time step"))
		h = append(h, op)
	}
	return h
}

func TestHistoryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		var file, again bytes.Buffer
		require.NoError(t, WriteHistory(&file, h))
		read, err := ReadHistory(bytes.NewReader(file.Bytes()), "drawn")
		require.NoError(t, err, file.String())
		require.Equal(t, h, read)
		require.NoError(t, WriteHistory(&again, read))
		require.Equal(t, file.String(), again.String())
	})
}

func TestHistoryLineIsTheDocumentedOne(t *testing.T) {
	const text = `{"index":0,"process":1,"type":"invoke","f":"txn","time":1200000,"value":[["send","orders-0","v7"],["poll"]]}
{"index":1,"process":1,"type":"ok","f":"txn","time":3400000,"value":[["send","orders-0",[5,"v7"]],["poll",{"orders-0":[[4,"v6"]]}]]}
`
	h, err := ReadHistory(strings.NewReader(text), "doc")
	require.NoError(t, err)
	key := TopicPartition{"orders", 0}
	require.Equal(
		t,
		[]Mop{{F: FSend, Key: key, Value: "v7", Offset: NoOffset}, {F: FPoll}},
		h[0].Value,
	)
	require.Equal(t, []Mop{
		{F: FSend, Key: key, Value: "v7", Offset: 5},
		{F: FPoll, Polled: []PolledRecords{{key, []PolledRecord{{4, "v6"}}}}},
	}, h[1].Value)
	var b bytes.Buffer
	require.NoError(t, WriteHistory(&b, h))
	require.Equal(t, text, b.String())
}

func TestReadHistoryWrittenByHand(t *testing.T) {
	h, err := ReadHistory(strings.NewReader("\ufeff# a comment\r\n\r\n"+
		`{"f":"send", "type":"ok", "process":0, "value":[["send","a-0",[null,7]]], "exception":{"x":[1,[2]]}}`+"\r\n"+
		`  {"process":0,"type":"ok","f":"poll","value":[["poll",{"a-0":[[3,7.5],"late"]}]],"time":500}`+"\n"+
		`{"process":1,"type":"info","f":"crash","value":null}`), "hand")
	require.NoError(t, err)
	require.Len(t, h, 3)
	require.Equal(
		t,
		Mop{F: FSend, Key: TopicPartition{"a", 0}, Value: "7", Offset: NoOffset},
		h[0].Value[0],
	)
	require.Equal(t, []PolledRecord{{3, "7.5"}, {NoOffset, "late"}}, h[1].Value[0].Polled[0].Records)
	for i, at := range []model.Time{0, 500, 501} {
		require.Equal(t, i, h[i].Index)
		require.Equal(t, at, h[i].Time)
	}
}

func TestReadHistoryErrors(t *testing.T) {
	const ok = `{"process":0,"type":"ok","f":"send","value":[["send","a-0",[0,"v"]]]}` + "\n"
	for _, c := range []struct {
		text, want   string
		line, column int
	}{
		{`{"process":0,"type":"okay","f":"send"}`, `did you mean "ok"?`, 1, 21},
		{ok + `{"process":0,"type":"ok","f":"sned"}`, `unknown f "sned"`, 2, 30},
		{ok + `{"process":0,"tpye":"ok","f":"send"}`, `unknown field "tpye" (did you mean "type"?)`, 2, 14},
		{`{"process":0,"type":"ok","f":"send","value":[["sent","a-0","v"]]}`, `did you mean "send"?`, 1, 47},
		{`{"process":0,"type":"ok","f":"send","value":[["send","","v"]]}`, `a key without a name`, 1, 54},
		{`{"process":0,"type":"ok","f":"send","value":[["send",[],"v"]]}`, `expected a key`, 1, 54},
		{`{"process":0,"type":"ok","f":"send","value":[["send","a-0",["x","v"]]]}`, `expected an offset`, 1, 61},
		{`{"process":0,"type":"ok","f":"send","value":[["poll"]]}`, `a poll inside a send`, 1, 46},
		{`{"process":0,"type":"ok","f":"send","value":[["send","a-0",[1.5,"v"]]]}`, `expected an offset`, 1, 61},
		{`{"process":0,"type":"ok","f":"send","value":[["send","a-0"]]}`, `expected a value`, 1, 59},
		{`{"process":-1,"type":"ok","f":"send"}`, `expected a process`, 1, 12},
		{`{"type":"ok","f":"send"}`, `no "process"`, 1, 24},
		{`{"process":1,"f":"send"}`, `no "type"`, 1, 24},
		{`{"process":1,"type":"ok"}`, `no "f"`, 1, 25},
		{`not json`, `expected one JSON object a line`, 1, 1},
		{`{"process":0`, `found the end of the line`, 1, 13},
		{`{"é":"`, `this string has no end`, 1, 6},
		{`{"process":0,"type":"ok","f":"send"} x`, `expected nothing after the object`, 1, 38},
		{`{"process":0,"type":"ok","f":"send","rebalance_log":{"revokd":[]}}`, `did you mean "revoked"?`, 1, 54},
		{`{"x":` + strings.Repeat("[", 500), `values inside each other`, 1, 106},
		{
			`{"process":0,"type":"invoke","f":"poll"}` + "\n\n" + `{"process":0,"type":"invoke","f":"poll"}`,
			`process 0 invokes a poll while its poll of line 1 is open`, 3, 12,
		},
		{`{"process":0,"type":"invoke","f":"poll"}` + "\n" + ok, `completes a send, but has a poll open`, 2, 30},
		{strings.Replace(ok, "{", `{"time":9,`, 1) + `{"time":8,"process":0,"type":"ok","f":"poll"}`, `time 8 after time 9`, 2, 9},
		{strings.Replace(ok, "{", `{"index":9,`, 1) + `{"index":9,"process":0,"type":"ok","f":"poll"}`, `index 9 after index 9`, 2, 10},
	} {
		_, err := ReadHistory(strings.NewReader(c.text), "h.ndjson")
		var input *model.InputError
		require.True(t, errors.As(err, &input), c.text)
		require.Contains(t, err.Error(), c.want)
		require.Equal(t, []int{c.line, c.column}, []int{input.Line, input.Column}, err.Error())
		require.True(
			t,
			strings.HasPrefix(err.Error(), fmt.Sprintf("h.ndjson:%d:%d: ", c.line, c.column)),
			err.Error(),
		)
	}
}

func TestReadHistoryPassesOnTheReadersError(t *testing.T) {
	broken := errors.New("the disk is on fire")
	_, err := ReadHistory(readerFunc(func([]byte) (int, error) { return 0, broken }), "h")
	require.ErrorIs(t, err, broken)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func FuzzReadHistory(f *testing.F) {
	f.Add(
		`{"index":1,"process":1,"type":"ok","f":"txn","time":34,"value":[["send","orders-0",[5,"v7"]],["poll",{"orders-0":[[4,"v6"]]}]]}`,
	)
	f.Add(
		`{"process":1,"type":"ok","f":"commit","value":{"a-0":4},"rebalance_log":{"lost":["a"]},"final":true}`,
	)
	f.Add(`{"a":"\`)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ReadHistory(strings.NewReader(text), "fuzz")
		if err != nil {
			var input *model.InputError
			require.True(t, errors.As(err, &input))
			require.NotEmpty(t, input.Problem)
			return
		}
		var b bytes.Buffer
		require.NoError(t, WriteHistory(&b, h))
	})
}

// longHistory has n operations, invoke and ok in turn, sends of 100 bytes and a poll of 10 now and
// then.
func longHistory(n int) History {
	key := TopicPartition{"orders", 0}
	value := strings.Repeat("v", 90)
	var h History
	for i := 0; len(h) < n; i++ {
		at := model.Time(i) * 1000
		send := Mop{F: FSend, Key: key, Value: fmt.Sprintf("%s%d", value, i), Offset: NoOffset}
		done := send
		done.Offset = Offset(i)
		h = append(
			h,
			Op{
				Index:   len(h),
				Process: i % 40,
				Type:    Invoke,
				F:       FSend,
				Time:    at,
				Value:   []Mop{send},
				Client:  "p1",
				Acks:    "all",
			},
			Op{
				Index:   len(h) + 1,
				Process: i % 40,
				Type:    OK,
				F:       FSend,
				Time:    at,
				Value:   []Mop{done},
				Client:  "p1",
				Acks:    "all",
			},
		)
	}
	return h[:n]
}

func BenchmarkWriteHistory60k(b *testing.B) {
	h := longHistory(60_000)
	var file bytes.Buffer
	for b.Loop() {
		file.Reset()
		require.NoError(b, WriteHistory(&file, h))
	}
}

func BenchmarkReadHistory60k(b *testing.B) {
	var file bytes.Buffer
	require.NoError(b, WriteHistory(&file, longHistory(60_000)))
	for b.Loop() {
		_, err := ReadHistory(bytes.NewReader(file.Bytes()), "bench")
		require.NoError(b, err)
	}
}
