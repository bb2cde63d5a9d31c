package host

import (
	"fmt"
	"net"
	"slices"
)

// doorkeeper is a process that accepts connections only at times. Who dials before is refused, as
// by Apache Kafka, which listens once it is registered (SocketServer.enableRequestProcessing, 3.9):
// a client tries the next broker, where a connection that ends as soon as it is made looks to some
// like a wrong protocol, upon which they give up.
type doorkeeper interface {
	Accepts() bool
}

// doors are a process's listeners. Its own goroutine alone uses them.
type doors struct {
	list   []Listener
	keeper doorkeeper // nil for a process that always accepts
	open   bool
}

func newDoors(n *Node, list []Listener) doors {
	d := doors{list: slices.Clone(list)}
	d.keeper, _ = n.process.(doorkeeper)
	if d.keeper == nil {
		d.listen(n)
	}
	return d
}

// follow listens or ceases to as the process wants.
func (d *doors) follow(n *Node) {
	if d.keeper == nil || d.keeper.Accepts() == d.open {
		return
	}
	if d.open {
		d.close()
		return
	}
	d.listen(n)
}

func (d *doors) listen(n *Node) {
	d.open = true
	for i := range d.list {
		l := &d.list[i]
		if l.Listener == nil {
			var err error
			if l.Listener, err = net.Listen("tcp", l.Bind); err != nil {
				n.halted = fmt.Sprintf("cannot listen: %s", err)
				return
			}
		}
		listener := *l
		n.others.Go(func() { n.accept(listener) })
	}
}

func (d *doors) close() {
	d.open = false
	for i := range d.list {
		if l := &d.list[i]; l.Listener != nil {
			l.Bind = l.Addr().String() // to listen there again, also at a port that was a free one
			l.Close()
			l.Listener = nil
		}
	}
}
