package znodes

import (
	"fmt"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Order finds what ZooKeeper must not send: a reply before an earlier one of its connection, one of
// an older state than it has told already, a read without what was written, and a reply to somebody
// who was not told of a change that it watches.
func (f *Facts) Order(x *kafka.ZooKeeperFrame) []Violation {
	if !x.Sent || x.Connected || x.Event != "" || f.void {
		return nil
	}
	why := ""
	switch {
	case x.Skipped > 0:
		why = fmt.Sprintf("was answered before %d earlier requests of its connection", x.Skipped)
	case x.Skipped < 0:
		why = "was answered, and nobody had asked"
	case x.Zxid < f.zxid:
		why = fmt.Sprintf("was answered with zxid %d, after one with %d", x.Zxid, f.zxid)
	case x.Mzxid > 0 && x.Mzxid < f.written[x.Path]:
		why = fmt.Sprintf("was answered with what transaction %d wrote, after %d was acknowledged",
			x.Mzxid, f.written[x.Path])
	case len(f.conn(x.Conn).missed) > 0:
		why = "was answered to who was not told of a change that it watches"
	}
	if why == "" {
		return nil
	}
	return []Violation{{
		Anomaly: kafka.MisorderedReply, Identity: fmt.Sprint(x.Op, why),
		Explanation: fmt.Sprintf("%s of %s %s", x.Op, x.Path, why),
		Witnesses:   []kafka.Witness{witness(x)},
	}}
}

func witness(x *kafka.ZooKeeperFrame) kafka.Witness {
	return kafka.Witness{Op: -1, At: x.At, Who: "ZooKeeper", Text: fmt.Sprintf(
		"answers %s %s on connection %d with zxid %d", x.Op, x.Path, x.Conn, x.Zxid)}
}

// Track learns of a frame.
func (f *Facts) Track(x *kafka.ZooKeeperFrame) {
	c := f.conn(x.Conn)
	switch {
	case !x.Sent:
		if s := f.sessions[c.session]; s != nil {
			if x.At.Sub(s.heard) >= s.timeout*9/10 {
				s.overdue = x.At
			}
			s.heard = x.At
		}
	case x.Connected:
		if c.session = x.Session; x.Timeout > 0 {
			f.sessions[x.Session] = &session{timeout: x.Timeout, heard: x.At}
		}
	case x.Event != "":
		c.told(x)
	default:
		f.zxid = max(f.zxid, x.Zxid)
		f.trackReply(c, x)
	}
}

// told takes the watches away that an event uses up.
func (c *conn) told(x *kafka.ZooKeeperFrame) {
	delete(c.missed, x.Path)
	switch x.Event {
	case "NodeChildrenChanged":
		c.watches[x.Path] &^= watchChild
	case "NodeDeleted":
		delete(c.watches, x.Path)
	default:
		c.watches[x.Path] &^= watchData
	}
}

func (f *Facts) trackReply(c *conn, x *kafka.ZooKeeperFrame) {
	if x.Watch && (!x.Failed || x.Op == "exists" && x.NoNode) {
		kind := watchData
		if strings.HasPrefix(x.Op, "getChildren") {
			kind = watchChild
		}
		c.watches[x.Path] |= kind
	}
	if x.Failed {
		return
	}
	if x.Op == "setData" {
		f.written[x.Path] = max(f.written[x.Path], x.Mzxid)
	}
	for _, w := range x.Writes {
		parent := "/"
		if at := strings.LastIndexByte(w.Path, '/'); at > 0 {
			parent = w.Path[:at]
		}
		switch w.Op {
		case "setData":
			f.miss(w.Path, watchData, x.At)
		case "create":
			f.miss(w.Path, watchData, x.At)
			f.miss(parent, watchChild, x.At)
		case "delete":
			f.miss(w.Path, watchData|watchChild, x.At)
			f.miss(parent, watchChild, x.At)
			delete(f.written, w.Path)
		}
	}
}

// miss notes who still watches what an acknowledged write has changed: the event comes before the
// reply to who wrote, because ZooKeeper does both in one step.
func (f *Facts) miss(path string, kind watch, at model.Time) {
	for _, c := range f.conns { //unordered: each by itself
		if c.watches[path]&kind != 0 {
			c.missed[path] = at
		}
	}
}
