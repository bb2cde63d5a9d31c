package zookeeper

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/sim"
)

func TestNodesAndVersions(t *testing.T) {
	w := newWorld(t, 1)
	w.requireErr(ErrNone, w.create("a", "/x", "one", Persistent))
	w.requireErr(ErrNodeExists, w.create("b", "/x", "two", Persistent))
	w.requireErr(ErrNoNode, w.create("a", "/y/z", "", Persistent))
	w.requireErr(ErrBadArguments, w.create("a", "x", "", Persistent))
	w.requireErr(ErrNone, w.set("b", "/x", "two", 0))
	w.requireErr(ErrBadVersion, w.set("a", "/x", "three", 0))
	got := w.get("a", "/x", false)
	require.Equal(t, "two", string(got.Data))
	require.EqualValues(t, 1, got.Stat.Version)
	w.requireErr(ErrNone, w.create("a", "/x/child", "", Ephemeral))
	w.requireErr(ErrNoChildrenForEphemerals, w.create("a", "/x/child/c", "", Persistent))
	require.Equal(t, []string{"child"}, w.children("b", "/x", false).Children)
	r := w.ask("a", func(u *user, out *model.Effects, done Done) {
		u.s.Delete(out, "/x", -1, done)
	})
	w.requireErr(ErrNotEmpty, *r)
}

func TestSequentialNamesNeverComeAgain(t *testing.T) {
	w := newWorld(t, 1)
	w.create("a", "/q", "", Persistent)
	require.Equal(t, "/q/n_0000000000", w.create("a", "/q/n_", "", PersistentSequential).Path)
	require.Equal(t, "/q/n_0000000001", w.create("b", "/q/n_", "", PersistentSequential).Path)
	w.ask("a", func(u *user, out *model.Effects, done Done) {
		u.s.Delete(out, "/q/n_0000000001", -1, done)
	})
	require.Equal(t, "/q/n_0000000002", w.create("a", "/q/n_", "", PersistentSequential).Path)
}

func TestWatchesFireOnce(t *testing.T) {
	w := newWorld(t, 1)
	w.create("a", "/x", "", Persistent)
	w.get("b", "/x", true)
	w.exists("b", "/new", true)
	w.children("b", "/", true)
	w.set("a", "/x", "1", -1)
	w.set("a", "/x", "2", -1)
	require.Equal(t, []WatchEvent{{NodeDataChanged, "/x"}}, w.events("b"))
	w.create("a", "/new", "", Persistent)
	w.create("a", "/other", "", Persistent)
	require.Equal(t, []WatchEvent{{NodeCreated, "/new"}, {NodeChildrenChanged, "/"}}, w.events("b"))
}

func TestMultiIsAllOrNothing(t *testing.T) {
	w := newWorld(t, 1)
	w.create("a", "/epoch", "1", Persistent)
	r := w.multi("a", CreateOp("/controller", []byte("a"), Ephemeral), SetOp("/epoch", []byte("2"), 0))
	w.requireErr(ErrNone, r)
	require.EqualValues(t, 1, r.Results[1].Stat.Version)

	r = w.multi(
		"b",
		CheckOp("/epoch", 1),
		CreateOp("/b", nil, Persistent),
		SetOp("/epoch", []byte("9"), 0),
		DeleteOp("/controller", -1),
	)
	w.requireErr(ErrBadVersion, r)
	require.Equal(t, []Code{ErrNone, ErrNone, ErrBadVersion, ErrRuntimeInconsistency},
		[]Code{r.Results[0].Err, r.Results[1].Err, r.Results[2].Err, r.Results[3].Err})
	w.requireErr(ErrNoNode, w.get("a", "/b", false))
	require.Equal(t, "2", string(w.get("a", "/epoch", false).Data))
}

// A client that falls silent loses its session after its timeout, and its ephemeral nodes with it;
// a client that comes back too late learns of it only then.
func TestSessionExpiry(t *testing.T) {
	w := newWorld(t, 1)
	w.create("a", "/brokers", "", Persistent)
	w.create("a", "/brokers/1", "", Ephemeral)
	w.children("b", "/brokers", true)
	w.Cut("a", serverNode)
	w.wait(5 * time.Second)
	w.requireErr(ErrNone, w.exists("b", "/brokers/1", false))
	w.wait(5 * time.Second)
	w.requireErr(ErrNoNode, w.exists("b", "/brokers/1", false))
	require.Equal(t, []WatchEvent{{NodeChildrenChanged, "/brokers"}}, w.events("b"))
	require.Contains(t, w.notes, "session-expired (a)")
	require.Zero(t, w.users["a"].lost, "a cannot know")
	w.HealAll()
	w.wait(5 * time.Second)
	require.Equal(t, 1, w.users["a"].lost)
	require.Equal(t, []bool{true, true}, w.users["a"].fresh)
}

// A short cut costs the connection, not the session. Watches are set again, and what happened
// meanwhile is told.
func TestReattachKeepsTheSession(t *testing.T) {
	w := newWorld(t, 1)
	w.create("b", "/x", "", Ephemeral)
	w.create("a", "/y", "", Persistent)
	w.get("b", "/y", true)
	id := w.users["b"].s.ID()
	w.Reset("b", serverNode)
	w.Cut("b", serverNode)
	w.wait(2 * time.Second)
	w.set("a", "/y", "changed", -1)
	w.HealAll()
	w.wait(10 * time.Second)
	require.Equal(t, []bool{true, false}, w.users["b"].fresh)
	require.Equal(t, id, w.users["b"].s.ID())
	w.requireErr(ErrNone, w.exists("a", "/x", false))
	require.Equal(t, []WatchEvent{{NodeDataChanged, "/y"}}, w.events("b"))
}

// A request that is in flight when the connection breaks has an unknown outcome, and says so.
func TestLostConnectionIsAnOutcome(t *testing.T) {
	w := newWorld(t, 1)
	w.Cut(serverNode, "a")
	var got *Result
	w.Command("a", call(func(out *model.Effects) {
		w.users["a"].s.Create(out, "/maybe", nil, Persistent,
			func(_ *model.Effects, r Result) { got = &r })
	}))
	w.wait(5 * time.Second)
	require.NotNil(t, got)
	w.requireErr(ErrConnectionLoss, *got)
	w.requireErr(ErrNone, w.exists("b", "/maybe", false))
}

// Whatever was answered survives a power loss, sessions too: they begin their time anew.
func TestRecoveryAfterPowerLoss(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(t, seed)
		w.create("a", "/x", "", Persistent)
		w.create("a", "/mine", "", Ephemeral)
		for i := range 5 {
			w.create("a", fmt.Sprintf("/x/%d", i), "data", Persistent)
		}
		before := w.Process(serverNode).(*Server).Dump()
		w.Command("a", call(func(out *model.Effects) { // on its way when the power goes
			w.users["a"].s.Create(
				out,
				"/late",
				nil,
				Persistent,
				func(*model.Effects, Result) {},
			)
		}))
		w.wait(time.Duration(seed) * 100 * time.Microsecond)
		w.PowerLoss(serverNode)
		w.World.Start(serverNode)
		after := w.Process(serverNode).(*Server).Dump()
		require.GreaterOrEqual(t, len(after), len(before))
		if len(after) == len(before) {
			require.Equal(t, before, after)
		}
		w.wait(10 * time.Second)
		require.Equal(t, []bool{true, false}, w.users["a"].fresh, "seed %d", seed)
		w.requireErr(ErrNone, w.exists("b", "/mine", false))
	}
}

// A snapshot with the log behind it gives the state that it was made of.
func TestSnapshotAndLogGiveTheState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		disk := sim.NewDisk(model.NewRand(rapid.Uint64().Draw(t, "seed"), "disk"))
		l, s, err := openLog(disk, 1<<20)
		require.NoError(t, err)
		zxid := int64(0)
		do := func(x txn) {
			zxid++
			x.zxid, x.millis = zxid, zxid*10
			require.NoError(t, l.append(&x))
			s.apply(&x)
		}
		do(txn{kind: opCreateSession, session: 7, timeout: 6000, password: []byte("secret"), owner: "a"})
		for i := range rapid.IntRange(0, 30).Draw(t, "txns") {
			path := rapid.SampledFrom([]string{"/a", "/b", "/a/c", "/a/d"}).Draw(t, "path")
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				do(txn{kind: opDelete, session: 7, ops: []Op{DeleteOp(path, -1)}})
			case 1:
				do(txn{kind: opSetData, session: 7, ops: []Op{SetOp(path, []byte{byte(i)}, -1)}})
			case 2:
				do(txn{kind: opCreate, session: 7, ops: []Op{CreateOp(path, []byte("x"), EphemeralSequential)}})
			case 3:
				l.n++
				require.NoError(t, l.writeSnapshot(s))
				l.file, err = disk.Open(l.name("log", l.n))
				require.NoError(t, err)
				l.size = 0
			default:
				do(txn{kind: opCreate, session: 7, ops: []Op{CreateOp(path, []byte("x"), Persistent)}})
			}
		}
		_, recovered, err := openLog(disk, 1<<20)
		require.NoError(t, err)
		require.Equal(t, s.zxid, recovered.zxid)
		require.Equal(t, s.tree.dump(), recovered.tree.dump())
		require.Equal(t, s.ids, recovered.ids)
		require.Equal(t, s.tree.ephemerals, recovered.tree.ephemerals, "and they go in the same order")
	})
}

// The bytes of ZooKeeper's own client: a connect request and a getData, by the jute definitions.
func TestBytesOnTheWire(t *testing.T) {
	var e encoder
	e.connect(&connectRequest{timeout: 6000, password: make([]byte, 16)})
	require.Equal(t, append(append([]byte{
		0, 0, 0, 0, // protocol version
		0, 0, 0, 0, 0, 0, 0, 0, // last zxid
		0, 0, 0x17, 0x70, // timeout
		0, 0, 0, 0, 0, 0, 0, 0, // session
		0, 0, 0, 16, // password
	}, make([]byte, 16)...), 0), e.b)
	e = encoder{}
	e.body(&Op{kind: opGetData, path: "/a", watch: true})
	require.Equal(t, []byte{0, 0, 0, 2, '/', 'a', 1}, e.b)
}

func FuzzServerFrame(f *testing.F) {
	var e encoder
	e.connect(&connectRequest{timeout: 6000, password: make([]byte, 16)})
	f.Add(e.b, true)
	e = encoder{}
	e.int32(1)
	e.int32(int32(opMulti))
	e.multi([]Op{CreateOp("/x", nil, Persistent), CheckOp("/y", 3)})
	f.Add(e.b, false)
	f.Fuzz(func(t *testing.T, frame []byte, first bool) {
		s := NewServer(model.Boot{Disk: sim.NewDisk(model.NewRand(1, "d")), Rand: model.NewRand(1, "r")},
			ServerConfig{})
		var out model.Effects
		s.Step(model.Event{Kind: model.Started}, out.At(0))
		s.Step(model.Event{Kind: model.ConnOpened, Conn: 2, Peer: "x"}, out.At(0))
		if !first {
			var e encoder
			e.connect(&connectRequest{timeout: 6000, password: make([]byte, 16)})
			s.Step(model.Event{Kind: model.FrameReceived, Conn: 2, Data: e.b}, out.At(0))
			s.Step(model.Event{Kind: model.Flushed, Token: 1}, out.At(0))
		}
		s.Step(model.Event{Kind: model.FrameReceived, Conn: 2, Data: frame}, out.At(1))
		s.Step(model.Event{Kind: model.Flushed, Token: 2}, out.At(2))
	})
}
