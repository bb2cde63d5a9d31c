package zookeeper

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// described is what the trace says of a frame between broker-1 and the server.
func described(d *Describer, name string, xid int32, reply bool, frame []byte) *kafka.TraceLine {
	l := &kafka.TraceLine{TraceLine: model.TraceLine{Node: "zookeeper-1", Peer: "broker-1", Kind: "frame",
		Label: model.Label{Name: name, Correlation: xid, Reply: reply}}}
	if reply {
		l.Node, l.Peer = l.Peer, l.Node
	}
	d.Describe(l, frame)
	return l
}

// asking writes the head of a request, answering that of a reply.
func asking(xid int32, kind op) *encoder {
	e := &encoder{}
	e.int32(xid)
	e.int32(int32(kind))
	return e
}

func answering(xid int32, zxid int64, code Code) *encoder {
	e := &encoder{}
	e.int32(xid)
	e.int64(zxid)
	e.int32(int32(code))
	return e
}

// Every request says what it is about, and every reply what was asked for, as replies do not.
func TestExchangesAreDescribed(t *testing.T) {
	const state = "/brokers/topics/orders/partitions/2/state"
	set := SetOp(state, []byte(`{"leader":3}`), 4)
	for _, c := range []struct {
		o      Op
		result Result
		code   Code
		asks   string
		says   string
	}{
		{CreateOp("/brokers/ids/1", []byte("here"), Ephemeral), Result{Path: "/brokers/ids/1"}, ErrNone,
			"/brokers/ids/1 ephemeral here", "/brokers/ids/1 zxid=9"},
		{CreateOp("/log/n-", nil, PersistentSequential), Result{Path: "/log/n-0000000001"}, ErrNone,
			"/log/n- sequential", "/log/n-0000000001 zxid=9"},
		{CreateOp("/controller", []byte("1"), Ephemeral), Result{}, ErrNodeExists,
			"/controller ephemeral 1", "/controller NODEEXISTS zxid=9"},
		{set, Result{Stat: Stat{Version: 5}}, ErrNone,
			state + ` version=4 {"leader":3}`, state + " version=5 zxid=9"},
		{set, Result{}, ErrBadVersion, state + ` version=4 {"leader":3}`, state + " BADVERSION zxid=9"},
		{DeleteOp("/a", -1), Result{}, ErrNone, "/a", "/a ok zxid=9"},
		{Op{kind: opGetData, path: "/a", watch: true}, Result{Data: []byte("\xff\x00"), Stat: Stat{Version: 7}},
			ErrNone, "/a watch", "/a version=7 bytes=2 zxid=9"},
		{Op{kind: opExists, path: "/a"}, Result{Stat: Stat{Version: 1}}, ErrNone, "/a", "/a version=1 zxid=9"},
		{Op{kind: opGetChildren, path: "/brokers/ids"}, Result{Children: []string{"1", "2"}}, ErrNone,
			"/brokers/ids", "/brokers/ids children=2: 1, 2 zxid=9"},
		{Op{kind: opGetData, path: "/b"}, Result{}, ErrNoNode, "/b", "/b NONODE zxid=9"},
	} {
		d := NewDescriber()
		name := c.o.kind.label()
		e := asking(5, c.o.kind)
		e.body(&c.o)
		asked := described(d, name, 5, false, e.b)
		require.Equal(t, c.asks, asked.Note.Text)
		e = answering(5, 9, c.code)
		if c.code == ErrNone {
			e.result(c.o.kind, &c.result)
		}
		said := described(d, name, 5, true, e.b)
		require.Equal(t, c.says, said.Note.Text)
		require.False(t, said.Empty)
		if c.o.path == state {
			orders := []kafka.TopicPartition{{Topic: "orders", Partition: 2}}
			require.Equal(t, orders, asked.Note.Partitions)
			require.Equal(t, orders, said.Note.Partitions)
		}
		require.Empty(t, d.asked, "an answered request is forgotten")
	}
}

func TestSessionsAreDescribed(t *testing.T) {
	d := NewDescriber()
	var e encoder
	e.connect(&connectRequest{timeout: 18_000})
	require.Equal(t, "new session timeout=18s", described(d, "zk.connect", 0, false, e.b).Note.Text)
	e = encoder{}
	e.connect(&connectRequest{timeout: 6000, session: 258})
	require.Equal(t, "session=0x102 timeout=6s", described(d, "zk.connect", 0, false, e.b).Note.Text)
	e = encoder{}
	e.connected(&connectResponse{timeout: 6000, session: 258})
	require.Equal(t, "session=0x102 timeout=6s", described(d, "zk.connect", 0, true, e.b).Note.Text)
	e = encoder{}
	e.connected(&connectResponse{})
	require.Equal(t, "session expired", described(d, "zk.connect", 0, true, e.b).Note.Text)

	require.Equal(t, "session is alive", described(d, "zk.ping", -2, false, asking(-2, opPing).b).Note.Text)
	pong := described(d, "zk.ping", -2, true, answering(-2, 9, ErrNone).b)
	require.Equal(t, "ok", pong.Note.Text)
	require.True(t, pong.Empty, "it says nothing new")
	require.Equal(t, "session ends",
		described(d, "zk.closeSession", 3, false, asking(3, opCloseSession).b).Note.Text)
}

func TestMultisAndWatchesAreDescribed(t *testing.T) {
	d := NewDescriber()
	ops := []Op{CheckOp("/controller_epoch", 7), CreateOp("/a", []byte("x"), Persistent)}
	e := asking(4, opMulti)
	e.multi(ops)
	require.Equal(t, "check /controller_epoch version=7, create /a x",
		described(d, "zk.multi", 4, false, e.b).Note.Text)
	e = answering(4, 9, ErrNone)
	e.multiResult(ops, []Result{{}, {Path: "/a"}})
	require.Equal(t, "ok operations=2 zxid=9", described(d, "zk.multi", 4, true, e.b).Note.Text)
	e = answering(4, 9, ErrNone)
	e.multiResult(ops, []Result{{Err: ErrBadVersion}, {Err: ErrRuntimeInconsistency}})
	require.Equal(t, "BADVERSION zxid=9", described(d, "zk.multi", 4, true, e.b).Note.Text)

	e = asking(-8, opSetWatches)
	e.rewatch(&rewatch{seen: 5, data: []string{"/a", "/b"}, child: []string{"/"}})
	require.Equal(t, "data=2 exists=0 children=1", described(d, "zk.setWatches", -8, false, e.b).Note.Text)
	e = answering(-1, 0, ErrNone)
	e.int32(int32(NodeDeleted))
	e.int32(3)
	e.string("/brokers/ids/2")
	require.Equal(t, "/brokers/ids/2 deleted", described(d, "zk.event", -1, true, e.b).Note.Text)
}

// Whatever is in a frame, its line is short, and is text.
func TestOddFramesAreDescribed(t *testing.T) {
	d := NewDescriber()
	o := CreateOp("/"+strings.Repeat("ä", 300), []byte(strings.Repeat("x", 300)), Persistent)
	e := asking(1, opCreate)
	e.body(&o)
	text := described(d, "zk.create", 1, false, e.b).Note.Text
	require.LessOrEqual(t, len(text), textLimit)
	require.True(t, strings.HasSuffix(text, "…"))
	require.True(t, utf8.ValidString(text))

	o = CreateOp("/\xff\xfe<script>", nil, Persistent)
	e = asking(1, opCreate)
	e.body(&o)
	require.Equal(t, "/�<script>", described(d, "zk.create", 1, false, e.b).Note.Text)
	require.Equal(t, "cannot be read", described(d, "zk.create", 1, false, e.b[:20]).Note.Text)
	require.Equal(t, "cannot be read", described(d, "zk.getData", 1, true, nil).Note.Text)
	for xid := range int32(askedLimit + 10) { // answers that never come
		described(d, "zk.getData", xid, false, e.b)
	}
	require.LessOrEqual(t, len(d.asked), askedLimit)
}

// FuzzDescribe describes any bytes under any label.
func FuzzDescribe(f *testing.F) {
	o := CreateOp("/a", []byte("x"), Ephemeral)
	e := asking(1, opCreate)
	e.body(&o)
	f.Add("zk.create", false, e.b)
	f.Add("zk.multi", true, answering(4, 9, ErrNone).b)
	f.Add("zk.connect", true, []byte{})
	d := NewDescriber()
	f.Fuzz(func(t *testing.T, name string, reply bool, frame []byte) {
		l := described(d, name, 1, reply, frame)
		require.NotEmpty(t, l.Note.Text)
		require.True(t, utf8.ValidString(l.Note.Text))
		require.LessOrEqual(t, len(l.Note.Text), 2*textLimit)
	})
}
