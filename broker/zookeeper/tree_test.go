package zookeeper

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// plainTree says in the plainest words what a tree must do: a map, and children found by looking.
type plainTree map[string]*plainNode

type plainNode struct {
	data     string
	version  int32
	created  int32 // children ever
	deleted  int32
	owner    int64
	modified int64 // zxid
}

func (p plainTree) clone() plainTree {
	c := plainTree{}
	for k, n := range p {
		twin := *n
		c[k] = &twin
	}
	return c
}

func (p plainTree) children(dir string) []string {
	var names []string
	for k := range p {
		if k != "/" && path.Dir(k) == dir {
			names = append(names, path.Base(k))
		}
	}
	slices.Sort(names)
	return names
}

func (p plainTree) do(o *Op, zxid, session int64) (string, Code) {
	n, parent := p[o.path], p[path.Dir(o.path)]
	if o.kind == opCreate {
		name := o.path
		if parent != nil && o.mode.sequential() {
			name, n = fmt.Sprintf("%s%010d", o.path, parent.created), nil
		}
		switch {
		case parent == nil:
			return "", ErrNoNode
		case parent.owner != 0:
			return "", ErrNoChildrenForEphemerals
		case n != nil:
			return "", ErrNodeExists
		}
		parent.created++
		p[name] = &plainNode{data: string(o.data), modified: zxid}
		if o.mode.ephemeral() {
			p[name].owner = session
		}
		return name, ErrNone
	}
	switch {
	case n == nil:
		return "", ErrNoNode
	case o.version != -1 && o.version != n.version:
		return "", ErrBadVersion
	}
	switch o.kind {
	case opSetData:
		n.data, n.version, n.modified = string(o.data), n.version+1, zxid
	case opDelete:
		if len(p.children(o.path)) > 0 {
			return "", ErrNotEmpty
		}
		parent.deleted++
		delete(p, o.path)
	}
	return "", ErrNone
}

func (p plainTree) close(session int64) {
	for k, n := range p {
		if n.owner == session {
			p[path.Dir(k)].deleted++
			delete(p, k)
		}
	}
}

// requireSame compares the trees node by node, and the tree's indexes with its nodes.
func (p plainTree) requireSame(t *rapid.T, tree *tree) {
	views := tree.dump()
	require.Len(t, views, len(p))
	owned := 0
	for _, v := range views {
		n := p[v.Path]
		require.NotNil(t, n, v.Path)
		require.Equal(t, n.data, string(v.Data), v.Path)
		require.Equal(t, n.version, v.Stat.Version, v.Path)
		require.Equal(t, n.created+n.deleted, v.Stat.Cversion, v.Path)
		require.Equal(t, n.owner, v.Stat.EphemeralOwner, v.Path)
		require.Equal(t, n.modified, v.Stat.Mzxid, v.Path)
		children := p.children(v.Path)
		require.Equal(t, children, append([]string(nil), tree.nodes[v.Path].children...), v.Path)
		require.EqualValues(t, len(children), v.Stat.NumChildren, v.Path)
		if n.owner != 0 {
			owned++
			require.Contains(t, tree.ephemerals[n.owner], v.Path)
		}
	}
	for _, paths := range tree.ephemerals {
		require.True(t, slices.IsSortedFunc(paths, tree.older))
		owned -= len(paths)
	}
	require.Zero(t, owned, "the index of ephemeral nodes")
}

// Whatever is done to it, the tree is what the plain one is: single operations, multis that succeed
// and fail, sessions that end.
func TestTreeAgainstAPlainMap(t *testing.T) {
	paths := []string{"/a", "/b", "/a/c", "/a/d", "/a/c/e"}
	rapid.Check(t, func(t *rapid.T) {
		s, plain := newState(), plainTree{"/": {}}
		for id := int64(1); id <= 2; id++ {
			s.apply(&txn{zxid: id, kind: opCreateSession, session: id})
		}
		zxid := int64(2)
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { plain.requireSame(t, s.tree) },
			"write": func(t *rapid.T) {
				zxid++
				x := txn{zxid: zxid, session: rapid.Int64Range(1, 2).Draw(t, "session"), kind: opMulti}
				for range rapid.IntRange(1, 4).Draw(t, "ops") {
					o := Op{
						kind:    rapid.SampledFrom([]op{opCreate, opCreate, opSetData, opDelete, opCheck}).Draw(t, "kind"),
						path:    rapid.SampledFrom(paths).Draw(t, "path"),
						version: rapid.Int32Range(-1, 1).Draw(t, "version"),
						data:    []byte(rapid.StringN(0, 2, -1).Draw(t, "data")),
						mode:    CreateMode(rapid.IntRange(0, 3).Draw(t, "mode")),
					}
					x.ops = append(x.ops, o)
				}
				single := len(x.ops) == 1 && x.ops[0].kind != opCheck
				if single {
					x.kind = x.ops[0].kind
				}
				result, events := s.apply(&x)
				after, err := plain.clone(), ErrNone
				changes, names := 0, make([]string, len(x.ops))
				for i := range x.ops {
					names[i], err = after.do(&x.ops[i], zxid, x.session)
					got := result
					if !single {
						got = result.Results[i]
					}
					require.Equal(t, err, got.Err, "operation %d", i)
					if err != ErrNone {
						break
					}
					if x.ops[i].kind != opCheck {
						changes++
					}
				}
				if err == ErrNone {
					for i := range x.ops {
						if single {
							require.Equal(t, names[i], result.Path)
						} else {
							require.Equal(t, names[i], result.Results[i].Path)
						}
					}
					plain = after
					require.Len(t, events, changes)
				} else {
					require.Empty(t, events)
					for _, r := range result.Results {
						require.Equal(t, Result{Err: r.Err}, r, "nothing has happened")
					}
				}
			},
			"end": func(t *rapid.T) {
				id := rapid.Int64Range(1, 2).Draw(t, "session")
				zxid++
				mine := slices.Clone(s.tree.ephemerals[id])
				_, events := s.apply(&txn{zxid: zxid, kind: opCloseSession, session: id})
				plain.close(id)
				require.Len(t, events, len(mine))
				for i, e := range events {
					require.Equal(t, WatchEvent{NodeDeleted, mine[i]}, e)
				}
				_, again := s.apply(&txn{zxid: zxid, kind: opCloseSession, session: id})
				require.Empty(t, again, "a session ends once")
				s.apply(&txn{zxid: zxid, kind: opCreateSession, session: id})
			},
		})
	})
}

// PathUtils.validatePath, 3.8.
func TestValidPaths(t *testing.T) {
	for _, p := range []string{"/", "/a", "/a/b", "/.a", "/a..", "/a/...", "/ü/日本", "/a b"} {
		require.True(t, validPath(p), "%q", p)
	}
	for _, p := range []string{
		"", "a", "/a/", "//", "/a//b", "/.", "/a/..", "/a/./b", "/\x00", "/a\x1f", "/\x7f", "/\u009f", "/\ue000",
		"/\ufff0", "/\xff",
	} {
		require.False(t, validPath(p), "%q", p)
	}
}

// The root can be neither made nor deleted; a node that is made below it with no name of its own
// gets its number as its name.
func TestTheRoot(t *testing.T) {
	tr := newTree()
	at := moment{zxid: 1}
	do := func(o Op) Result {
		r, _ := tr.apply(&o, at)
		return r
	}
	require.Equal(t, ErrNodeExists, do(CreateOp("/", nil, Persistent)).Err)
	require.Equal(t, ErrBadArguments, do(DeleteOp("/", -1)).Err)
	require.Equal(t, "/0000000000", do(CreateOp("/", nil, PersistentSequential)).Path)
	require.Equal(t, ErrNone, do(SetOp("/", []byte("x"), 0)).Err)
	require.Equal(t, ErrUnimplemented, do(CreateOp("/c", nil, CreateMode(4))).Err, "a container")
	require.Equal(t, []string{"0000000000"}, tr.read(&Op{kind: opGetChildren, path: "/"}).Children)
	require.True(t, strings.HasPrefix(do(CreateOp("/0000000000/", nil, PersistentSequential)).Path, "/0000000000/0"))
}
