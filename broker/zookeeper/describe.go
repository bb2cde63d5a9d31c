package zookeeper

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// textLimit is how many bytes a frame's line in the trace has at most, dataLimit how many of them
// show a node's data.
const (
	textLimit = 200
	dataLimit = 110
)

// Describer says for the trace what ZooKeeper's frames mean. Replies do not name their node, so it
// remembers the requests that are open. It sees the frames of one run in their order and has no
// influence on them.
type Describer struct {
	asked map[asked]string // paths
}

// asked is a request that was seen.
type asked struct {
	client, server model.NodeID
	xid            int32
}

// askedLimit is how many open requests are remembered at most.
const askedLimit = 10_000

// NewDescriber returns a describer that has seen nothing yet.
func NewDescriber() *Describer { return &Describer{map[asked]string{}} }

// Describe completes the line of a ZooKeeper frame, without length, that the line's label names.
func (x *Describer) Describe(l *kafka.TraceLine, frame []byte) {
	t := frameText{d: decoder{b: frame}}
	if l.Label.Reply {
		key := asked{l.Node, l.Peer, l.Label.Correlation}
		t.reply(l.Label.Name, x.asked[key])
		delete(x.asked, key)
	} else {
		t.request(l.Label.Name)
		if len(x.asked) >= askedLimit {
			clear(x.asked)
		}
		if t.first != "" {
			x.asked[asked{l.Peer, l.Node, l.Label.Correlation}] = t.first
		}
	}
	if t.d.bad {
		t.b, t.tps, t.empty = append(t.b[:0], "cannot be read"...), nil, false
	}
	if len(t.b) == 0 { // its names are empty
		t.word("nothing")
	}
	l.Note.Text, l.Note.Partitions, l.Empty = t.String(), t.tps, t.empty
}

// frameText is the line of one frame as it is written.
type frameText struct {
	d     decoder
	b     []byte
	first string // path of a request
	tps   []kafka.TopicPartition
	empty bool
}

func (t *frameText) word(s string) *frameText {
	if len(t.b) > 0 {
		t.b = append(t.b, ' ')
	}
	t.b = append(t.b, s...)
	return t
}

func (t *frameText) field(name string, n int64) *frameText {
	t.word(name)
	t.b = strconv.AppendInt(append(t.b, '='), n, 10)
	return t
}

func (t *frameText) request(label string) {
	if label == "zk.connect" {
		r := t.d.connect()
		t.session(r.session)
		t.field("timeout", int64(r.timeout/1000)).b = append(t.b, 's')
		return
	}
	t.d.int32() // xid
	kind := op(t.d.int32())
	switch kind {
	case opPing:
		t.word("session is alive")
	case opCloseSession:
		t.word("session ends")
	case opAuth:
		t.word("credentials")
	case opMulti:
		for i, o := range t.d.multi() {
			if i > 0 {
				t.b = append(t.b, ',')
			}
			name := strings.TrimPrefix(o.kind.label(), "zk.")
			if o.kind == opCheck {
				name = "check"
			}
			t.word(name).op(&o)
		}
	case opSetWatches:
		r := t.d.rewatch()
		t.field("data", int64(len(r.data))).field("exists", int64(len(r.exists)))
		t.field("children", int64(len(r.child)))
	case opSync:
		t.first = t.d.string()
		t.path(t.first)
	default:
		o := t.d.body(kind)
		t.first = o.path
		t.op(&o)
	}
}

// session adds a session's id, in hexadecimal as ZooKeeper prints it.
func (t *frameText) session(id int64) {
	if id == 0 {
		t.word("new session")
		return
	}
	t.word("session=0x")
	t.b = strconv.AppendUint(t.b, uint64(id), 16)
}

// op says what one operation does to which node.
func (t *frameText) op(o *Op) {
	t.path(o.path)
	switch o.kind {
	case opCreate, opCreate2:
		if o.mode.ephemeral() {
			t.word("ephemeral")
		}
		if o.mode.sequential() {
			t.word("sequential")
		}
		t.data(o.data)
	case opSetData:
		t.version(o.version)
		t.data(o.data)
	case opDelete, opCheck:
		t.version(o.version)
	}
	if o.watch {
		t.word("watch")
	}
}

func (t *frameText) version(v int32) {
	if v >= 0 {
		t.field("version", int64(v))
	}
}

// path adds a node's path, and the partition whose state stands there.
func (t *frameText) path(path string) {
	t.word(path)
	rest, ok := strings.CutPrefix(path, "/brokers/topics/")
	if !ok {
		return
	}
	topic, rest, ok := strings.Cut(rest, "/partitions/")
	number, _, _ := strings.Cut(rest, "/")
	if tp, is := kafka.ParseTopicPartition(topic + "-" + number); ok && is && len(t.tps) < 64 {
		t.tps = append(t.tps, tp)
	}
}

// data adds the beginning of a node's data when it is text.
func (t *frameText) data(b []byte) {
	switch {
	case len(b) == 0:
	case !utf8.Valid(b):
		t.field("bytes", int64(len(b)))
	case len(b) <= dataLimit:
		t.word(string(b))
	default:
		end := dataLimit
		for !utf8.RuneStart(b[end]) {
			end--
		}
		t.word(string(b[:end]) + "…")
	}
}

// reply says what the answer to a request for a path holds.
func (t *frameText) reply(label, path string) {
	if label == "zk.connect" {
		r := t.d.connected()
		if r.timeout == 0 {
			t.word("session expired")
			return
		}
		t.session(r.session)
		t.field("timeout", int64(r.timeout/1000)).b = append(t.b, 's')
		return
	}
	t.d.int32() // xid
	zxid, code := t.d.int64(), Code(t.d.int32())
	if path != "" && (label != "zk.create" || code != ErrNone) {
		t.path(path)
	}
	switch {
	case t.d.bad:
	case code != ErrNone:
		t.word(code.String())
	case label == "zk.event":
		t.event()
	case label == "zk.ping":
		t.empty = true
		t.word("ok")
	case label == "zk.multi":
		t.results(t.d.multiResult())
	default:
		t.result(label)
	}
	if zxid > 0 && label != "zk.ping" {
		t.field("zxid", zxid)
	}
}

func (t *frameText) event() {
	names := map[EventType]string{NodeCreated: "created", NodeDeleted: "deleted",
		NodeDataChanged: "data changed", NodeChildrenChanged: "children changed"}
	what := EventType(t.d.int32())
	t.d.int32() // state
	t.path(t.d.string())
	if name, ok := names[what]; ok {
		t.word(name)
		return
	}
	t.field("event", int64(what))
}

func (t *frameText) results(results []Result) {
	for i := range results {
		if err := results[i].Err; err != ErrNone && err != ErrRuntimeInconsistency {
			t.word(err.String())
			return
		}
	}
	t.word("ok").field("operations", int64(len(results)))
}

// result says what a read found or a write did.
func (t *frameText) result(label string) {
	switch label {
	case "zk.create":
		t.path(t.d.string())
	case "zk.getData":
		data := t.d.bytes()
		s := t.d.stat()
		t.field("version", int64(s.Version)).data(data)
	case "zk.exists", "zk.setData":
		s := t.d.stat()
		t.field("version", int64(s.Version))
	case "zk.getChildren":
		t.children(t.d.strings())
	default:
		t.word("ok")
	}
}

func (t *frameText) children(names []string) {
	t.field("children", int64(len(names)))
	for i, name := range names {
		if i == 0 {
			t.b = append(t.b, ':')
		} else {
			t.b = append(t.b, ',')
		}
		t.word(name)
		if len(t.b) > textLimit {
			return
		}
	}
}

// String returns the line, cut where it gets too long.
func (t *frameText) String() string {
	if len(t.b) <= textLimit {
		return strings.ToValidUTF8(string(t.b), "�")
	}
	end := textLimit - len("…")
	for end > 0 && !utf8.RuneStart(t.b[end]) {
		end--
	}
	return strings.ToValidUTF8(string(t.b[:end]), "�") + "…"
}
