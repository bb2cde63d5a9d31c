package sim

import (
	"time"

	"sandcastle/model"
)

// Usage is for how long a node's parts have been taken so far.
type Usage struct {
	CPU, NIC, Disk time.Duration
}

// Usage returns what id has used of its machine.
func (w *World) Usage(id model.NodeID) Usage { return w.node(id).usage }

// Traffic is what one node has sent to another under one label, whether it arrived or not.
type Traffic struct {
	From, To model.NodeID
	API      string
	Reply    bool
	Frames   int64
	Bytes    int64 // with what a frame costs on the wire besides its own bytes
}

// Traffic returns what was sent, by link in the order in which the links came to be.
func (net *network) Traffic() []Traffic {
	var out []Traffic
	for _, l := range net.linkList {
		out = append(out, l.traffic...)
	}
	return out
}

// count adds a frame to what went over l. A link carries few kinds of frames.
func (l *link) count(label *model.Label, bytes int64) {
	for i := range l.traffic {
		if t := &l.traffic[i]; t.API == label.Name && t.Reply == label.Reply {
			t.Frames++
			t.Bytes += bytes
			return
		}
	}
	l.traffic = append(l.traffic, Traffic{
		From: l.from.cfg.ID, To: l.to.cfg.ID, API: label.Name, Reply: label.Reply,
		Frames: 1, Bytes: bytes,
	})
}
