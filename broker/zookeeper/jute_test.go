package zookeeper

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The bytes are put together by hand from zookeeper.jute (3.8): numbers are big-endian, a string
// has its length before it.
func TestBytesOfTheMessages(t *testing.T) {
	acl := "\x00\x00\x00\x01" + "\x00\x00\x00\x1f" + "\x00\x00\x00\x05world" + "\x00\x00\x00\x06anyone"
	stat := "\x00\x00\x00\x00\x00\x00\x00\x01" + "\x00\x00\x00\x00\x00\x00\x00\x02" + // czxid, mzxid
		"\x00\x00\x00\x00\x00\x00\x00\x03" + "\x00\x00\x00\x00\x00\x00\x00\x04" + // ctime, mtime
		"\x00\x00\x00\x05" + "\x00\x00\x00\x06" + "\x00\x00\x00\x07" + // version, cversion, aversion
		"\x00\x00\x00\x00\x00\x00\x00\x08" + "\x00\x00\x00\x09" + "\x00\x00\x00\x0a" + // owner, length, children
		"\x00\x00\x00\x00\x00\x00\x00\x0b" // pzxid
	aStat := Stat{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	create := CreateOp("/a", []byte("d"), EphemeralSequential)
	ops := []Op{CheckOp("/a", 7), DeleteOp("/a", -1)}
	for _, c := range []struct {
		name string
		put  func(e *encoder)
		want string
	}{
		{"ConnectResponse", func(e *encoder) {
			e.connected(&connectResponse{timeout: 6000, session: 258, password: []byte("pw")})
		}, "\x00\x00\x00\x00" + "\x00\x00\x17\x70" + "\x00\x00\x00\x00\x00\x00\x01\x02" +
			"\x00\x00\x00\x02pw" + "\x00"},
		{"CreateRequest", func(e *encoder) { e.body(&create) },
			"\x00\x00\x00\x02/a" + "\x00\x00\x00\x01d" + acl + "\x00\x00\x00\x03"},
		{"CreateResponse", func(e *encoder) { e.result(opCreate, &Result{Path: "/a"}) },
			"\x00\x00\x00\x02/a"},
		{"Create2Response", func(e *encoder) { e.result(opCreate2, &Result{Path: "/a", Stat: aStat}) },
			"\x00\x00\x00\x02/a" + stat},
		{"GetDataResponse", func(e *encoder) {
			e.result(opGetData, &Result{Data: []byte("d"), Stat: aStat})
		}, "\x00\x00\x00\x01d" + stat},
		{"GetDataResponse of a node without data", func(e *encoder) { e.result(opGetData, &Result{Stat: aStat}) },
			"\xff\xff\xff\xff" + stat},
		{"GetChildren2Response", func(e *encoder) {
			e.result(opGetChildren2, &Result{Children: []string{"b", "c"}, Stat: aStat})
		}, "\x00\x00\x00\x02" + "\x00\x00\x00\x01b" + "\x00\x00\x00\x01c" + stat},
		{"MultiTransactionRecord", func(e *encoder) { e.multi(ops) },
			"\x00\x00\x00\x0d" + "\x00" + "\xff\xff\xff\xff" + "\x00\x00\x00\x02/a" + "\x00\x00\x00\x07" +
				"\x00\x00\x00\x02" + "\x00" + "\xff\xff\xff\xff" + "\x00\x00\x00\x02/a" + "\xff\xff\xff\xff" +
				"\xff\xff\xff\xff" + "\x01" + "\xff\xff\xff\xff"},
		{"MultiResponse that failed", func(e *encoder) {
			e.multiResult(ops, []Result{{Err: ErrBadVersion}, {Err: ErrRuntimeInconsistency}})
		}, "\xff\xff\xff\xff" + "\x00" + "\xff\xff\xff\x99" + "\xff\xff\xff\x99" +
			"\xff\xff\xff\xff" + "\x00" + "\xff\xff\xff\xfe" + "\xff\xff\xff\xfe" +
			"\xff\xff\xff\xff" + "\x01" + "\xff\xff\xff\xff"},
		{"SetWatches", func(e *encoder) { e.rewatch(&rewatch{seen: 5, data: []string{"/a"}}) },
			"\x00\x00\x00\x00\x00\x00\x00\x05" + "\x00\x00\x00\x01" + "\x00\x00\x00\x02/a" +
				"\x00\x00\x00\x00" + "\x00\x00\x00\x00"},
	} {
		var e encoder
		c.put(&e)
		require.Equal(t, c.want, string(e.b), c.name)
	}
}

// Replies and events, as a server sends them, byte by byte.
func TestBytesOfAReplyAndAnEvent(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.ask(2, 9, Op{kind: opExists, path: "/a", watch: true})
	require.Equal(t, "\x00\x00\x00\x09"+"\x00\x00\x00\x00\x00\x00\x00\x01"+"\xff\xff\xff\x9b", // NONODE
		string(b.take(2).b))
	b.ask(2, 10, CreateOp("/a", nil, Persistent))
	b.settle()
	require.Equal(t, "\xff\xff\xff\xff"+"\xff\xff\xff\xff\xff\xff\xff\xff"+"\x00\x00\x00\x00"+
		"\x00\x00\x00\x01"+"\x00\x00\x00\x03"+"\x00\x00\x00\x02/a", string(b.take(2).b), "the event first")
	require.Equal(t, "\x00\x00\x00\x0a"+"\x00\x00\x00\x00\x00\x00\x00\x02"+"\x00\x00\x00\x00"+
		"\x00\x00\x00\x02/a", string(b.take(2).b))
}

// A client from before 3.4 sends no readOnly.
func TestConnectRequestWithoutReadOnly(t *testing.T) {
	var e encoder
	want := connectRequest{lastZxid: 3, timeout: 6000, session: 7, password: []byte("secret")}
	e.connect(&want)
	for _, b := range [][]byte{e.b, e.b[:len(e.b)-1]} {
		d := decoder{b: b}
		require.Equal(t, want, d.connect())
		require.False(t, d.bad)
	}
}

func drawOp(t *rapid.T, kinds []op) Op {
	o := Op{
		kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
		path: rapid.SampledFrom([]string{"/", "/a", "/a/b", "", "/a//b", "/ü"}).Draw(t, "path"),
	}
	switch o.kind {
	case opCreate, opCreate2:
		o.data = rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "data")
		o.mode = CreateMode(rapid.IntRange(0, 3).Draw(t, "mode"))
	case opSetData:
		o.data = rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "data")
		o.version = rapid.Int32().Draw(t, "version")
	case opDelete, opCheck:
		o.version = rapid.Int32().Draw(t, "version")
	default:
		o.watch = rapid.Bool().Draw(t, "watch")
	}
	return o
}

// What is written is read back, and no beginning of it is taken for the whole.
func TestRequestsSurviveTheWire(t *testing.T) {
	writes := []op{opCreate, opCreate2, opSetData, opDelete, opCheck}
	rapid.Check(t, func(rt *rapid.T) {
		want := txn{
			zxid: rapid.Int64().Draw(rt, "zxid"), millis: 5, session: 7, kind: opMulti, timeout: 6000,
			password: []byte("pw"), owner: "broker-1",
		}
		for range rapid.IntRange(1, 5).Draw(rt, "ops") {
			want.ops = append(want.ops, drawOp(rt, writes))
		}
		var e encoder
		e.txn(&want)
		d := decoder{b: e.b}
		require.Equal(rt, want, d.txn())
		require.False(rt, d.bad)
		require.Empty(rt, d.b)

		short := decoder{b: e.b[:rapid.IntRange(0, len(e.b)-1).Draw(rt, "cut")]}
		short.txn()
		require.True(rt, short.bad)

		read := drawOp(rt, []op{opExists, opGetData, opGetChildren, opGetChildren2})
		e = encoder{}
		e.body(&read)
		d = decoder{b: e.b}
		require.Equal(rt, read, d.body(read.kind))
	})
}

// A count of elements that the rest of the frame cannot hold is refused before memory is taken.
func TestCountsAreBoundedByTheFrame(t *testing.T) {
	for _, b := range []string{"\x7f\xff\xff\xff", "\x80\x00\x00\x00", "\x00\x00\x00\x02\x00\x00\x00\x00"} {
		d := decoder{b: []byte(b)}
		require.Empty(t, d.strings())
		require.True(t, d.bad)
	}
	d := decoder{b: []byte("\xff\xff\xff\xff")}
	require.Empty(t, d.strings())
	require.False(t, d.bad, "null is an empty list")
}

// Every decoder takes whatever bytes come, and makes no more of them than they can hold (and one
// that is cut off).
func FuzzDecoders(f *testing.F) {
	var e encoder
	e.txn(&txn{kind: opMulti, ops: []Op{CreateOp("/x", nil, Persistent), CheckOp("/y", 3)}})
	f.Add(e.b)
	f.Add([]byte(strings.Repeat("\xff", 40)))
	f.Add([]byte("\x7f\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, read := range []func(d *decoder){
			func(d *decoder) { d.txn() },
			func(d *decoder) { d.connect() },
			func(d *decoder) { d.connected() },
			func(d *decoder) { d.rewatch() },
			func(d *decoder) { require.LessOrEqual(t, len(d.multi()), len(b)/13+1) },
			func(d *decoder) { require.LessOrEqual(t, len(d.multiResult()), len(b)/9+1) },
			func(d *decoder) { d.body(opCreate) },
			func(d *decoder) { d.result(opGetChildren2) },
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			read(&decoder{b: b})
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64*len(b)+16<<10),
				"what a count claims costs memory")
		}
	})
}
