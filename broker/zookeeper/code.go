package zookeeper

import "strconv"

// Code is ZooKeeper's error code (KeeperException.Code, 3.8).
type Code int32

// The codes that a server sends or a session makes up (the first two).
const (
	ErrNone                    Code = 0
	ErrConnectionLoss          Code = -4 // it is unknown whether the request took effect
	ErrMarshalling             Code = -5
	ErrUnimplemented           Code = -6
	ErrBadArguments            Code = -8
	ErrRuntimeInconsistency    Code = -2 // an operation of a multi behind the one that failed
	ErrNoNode                  Code = -101
	ErrBadVersion              Code = -103
	ErrNoChildrenForEphemerals Code = -108
	ErrNodeExists              Code = -110
	ErrNotEmpty                Code = -111
	ErrSessionExpired          Code = -112
)

// String is the code's name.
func (c Code) String() string {
	switch c {
	case ErrNone:
		return "OK"
	case ErrConnectionLoss:
		return "CONNECTIONLOSS"
	case ErrMarshalling:
		return "MARSHALLINGERROR"
	case ErrUnimplemented:
		return "UNIMPLEMENTED"
	case ErrBadArguments:
		return "BADARGUMENTS"
	case ErrRuntimeInconsistency:
		return "RUNTIMEINCONSISTENCY"
	case ErrNoNode:
		return "NONODE"
	case ErrBadVersion:
		return "BADVERSION"
	case ErrNoChildrenForEphemerals:
		return "NOCHILDRENFOREPHEMERALS"
	case ErrNodeExists:
		return "NODEEXISTS"
	case ErrNotEmpty:
		return "NOTEMPTY"
	case ErrSessionExpired:
		return "SESSIONEXPIRED"
	default:
		return "ERROR " + strconv.Itoa(int(c))
	}
}

// op is the type of a request.
type op int32

const (
	opCreate       op = 1
	opDelete       op = 2
	opExists       op = 3
	opGetData      op = 4
	opSetData      op = 5
	opGetChildren  op = 8
	opSync         op = 9
	opPing         op = 11
	opGetChildren2 op = 12
	opCheck        op = 13
	opMulti        op = 14
	opCreate2      op = 15
	opAuth         op = 100
	opSetWatches   op = 101
	opCloseSession op = -11
	opError        op = -1 // in the reply to a multi
	// Of the txn log alone.
	opCreateSession op = -10
)

// reads tells whether a request of that kind is a read.
func (o op) reads() bool {
	switch o {
	case opExists, opGetData, opGetChildren, opGetChildren2, opSync:
		return true
	default:
		return false
	}
}

// label names a frame for the trace.
func (o op) label() string {
	switch o {
	case opCreate, opCreate2:
		return "zk.create"
	case opDelete:
		return "zk.delete"
	case opExists:
		return "zk.exists"
	case opGetData:
		return "zk.getData"
	case opSetData:
		return "zk.setData"
	case opGetChildren, opGetChildren2:
		return "zk.getChildren"
	case opSync:
		return "zk.sync"
	case opPing:
		return "zk.ping"
	case opMulti:
		return "zk.multi"
	case opAuth:
		return "zk.auth"
	case opSetWatches:
		return "zk.setWatches"
	case opCloseSession:
		return "zk.closeSession"
	default:
		return "zk.request"
	}
}

// Special transaction ids of replies that answer no numbered request.
const (
	xidWatch      int32 = -1
	xidPing       int32 = -2
	xidAuth       int32 = -4
	xidSetWatches int32 = -8
)

// CreateMode says what kind of node is created.
type CreateMode int32

// The modes that Kafka uses.
const (
	Persistent           CreateMode = 0
	Ephemeral            CreateMode = 1 // goes with the session that made it
	PersistentSequential CreateMode = 2 // the path gets ten digits more
	EphemeralSequential  CreateMode = 3
)

func (m CreateMode) ephemeral() bool  { return m&1 != 0 }
func (m CreateMode) sequential() bool { return m&2 != 0 }

// EventType says what a watch has seen.
type EventType int32

// The types of watch events.
const (
	NodeCreated         EventType = 1
	NodeDeleted         EventType = 2
	NodeDataChanged     EventType = 3
	NodeChildrenChanged EventType = 4
)

// WatchEvent is what a one-shot watch reports.
type WatchEvent struct {
	Type EventType
	Path string
}

// Stat is what a server knows of a node besides its data.
type Stat struct {
	Czxid, Mzxid   int64 // txn that created it, that changed it last
	Ctime, Mtime   int64 // milliseconds
	Version        int32 // of the data
	Cversion       int32 // of the list of children
	Aversion       int32
	EphemeralOwner int64 // session id, 0 for a persistent node
	DataLength     int32
	NumChildren    int32
	Pzxid          int64 // txn that changed the list of children last
}

func (e *encoder) stat(s *Stat) {
	for _, v := range [...]int64{s.Czxid, s.Mzxid, s.Ctime, s.Mtime} {
		e.int64(v)
	}
	for _, v := range [...]int32{s.Version, s.Cversion, s.Aversion} {
		e.int32(v)
	}
	e.int64(s.EphemeralOwner)
	e.int32(s.DataLength)
	e.int32(s.NumChildren)
	e.int64(s.Pzxid)
}

func (d *decoder) stat() Stat {
	return Stat{
		Czxid: d.int64(), Mzxid: d.int64(), Ctime: d.int64(), Mtime: d.int64(), Version: d.int32(),
		Cversion: d.int32(), Aversion: d.int32(), EphemeralOwner: d.int64(), DataLength: d.int32(),
		NumChildren: d.int32(), Pzxid: d.int64(),
	}
}
