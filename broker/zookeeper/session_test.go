package zookeeper

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// desk drives a session by hand, with the test in the server's place.
type desk struct {
	t       *testing.T
	u       *user
	now     model.Time
	sent    [][]byte
	labels  []string
	dialled []model.ConnID
	closed  []model.ConnID
	timerAt model.Time
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, u: newUser(6 * time.Second), timerAt: model.Never}
	d.do(func(out *model.Effects) { d.u.s.Start(out.At(d.now)) })
	return d
}

func (d *desk) do(f func(out *model.Effects)) {
	var out model.Effects
	f(&out)
	for _, e := range out.List {
		switch e.Kind {
		case model.EffectSend:
			require.Equal(d.t, d.conn(), e.Conn)
			d.sent = append(d.sent, e.Data)
			d.labels = append(d.labels, e.Label.Name)
		case model.EffectDial:
			require.Equal(d.t, "zookeeper-1:2181", e.Addr)
			d.dialled = append(d.dialled, e.Conn)
		case model.EffectClose:
			d.closed = append(d.closed, e.Conn)
		case model.EffectSetTimer:
			d.timerAt = e.At
		}
	}
}

// conn is the connection that was dialled last.
func (d *desk) conn() model.ConnID { return d.dialled[len(d.dialled)-1] }

func (d *desk) open() {
	d.do(func(out *model.Effects) { d.u.s.OnOpened(out.At(d.now), d.conn()) })
}

// lose ends the connection.
func (d *desk) lose() {
	d.do(func(out *model.Effects) { d.u.s.OnClosed(out.At(d.now), d.conn()) })
}

func (d *desk) frame(put func(e *encoder)) {
	var e encoder
	put(&e)
	d.do(func(out *model.Effects) { d.u.s.OnFrame(out.At(d.now), d.conn(), e.b) })
}

func (d *desk) reply(xid int32, zxid int64, err Code, put func(e *encoder)) {
	d.frame(func(e *encoder) {
		e.int32(xid)
		e.int64(zxid)
		e.int32(int32(err))
		if put != nil {
			put(e)
		}
	})
}

// accept opens the connection and answers the connect request.
func (d *desk) accept() {
	d.open()
	d.frame(func(e *encoder) {
		e.connected(&connectResponse{timeout: 6000, session: 5, password: []byte("secret")})
	})
}

// pass lets time go by and the timer fire.
func (d *desk) pass(by time.Duration) {
	end := d.now.Add(by)
	for range 10_000 {
		if d.timerAt > end {
			d.now = end
			return
		}
		d.now, d.timerAt = max(d.now, d.timerAt), model.Never
		d.do(func(out *model.Effects) { d.u.s.OnTimer(model.Timer{Kind: 1}, out.At(d.now)) })
	}
	require.Fail(d.t, "the timer fires without end")
}

func (d *desk) takeLabels() []string {
	labels := d.labels
	d.labels, d.sent = nil, nil
	return labels
}

// get asks for a node; what comes back is put behind outcomes.
func (d *desk) get(path string, watch bool, outcomes *[]Result) {
	d.do(func(out *model.Effects) {
		d.u.s.Get(out.At(d.now), path, watch, func(_ *model.Effects, r Result) {
			*outcomes = append(*outcomes, r)
		})
	})
}

// A quiet session pings at a third of its timeout; a silent server is given up at two thirds and
// dialled again a second later, with the same session.
func TestPingsAndSilence(t *testing.T) {
	d := newDesk(t)
	d.accept()
	require.Equal(t, []string{"zk.connect"}, d.takeLabels())
	d.pass(1999 * time.Millisecond)
	require.Empty(t, d.takeLabels())
	d.pass(time.Millisecond)
	require.Equal(t, []string{"zk.ping"}, d.takeLabels())
	d.reply(xidPing, 0, ErrNone, nil)
	d.pass(2 * time.Second)
	require.Equal(t, []string{"zk.ping"}, d.takeLabels())
	d.pass(1999 * time.Millisecond) // 3.999 s of silence
	require.Empty(t, d.closed)
	d.pass(time.Millisecond)
	require.Len(t, d.closed, 1)
	require.Len(t, d.dialled, 1)
	d.pass(time.Second)
	require.Len(t, d.dialled, 2)
	d.open()
	c := decoder{b: d.sent[0]}
	require.Equal(t, connectRequest{timeout: 6000, session: 5, password: []byte("secret")}, c.connect())
	d.pass(4 * time.Second)
	require.Len(t, d.closed, 2, "a connect request without an answer")
	d.pass(6 * time.Second)
	require.Len(t, d.closed, 3, "a dial without an answer")
	require.Len(t, d.dialled, 4)
	require.Zero(t, d.u.lost, "no server has said that the session is gone")
}

// What was in flight has an unknown outcome; what was not sent waits for the next connection.
func TestRequestsOverALostConnection(t *testing.T) {
	d := newDesk(t)
	var outcomes []Result
	d.get("/early", false, &outcomes)
	require.Empty(t, d.sent)
	d.accept()
	require.Equal(t, []string{"zk.connect", "zk.getData"}, d.takeLabels())
	d.lose()
	require.Equal(t, []Result{{Err: ErrConnectionLoss}}, outcomes)
	d.get("/meanwhile", false, &outcomes)
	d.pass(time.Second)
	d.accept()
	require.Equal(t, []string{"zk.connect", "zk.getData"}, d.takeLabels())
	require.Equal(t, []bool{true, false}, d.u.fresh)
	d.reply(2, 7, ErrNoNode, nil)
	require.Equal(t, ErrNoNode, outcomes[1].Err)

	d.get("/last", false, &outcomes)
	d.lose()
	d.get("/never sent", false, &outcomes)
	d.pass(time.Second)
	d.open()
	d.frame(func(e *encoder) { e.connected(&connectResponse{password: make([]byte, 16)}) })
	require.Equal(t, ErrSessionExpired, outcomes[3].Err)
	require.Equal(t, 1, d.u.lost)
	d.open() // the owner has restarted the session
	c := decoder{b: d.sent[len(d.sent)-1]}
	require.Equal(t, connectRequest{timeout: 6000, password: make([]byte, 16)}, c.connect())
}

// A reply to another request than the oldest, or one that cannot be read, ends the connection.
func TestStrangeFramesEndTheConnection(t *testing.T) {
	for name, frame := range map[string][]byte{
		"of another request": []byte("\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00"),
		"cut":                []byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00"),
		"empty":              {},
		"an event cut":       []byte("\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00"),
		"too long":           make([]byte, maxFrame+1),
	} {
		d := newDesk(t)
		d.accept()
		var outcomes []Result
		d.get("/x", false, &outcomes)
		d.do(func(out *model.Effects) { d.u.s.OnFrame(out.At(d.now), d.conn()+2, frame) })
		d.do(func(out *model.Effects) { d.u.s.OnClosed(out.At(d.now), d.conn()+2) })
		require.Empty(t, d.closed, "not the session's connection")
		d.do(func(out *model.Effects) { d.u.s.OnFrame(out.At(d.now), d.conn(), frame) })
		require.Len(t, d.closed, 1, name)
		require.Equal(t, []Result{{Err: ErrConnectionLoss}}, outcomes, name)
		require.Empty(t, d.u.events)
	}
}

// Every watch that has not fired is set again, in frames that no server refuses. Until all are, the
// session asks from the txn that it had seen before: a connection that breaks between two frames
// hides nothing.
func TestWatchesAreSetAgainInParts(t *testing.T) {
	d := newDesk(t)
	d.accept()
	var outcomes []Result
	const n = 3000
	path := func(i int) string { return fmt.Sprintf("/%0100d", i) }
	for i := range n {
		d.get(path(i), true, &outcomes)
		d.reply(int32(i+1), 10, ErrNone, func(e *encoder) {
			e.bytes(nil)
			e.stat(&Stat{})
		})
	}
	d.reply(xidWatch, -1, ErrNone, func(e *encoder) {
		e.int32(int32(NodeDataChanged))
		e.int32(3)
		e.string(path(0))
	})
	require.Equal(t, []WatchEvent{{NodeDataChanged, path(0)}}, d.u.events)
	require.Len(t, outcomes, n)
	again := func() (paths []string) {
		for _, b := range d.sent[1:] {
			require.LessOrEqual(t, len(b), 2*setWatchesBytes)
			r := decoder{b: b}
			require.Equal(t, xidSetWatches, r.int32())
			require.EqualValues(t, opSetWatches, r.int32())
			w := r.rewatch()
			require.EqualValues(t, 10, w.seen)
			require.False(t, r.bad)
			require.Empty(t, w.exists)
			require.Empty(t, w.child)
			paths = append(paths, w.data...)
		}
		return paths
	}
	for range 2 {
		d.lose()
		d.pass(time.Second)
		d.takeLabels()
		d.accept()
		require.Len(t, d.sent, 1+3)
		paths := again()
		require.Len(t, paths, n-1)
		require.Equal(t, path(1), paths[0])
		d.reply(xidSetWatches, 20, ErrNone, nil)
		require.EqualValues(t, 10, d.u.s.lastZxid)
	}
	d.reply(xidSetWatches, 20, ErrNone, nil)
	d.reply(xidSetWatches, 20, ErrNone, nil)
	require.EqualValues(t, 20, d.u.s.lastZxid)
	d.reply(xidSetWatches, 20, ErrNone, nil) // one more than was asked for
	d.reply(xidPing, 30, ErrNone, nil)
	require.EqualValues(t, 30, d.u.s.lastZxid)
}

// The bound on what may be pending is an outcome, and the numbers of requests go round without
// touching those that mean something else.
func TestLimitsOfASession(t *testing.T) {
	d := newDesk(t)
	var outcomes []Result
	for range maxPending {
		d.get("/x", false, &outcomes)
	}
	require.Empty(t, outcomes)
	d.get("/x", false, &outcomes)
	require.Equal(t, []Result{{Err: ErrConnectionLoss}}, outcomes)
	d = newDesk(t)
	d.accept()
	d.u.s.xid = math.MaxInt32 - 1
	d.get("/x", false, &outcomes)
	d.get("/x", false, &outcomes)
	d.reply(math.MaxInt32, 1, ErrNoNode, nil)
	d.reply(1, 1, ErrNoNode, nil)
	require.Len(t, outcomes, 3)
	require.Empty(t, d.closed)
}

// A session takes whatever bytes a server sends.
func FuzzSessionFrame(f *testing.F) {
	var e encoder
	e.connected(&connectResponse{timeout: 6000, session: 5, password: []byte("secret")})
	f.Add(e.b, uint8(0))
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x7f\xff\xff\xff"), uint8(1))
	f.Add([]byte("\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x7f\xff\xff\xff"), uint8(2))
	f.Add([]byte("\xff\xff\xff\xf8\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00"), uint8(2))
	f.Fuzz(func(t *testing.T, frame []byte, when uint8) {
		d := newDesk(t)
		var outcomes []Result
		if when > 0 {
			d.accept()
			d.get("/x", true, &outcomes)
		} else {
			d.open()
		}
		d.do(func(out *model.Effects) {
			d.u.s.Multi(out.At(d.now), []Op{CheckOp("/", 1)}, func(*model.Effects, Result) {})
		})
		if when > 1 {
			d.reply(1, 1, ErrNoNode, nil)
		}
		d.do(func(out *model.Effects) { d.u.s.OnFrame(out.At(d.now), d.conn(), frame) })
		d.pass(10 * time.Second)
		require.LessOrEqual(t, len(outcomes), 1)
	})
}
