package zookeeper

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// A client may send a read between two writes. It is answered between them, and sees the first
// alone.
func TestRepliesKeepTheOrderOfTheRequests(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.ask(2, 1, CreateOp("/x", []byte("one"), Persistent))
	b.ask(2, 2, getOp("/x", false))
	b.ask(2, 3, SetOp("/x", []byte("two"), -1))
	b.ask(2, 4, getOp("/x", false))
	b.settle()
	require.Equal(t, "/x", b.reply(2, 1, opCreate).Path)
	require.Equal(t, "one", string(b.reply(2, 2, opGetData).Data))
	require.EqualValues(t, 1, b.reply(2, 3, opSetData).Stat.Version)
	require.Equal(t, "two", string(b.reply(2, 4, opGetData).Data))
}

// Whatever is asked, in whatever order and however flushes come: every request is answered once, in
// its turn.
func TestEveryRequestIsAnsweredInItsTurn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t, ServerConfig{})
		conns := []model.ConnID{2, 4}
		want := map[model.ConnID][]int32{}
		for _, conn := range conns {
			b.session(conn)
		}
		for i := range rapid.IntRange(1, 30).Draw(rt, "steps") {
			conn, xid := rapid.SampledFrom(conns).Draw(rt, "conn"), int32(i+1)
			switch rapid.IntRange(0, 6).Draw(rt, "kind") {
			case 0:
				b.ask(conn, xid, CreateOp("/x", nil, PersistentSequential))
			case 1:
				b.ask(conn, xid, getOp("/", false))
			case 2:
				b.header(conn, xidPing, opPing)
				xid = xidPing
			case 3:
				b.frame(conn, func(e *encoder) {
					e.int32(xidSetWatches)
					e.int32(int32(opSetWatches))
					e.int64(0)
					e.strings(nil)
					e.strings([]string{"/never"})
					e.strings(nil)
				})
				xid = xidSetWatches
			case 4:
				b.header(conn, xid, 999)
			case 5:
				b.header(conn, xidAuth, opAuth)
				xid = xidAuth
			case 6:
				if len(b.tokens) > 0 {
					b.flushed()
				}
				continue
			}
			want[conn] = append(want[conn], xid)
		}
		b.settle()
		for _, conn := range conns {
			require.Equal(rt, want[conn], b.xids(conn))
		}
	})
}
