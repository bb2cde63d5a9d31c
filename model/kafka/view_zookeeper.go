package kafka

import (
	"time"

	"sandcastle/model"
)

// ZooKeeperView is the inside of ZooKeeper.
type ZooKeeperView struct {
	Nodes    []ZNodeView // by path
	Sessions []ZSessionView
}

// ZNodeView is one node of ZooKeeper. Its Data is not to be changed.
type ZNodeView struct {
	Path         string
	Data         []byte
	Version      int32
	Czxid, Mzxid int64 // the transactions that created it, and changed it last
	Owner        int64 // the session that it goes with, 0 for none
}

// ZSessionView is one session.
type ZSessionView struct {
	ID    int64
	Owner string // the node that opened it
}

// ZooKeeperFrame is a request to ZooKeeper, or what it sends, as it stood on the wire.
type ZooKeeperFrame struct {
	At   model.Time
	Conn model.ConnID
	Sent bool // by ZooKeeper
	Op   string
	Path string // that a read is about, or that an event tells of
	// Of a request that writes: what is done to which paths, in order.
	Writes []ZooKeeperWrite
	Watch  bool

	// Of what is sent. Connected is the answer to a connect request, with Session and Timeout; Event
	// is what a watch tells; everything else is a reply.
	Connected bool
	Event     string
	Session   int64
	Timeout   time.Duration
	Failed    bool
	NoNode    bool // it failed because there is no such node
	Zxid      int64
	// Skipped is how many earlier requests of the connection have no reply yet, −1 when nobody asked.
	Skipped int
	// Mzxid is of the node that was read or set, 0 where the reply does not tell.
	Mzxid int64
}

// ZooKeeperWrite is one change.
type ZooKeeperWrite struct {
	Op   string // create, delete, setData
	Path string
}
