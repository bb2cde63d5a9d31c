package zookeeper

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// Nobody sees a write before it is durable: not who asked for it, not a reader, not a watch.
func TestNothingIsSeenBeforeItIsDurable(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.session(4)
	b.ask(4, 1, Op{kind: opExists, path: "/x", watch: true})
	require.Equal(t, ErrNoNode, b.reply(4, 1, opExists).Err)
	b.ask(2, 1, CreateOp("/x", []byte("one"), Persistent))
	b.ask(4, 2, getOp("/x", false))
	require.Equal(t, ErrNoNode, b.reply(4, 2, opGetData).Err)
	require.Empty(t, b.frames[2])
	b.flushed()
	require.Equal(t, "/x", b.reply(2, 1, opCreate).Path)
	b.ask(4, 3, getOp("/x", false))
	require.Equal(t, WatchEvent{NodeCreated, "/x"}, b.event(4), "before a reply that shows the change")
	require.Equal(t, "one", string(b.reply(4, 3, opGetData).Data))
}

// Writes that come in while a flush is under way share the next.
func TestWritesShareAFlush(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	before := b.flushes
	for i := range int32(10) {
		b.ask(2, i, CreateOp("/n", nil, PersistentSequential))
	}
	require.Len(t, b.tokens, 1)
	b.settle()
	require.Equal(t, 2, b.flushes-before, "one for the first, one for the other nine")
	require.Len(t, b.xids(2), 10)
}

// A process that was killed finds in the page cache what was never flushed. It makes that durable
// before it shows it to anyone, for the power may go next.
func TestWhatIsRecoveredIsMadeDurableFirst(t *testing.T) {
	b := newBench(t, ServerConfig{})
	r := b.session(2)
	b.ask(2, 1, CreateOp("/x", nil, Persistent)) // its flush never completes
	b.start()
	require.Len(t, b.tokens, 1)
	b.connect(4, connectRequest{session: r.session, password: r.password, lastZxid: 1})
	b.connect(6, connectRequest{timeout: 6000})
	require.Empty(t, b.frames)
	b.flushed()
	require.Equal(t, r.session, b.connected(4).session)
	b.settle()
	require.NotEqual(t, r.session, b.connected(6).session)
	b.disk.powerLoss()
	b.start()
	b.settle()
	require.Len(t, b.s.Dump(), 2, "/x has become durable")
	require.Len(t, b.s.state.ids, 2)
}

// The disk's error ends the server: it can keep no promise any more.
func TestAFlushThatFailsHaltsTheServer(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.ask(2, 1, CreateOp("/x", nil, Persistent))
	b.step(model.Event{Kind: model.Flushed, Token: b.tokens[0], Text: "I/O error"})
	require.Equal(t, "cannot flush the log: I/O error", b.halt)
	require.Empty(t, b.frames[2])
}

// A session lasts its timeout from when it was last heard of, rounded up to a tick, and not a
// moment less; its nodes go with it, and whoever watches hears of it.
func TestASessionExpiresAtItsTick(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.pass(500 * time.Millisecond)
	b.connect(2, connectRequest{timeout: 20_000})
	b.settle()
	require.EqualValues(t, 20_000, b.connected(2).timeout)
	require.EqualValues(t, 4000, func() int32 {
		b.connect(4, connectRequest{timeout: 1})
		b.settle()
		return b.connected(4).timeout
	}(), "two ticks at least")
	require.EqualValues(t, 40_000, func() int32 {
		b.connect(6, connectRequest{timeout: 1 << 30})
		b.settle()
		return b.connected(6).timeout
	}(), "twenty at most")
	b.ask(4, 1, CreateOp("/x", nil, Ephemeral))
	b.settle()
	b.ask(2, 1, getOp("/x", true))
	b.xids(2)
	b.pass(1 * time.Second)
	b.header(4, xidPing, opPing) // at 1.5 s: 5.5 s, rounded up to 6 s
	b.pass(4499 * time.Millisecond)
	require.Empty(t, b.notes)
	require.Len(t, b.s.Dump(), 2)
	b.pass(time.Millisecond)
	require.Equal(t, []string{"session-expired (client)"}, b.notes)
	require.Equal(t, WatchEvent{NodeDeleted, "/x"}, b.event(2))
	require.True(t, b.closed[4])
	require.Len(t, b.s.Dump(), 1)
}

// A session moves to a new connection with its password; the old connection is closed.
func TestASessionMoves(t *testing.T) {
	b := newBench(t, ServerConfig{})
	r := b.session(2)
	b.ask(2, 1, CreateOp("/x", nil, Ephemeral))
	b.settle()
	b.connect(4, connectRequest{session: r.session, password: make([]byte, 16), timeout: 6000})
	require.Zero(t, b.connected(4).timeout, "a wrong password")
	require.True(t, b.closed[4])
	require.False(t, b.closed[2])
	b.connect(6, connectRequest{session: r.session, password: r.password, timeout: 6000, lastZxid: 2})
	require.Equal(t, r, b.connected(6))
	require.True(t, b.closed[2])
	require.False(t, b.closed[6])
	b.connect(8, connectRequest{session: r.session + 1, password: r.password})
	require.Zero(t, b.connected(8).timeout, "no such session")
	b.connect(10, connectRequest{session: r.session, password: r.password, lastZxid: 3})
	require.Empty(t, b.frames[10], "who has seen more than the server knows is sent away")
	require.True(t, b.closed[10])
	require.False(t, b.closed[6])
}

// A client may end its session itself: its nodes go at once, and nothing has expired.
func TestAClientEndsItsSession(t *testing.T) {
	b := newBench(t, ServerConfig{})
	r := b.session(2)
	b.ask(2, 1, CreateOp("/x", nil, Ephemeral))
	b.header(2, 2, opCloseSession)
	b.ask(2, 3, getOp("/x", false))
	b.settle()
	require.Equal(t, []int32{1, 2}, b.xids(2), "nothing is answered behind the end")
	require.True(t, b.closed[2])
	require.Len(t, b.s.Dump(), 1)
	require.Empty(t, b.notes)
	b.connect(4, connectRequest{session: r.session, password: r.password})
	require.Zero(t, b.connected(4).timeout)
}

// Watches that are set again are told at once what their client has missed, and nothing else.
func TestWatchesSetAgainTellWhatWasMissed(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	for i, path := range []string{"/same", "/changed", "/gone", "/parent", "/quiet"} {
		b.ask(2, int32(i), CreateOp(path, nil, Persistent))
	}
	b.settle()
	seen := b.s.state.zxid
	b.ask(2, 10, SetOp("/changed", nil, -1))
	b.ask(2, 11, DeleteOp("/gone", -1))
	b.ask(2, 12, CreateOp("/parent/child", nil, Persistent))
	b.ask(2, 13, CreateOp("/new", nil, Persistent))
	b.settle()
	b.session(4)
	b.frame(4, func(e *encoder) {
		e.int32(xidSetWatches)
		e.int32(int32(opSetWatches))
		e.rewatch(&rewatch{
			seen: seen, data: []string{"/same", "/changed", "/gone", "/quiet"}, exists: []string{"/new", "/never"},
			child: []string{"/parent", "/quiet", "/gone"},
		})
	})
	for _, want := range []WatchEvent{
		{NodeDataChanged, "/changed"}, {NodeDeleted, "/gone"}, {NodeCreated, "/new"},
		{NodeChildrenChanged, "/parent"}, {NodeDeleted, "/gone"},
	} {
		require.Equal(t, want, b.event(4))
	}
	require.Equal(t, []int32{xidSetWatches}, b.xids(4))
	b.ask(2, 14, SetOp("/same", nil, -1))
	b.ask(2, 15, CreateOp("/never", nil, Persistent))
	b.ask(2, 16, CreateOp("/quiet/child", nil, Persistent))
	b.ask(2, 17, SetOp("/changed", nil, -1))
	b.settle()
	for _, want := range []WatchEvent{
		{NodeDataChanged, "/same"}, {NodeCreated, "/never"}, {NodeChildrenChanged, "/quiet"},
	} {
		require.Equal(t, want, b.event(4))
	}
	require.Empty(t, b.frames[4])
}

// One connection that watches a node's data and its children hears of its deletion once.
func TestADeletionIsToldOnce(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.ask(2, 1, CreateOp("/x", nil, Persistent))
	b.settle()
	b.ask(2, 2, getOp("/x", true))
	b.ask(2, 3, Op{kind: opGetChildren, path: "/x", watch: true})
	b.ask(2, 4, Op{kind: opGetChildren, path: "/", watch: true})
	b.xids(2)
	b.ask(2, 5, DeleteOp("/x", -1))
	b.settle()
	require.Equal(t, WatchEvent{NodeDeleted, "/x"}, b.event(2))
	require.Equal(t, WatchEvent{NodeChildrenChanged, "/"}, b.event(2))
	require.Equal(t, []int32{5}, b.xids(2))
	require.Empty(t, b.s.watches.byPath)
}

// A connection that asks without end and does not wait for answers is cut off, and no other.
func TestOutstandingRequestsAreBounded(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.session(4)
	b.ask(2, 0, CreateOp("/x", nil, Persistent))
	for i := range int32(maxOutstanding) {
		require.False(t, b.closed[2])
		b.ask(2, i, getOp("/", false))
	}
	require.True(t, b.closed[2])
	b.ask(4, 1, getOp("/", false))
	b.settle()
	require.Equal(t, ErrNone, b.reply(4, 1, opGetData).Err)
	require.Empty(t, b.frames[2])
	b.step(model.Event{Kind: model.FrameReceived, Conn: 4, Data: make([]byte, maxFrame+1)})
	require.True(t, b.closed[4], "a frame that is too long")
}

// A write that stands behind the end of its own session in the log does nothing: no ephemeral node
// outlives its session.
func TestAWriteBehindTheEndOfItsSession(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.now = b.now.Add(20 * time.Second)
	b.step(model.Event{Kind: model.TimerFired, Timer: model.Timer{Kind: timerExpiry}})
	require.Len(t, b.tokens, 1, "the end is on its way to the disk")
	b.ask(2, 1, CreateOp("/x", nil, Ephemeral))
	b.settle()
	require.True(t, b.closed[2])
	require.Empty(t, b.frames[2])
	require.Len(t, b.s.Dump(), 1)
	require.Equal(t, []string{"session-expired (client)"}, b.notes)
	b.disk.powerLoss()
	b.start()
	require.Len(t, b.s.Dump(), 1, "nor after a restart")
}

// While a server recovers its sessions may run out. Their ends wait for what was recovered.
func TestASessionExpiresDuringRecovery(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.start()
	b.now = b.now.Add(20 * time.Second)
	b.step(model.Event{Kind: model.TimerFired, Timer: model.Timer{Kind: timerExpiry}})
	require.Len(t, b.tokens, 1, "of the recovery")
	require.Empty(t, b.notes)
	b.settle()
	require.Equal(t, []string{"session-expired (client)"}, b.notes)
}

// The watches of a connection go with it.
func TestWatchesGoWithTheirConnection(t *testing.T) {
	b := newBench(t, ServerConfig{})
	b.session(2)
	b.session(4)
	b.ask(4, 1, getOp("/", true))
	b.ask(4, 2, Op{kind: opExists, path: "/x", watch: true})
	b.ask(4, 3, Op{kind: opGetChildren, path: "/", watch: true})
	b.xids(4)
	b.step(model.Event{Kind: model.ConnClosed, Conn: 4})
	require.Empty(t, b.s.watches.byPath)
	require.Empty(t, b.s.watches.byConn)
	b.ask(2, 1, CreateOp("/x", nil, Persistent))
	b.settle()
	require.Empty(t, b.frames[4])
}
