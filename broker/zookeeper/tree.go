package zookeeper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// tree is the data: nodes by path. The root is there from the beginning.
type tree struct {
	nodes map[string]*znode
	// ephemerals are the paths that go with each session, in the order in which they were made, which
	// is that in which they go: by zxid, and by path for those that one multi made.
	ephemerals map[int64][]string
}

type znode struct {
	data     []byte
	stat     Stat
	children []string // names, sorted
	// sequence numbers the sequential children ever made, so that a name never comes again.
	sequence int32
}

func newTree() *tree {
	return &tree{nodes: map[string]*znode{"/": {}}, ephemerals: map[int64][]string{}}
}

// validPath is ZooKeeper's rule (PathUtils.validatePath): absolute, no empty or relative names.
func validPath(path string) bool {
	if path == "/" {
		return true
	}
	if !strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
		return false
	}
	for rest, more := path[1:], true; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		if name == "" || name == "." || name == ".." {
			return false
		}
	}
	for _, c := range path { // bytes that are not UTF-8 come as U+FFFD
		switch {
		case c <= 0x1f, c >= 0x7f && c <= 0x9f, c >= 0xd800 && c <= 0xf8ff, c >= 0xfff0 && c <= 0xffff:
			return false
		}
	}
	return true
}

func split(path string) (parent, name string) {
	at := strings.LastIndexByte(path, '/')
	if at == 0 {
		return "/", path[1:]
	}
	return path[:at], path[at+1:]
}

func (n *znode) view() Stat {
	s := n.stat
	s.DataLength, s.NumChildren = int32(len(n.data)), int32(len(n.children))
	return s
}

// change is what an operation did, for watches and for undoing it.
type change struct {
	event WatchEvent
	undo  func()
}

// moment is when and by whom an operation is made.
type moment struct {
	zxid    int64
	millis  int64
	session int64
}

// apply does one writing operation, or says why it cannot.
func (t *tree) apply(o *Op, at moment) (Result, change) {
	if !validPath(o.path) && !(o.kind == opCreate && o.mode.sequential() && validPath(o.path+"0")) {
		return Result{Err: ErrBadArguments}, change{}
	}
	switch o.kind {
	case opCreate, opCreate2:
		if o.mode < Persistent || o.mode > EphemeralSequential {
			return Result{Err: ErrUnimplemented}, change{} // containers and nodes with a time to live
		}
		return t.create(o, at)
	case opDelete:
		return t.delete(o, at)
	case opSetData:
		return t.setData(o, at)
	case opCheck:
		n := t.nodes[o.path]
		return Result{Err: matches(n, o.version)}, change{}
	default:
		return Result{Err: ErrUnimplemented}, change{}
	}
}

func matches(n *znode, version int32) Code {
	switch {
	case n == nil:
		return ErrNoNode
	case version != -1 && version != n.stat.Version:
		return ErrBadVersion
	default:
		return ErrNone
	}
}

func (t *tree) create(o *Op, at moment) (Result, change) {
	parentPath, _ := split(o.path)
	parent := t.nodes[parentPath]
	switch {
	case o.path == "/" && !o.mode.sequential():
		return Result{Err: ErrNodeExists}, change{}
	case parent == nil:
		return Result{Err: ErrNoNode}, change{}
	case parent.stat.EphemeralOwner != 0:
		return Result{Err: ErrNoChildrenForEphemerals}, change{}
	}
	path := o.path
	if o.mode.sequential() {
		path += fmt.Sprintf("%010d", parent.sequence)
	}
	if t.nodes[path] != nil {
		return Result{Err: ErrNodeExists}, change{}
	}
	before, sequence := parent.stat, parent.sequence
	parent.sequence++
	n := &znode{data: o.data, stat: Stat{
		Czxid: at.zxid, Mzxid: at.zxid, Pzxid: at.zxid, Ctime: at.millis, Mtime: at.millis,
	}}
	if o.mode.ephemeral() {
		n.stat.EphemeralOwner = at.session
	}
	t.link(path, n)
	parent.stat.Cversion++
	parent.stat.Pzxid = at.zxid
	return Result{Path: path, Stat: n.view()}, change{WatchEvent{NodeCreated, path}, func() {
		t.unlink(path)
		parent.stat, parent.sequence = before, sequence
	}}
}

func (t *tree) delete(o *Op, at moment) (Result, change) {
	n := t.nodes[o.path]
	switch err := matches(n, o.version); {
	case o.path == "/":
		return Result{Err: ErrBadArguments}, change{}
	case err != ErrNone:
		return Result{Err: err}, change{}
	case len(n.children) > 0:
		return Result{Err: ErrNotEmpty}, change{}
	}
	parentPath, _ := split(o.path)
	parent := t.nodes[parentPath]
	before := parent.stat
	t.unlink(o.path)
	parent.stat.Cversion++
	parent.stat.Pzxid = at.zxid
	return Result{}, change{WatchEvent{NodeDeleted, o.path}, func() {
		t.link(o.path, n)
		parent.stat = before
	}}
}

func (t *tree) setData(o *Op, at moment) (Result, change) {
	n := t.nodes[o.path]
	if err := matches(n, o.version); err != ErrNone {
		return Result{Err: err}, change{}
	}
	data, before := n.data, n.stat
	n.data = o.data
	n.stat.Version++
	n.stat.Mzxid, n.stat.Mtime = at.zxid, at.millis
	return Result{Stat: n.view()}, change{WatchEvent{NodeDataChanged, o.path}, func() {
		n.data, n.stat = data, before
	}}
}

func (t *tree) link(path string, n *znode) {
	t.nodes[path] = n
	parentPath, name := split(path)
	parent := t.nodes[parentPath]
	at, _ := slices.BinarySearch(parent.children, name)
	parent.children = slices.Insert(parent.children, at, name)
	if owner := n.stat.EphemeralOwner; owner != 0 {
		paths := t.ephemerals[owner]
		at, _ := slices.BinarySearchFunc(paths, path, t.older)
		t.ephemerals[owner] = slices.Insert(paths, at, path)
	}
}

func (t *tree) unlink(path string) {
	n := t.nodes[path]
	delete(t.nodes, path)
	parentPath, name := split(path)
	parent := t.nodes[parentPath]
	if at, found := slices.BinarySearch(parent.children, name); found {
		parent.children = slices.Delete(parent.children, at, at+1)
	}
	if owner := n.stat.EphemeralOwner; owner != 0 {
		paths := slices.DeleteFunc(t.ephemerals[owner], func(p string) bool { return p == path })
		if t.ephemerals[owner] = paths; len(paths) == 0 {
			delete(t.ephemerals, owner)
		}
	}
}

// older compares the ages of the nodes at two paths.
func (t *tree) older(a, b string) int {
	return cmp.Or(cmp.Compare(t.nodes[a].stat.Czxid, t.nodes[b].stat.Czxid), cmp.Compare(a, b))
}

// read answers an operation that changes nothing.
func (t *tree) read(o *Op) Result {
	n := t.nodes[o.path]
	switch {
	case !o.kind.reads():
		return Result{Err: ErrUnimplemented}
	case o.kind == opSync:
		return Result{Path: o.path}
	case !validPath(o.path):
		return Result{Err: ErrBadArguments}
	case n == nil:
		return Result{Err: ErrNoNode}
	}
	return Result{Data: n.data, Stat: n.view(), Children: n.children}
}

// NodeView is one node, for white-box checks.
type NodeView struct {
	Path string
	Data []byte
	Stat Stat
}

func (t *tree) dump() []NodeView {
	paths := make([]string, 0, len(t.nodes))
	for path := range t.nodes { //unordered: they are sorted below
		paths = append(paths, path)
	}
	slices.Sort(paths)
	views := make([]NodeView, len(paths))
	for i, path := range paths {
		n := t.nodes[path]
		views[i] = NodeView{path, n.data, n.view()}
	}
	return views
}
