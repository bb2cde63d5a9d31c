package zookeeper

import (
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// memDisk is a disk in memory that tells what is durable from what is not.
type memDisk struct {
	files   map[string]*memFile
	durable map[string][]byte
}

type memFile struct{ b []byte }

func newMemDisk() *memDisk {
	return &memDisk{files: map[string]*memFile{}, durable: map[string][]byte{}}
}

func (d *memDisk) Open(path string) (model.File, error) {
	if d.files[path] == nil {
		d.files[path] = &memFile{}
	}
	return d.files[path], nil
}

func (d *memDisk) List(string) ([]string, error) {
	var names []string
	for name := range d.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func (d *memDisk) Rename(from, to string) error {
	d.files[to] = d.files[from]
	return d.Remove(from)
}

func (d *memDisk) Remove(path string) error {
	delete(d.files, path)
	return nil
}

// sync makes everything durable.
func (d *memDisk) sync() {
	d.durable = map[string][]byte{}
	for name, f := range d.files {
		d.durable[name] = slices.Clone(f.b)
	}
}

// powerLoss leaves what is durable.
func (d *memDisk) powerLoss() {
	d.files = map[string]*memFile{}
	for name, b := range d.durable {
		d.files[name] = &memFile{slices.Clone(b)}
	}
}

// copied is a disk of its own with the same files.
func (d *memDisk) copied() *memDisk {
	c := newMemDisk()
	for name, f := range d.files {
		c.files[name] = &memFile{slices.Clone(f.b)}
	}
	return c
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.b)) {
		return 0, io.EOF
	}
	n := copy(p, f.b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	if end := int(off) + len(p); end > len(f.b) {
		f.b = append(f.b, make([]byte, end-len(f.b))...)
	}
	return copy(f.b[off:], p), nil
}

func (f *memFile) Truncate(size int64) error {
	if size <= int64(len(f.b)) {
		f.b = f.b[:size]
		return nil
	}
	f.b = append(f.b, make([]byte, size-int64(len(f.b)))...)
	return nil
}

func (f *memFile) Size() int64 { return int64(len(f.b)) }

// bench drives a server by hand: frames go in when the test says so, and a flush completes when the
// test says so.
type bench struct {
	t       *testing.T
	disk    *memDisk
	cfg     ServerConfig
	s       *Server
	now     model.Time
	frames  map[model.ConnID][][]byte // sent and not yet taken, by connection
	closed  map[model.ConnID]bool
	tokens  []uint64 // of flushes under way
	flushes int
	timerAt model.Time
	notes   []string
	halt    string
}

func newBench(t *testing.T, cfg ServerConfig) *bench {
	b := &bench{t: t, disk: newMemDisk(), cfg: cfg}
	b.start()
	return b
}

// start makes a new incarnation of the server, with what the disk holds.
func (b *bench) start() {
	b.frames, b.closed = map[model.ConnID][][]byte{}, map[model.ConnID]bool{}
	b.tokens, b.timerAt, b.halt = nil, model.Never, ""
	b.s = NewServer(model.Boot{Disk: b.disk, Rand: model.NewRand(1, "server")}, b.cfg)
	b.step(model.Event{Kind: model.Started})
}

func (b *bench) step(in model.Event) {
	var out model.Effects
	b.s.Step(in, out.At(b.now))
	for _, e := range out.List {
		switch e.Kind {
		case model.EffectSend:
			require.False(b.t, b.closed[e.Conn], "sends on a closed connection")
			b.frames[e.Conn] = append(b.frames[e.Conn], e.Data)
		case model.EffectClose:
			b.closed[e.Conn] = true
		case model.EffectFlush:
			b.tokens = append(b.tokens, e.Flush.Token)
			b.flushes++
		case model.EffectSetTimer:
			b.timerAt = e.At
		case model.EffectNote:
			b.notes = append(b.notes, out.Notes[e.Index].(*kafka.Note).String())
		case model.EffectHalt:
			b.halt = e.Reason
		}
	}
}

// flushed completes the flush that is under way.
func (b *bench) flushed() {
	require.NotEmpty(b.t, b.tokens, "no flush is under way")
	token := b.tokens[0]
	b.tokens = b.tokens[1:]
	b.disk.sync()
	b.step(model.Event{Kind: model.Flushed, Token: token})
}

// settle completes flushes until none is under way.
func (b *bench) settle() {
	for len(b.tokens) > 0 {
		b.flushed()
	}
}

// pass lets time go by and the timer fire.
func (b *bench) pass(d time.Duration) {
	end := b.now.Add(d)
	for range 10_000 {
		if b.timerAt > end {
			b.now = end
			return
		}
		b.now, b.timerAt = max(b.now, b.timerAt), model.Never
		b.step(model.Event{Kind: model.TimerFired, Timer: model.Timer{Kind: timerExpiry}})
		b.settle()
	}
	require.Fail(b.t, "the timer fires without end")
}

func (b *bench) frame(conn model.ConnID, f func(e *encoder)) {
	var e encoder
	f(&e)
	b.step(model.Event{Kind: model.FrameReceived, Conn: conn, Data: e.b})
}

func (b *bench) open(conn model.ConnID) {
	b.step(model.Event{Kind: model.ConnOpened, Conn: conn, Peer: "client"})
}

// connect sends a connect request on a new connection.
func (b *bench) connect(conn model.ConnID, r connectRequest) {
	b.open(conn)
	b.frame(conn, func(e *encoder) { e.connect(&r) })
}

// session opens a session on a new connection.
func (b *bench) session(conn model.ConnID) connectResponse {
	b.connect(conn, connectRequest{timeout: 6000, password: make([]byte, 16)})
	b.settle()
	return b.connected(conn)
}

// connected takes a connect response.
func (b *bench) connected(conn model.ConnID) connectResponse {
	d := b.take(conn)
	r := d.connected()
	require.False(b.t, d.bad)
	return r
}

func (b *bench) take(conn model.ConnID) *decoder {
	require.NotEmpty(b.t, b.frames[conn], "nothing was sent on connection %d", conn)
	f := b.frames[conn][0]
	b.frames[conn] = b.frames[conn][1:]
	return &decoder{b: f}
}

// ask sends a request of one operation.
func (b *bench) ask(conn model.ConnID, xid int32, o Op) {
	b.frame(conn, func(e *encoder) {
		e.int32(xid)
		e.int32(int32(o.kind))
		e.body(&o)
	})
}

// header sends a request that is a header alone.
func (b *bench) header(conn model.ConnID, xid int32, kind op) {
	b.frame(conn, func(e *encoder) {
		e.int32(xid)
		e.int32(int32(kind))
	})
}

// xids takes all frames of a connection and returns whom they answer, −1 for events.
func (b *bench) xids(conn model.ConnID) []int32 {
	var xids []int32
	for len(b.frames[conn]) > 0 {
		xids = append(xids, b.take(conn).int32())
	}
	return xids
}

// reply takes a reply and checks whom it answers.
func (b *bench) reply(conn model.ConnID, xid int32, kind op) Result {
	d := b.take(conn)
	require.Equal(b.t, xid, d.int32(), "the xid")
	zxid, err := d.int64(), Code(d.int32())
	require.LessOrEqual(b.t, zxid, b.s.state.zxid)
	var r Result
	if err == ErrNone {
		r = d.result(kind)
	}
	require.False(b.t, d.bad)
	require.Empty(b.t, d.b)
	r.Err = err
	return r
}

// event takes a watch event.
func (b *bench) event(conn model.ConnID) WatchEvent {
	d := b.take(conn)
	require.EqualValues(b.t, xidWatch, d.int32())
	d.int64()
	d.int32()
	kind := EventType(d.int32())
	require.EqualValues(b.t, 3, d.int32(), "SyncConnected")
	return WatchEvent{kind, d.string()}
}

func getOp(path string, watch bool) Op { return Op{kind: opGetData, path: path, watch: watch} }
