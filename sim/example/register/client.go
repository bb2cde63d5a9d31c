package main

import (
	"time"

	"sandcastle/model"
)

const (
	majority = 2
	patience = 20 * time.Millisecond
)

// Kinds of a client's timers.
const (
	timerNext  uint32 = iota + 1 // begin the next operation
	timerRetry                   // ask the replicas again that have not answered
)

// phase is what a client does.
//
//	pausing ──▶ storing ──▶ pausing               the writer
//	pausing ──▶ fetching ──▶ storing ──▶ pausing  a reader
type phase uint8

const (
	pausing  phase = iota
	fetching       // asking what the replicas have
	storing        // making a majority have it
)

// client writes, or reads, one operation after the other.
type client struct {
	rand   *model.Rand
	writes bool
	// hasty is a mistake: the first answer is good enough for a read.
	hasty bool

	phase phase
	round uint64 // counts the questions, so that late answers to older ones are known
	value uint64 // the last one written; of a reader, the highest that was heard
	links []link
	dials model.ConnID // how many connections were opened
}

// link is a client's way to one replica.
type link struct {
	addr     string
	conn     model.ConnID // 0 while there is none
	open     bool
	answered bool // the question of this round
}

// Step implements model.Process.
func (c *client) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		c.pause(out)
	case model.ConnOpened:
		l := c.linkOf(in.Conn)
		l.open = true
		c.ask(l, out)
	case model.ConnClosed:
		l := c.linkOf(in.Conn)
		l.conn, l.open = 0, false
	case model.TimerFired:
		if in.Timer.Kind == timerNext {
			c.begin(out)
		} else {
			c.retry(out)
		}
	case model.FrameReceived:
		c.onAnswer(parse(in.Data), c.linkOf(in.Conn), out)
	}
}

func (c *client) linkOf(conn model.ConnID) *link {
	for i := range c.links {
		if c.links[i].conn == conn {
			return &c.links[i]
		}
	}
	panic("register: an event of a connection that is gone")
}

func (c *client) pause(out *model.Effects) {
	c.phase = pausing
	pause := c.rand.Between(0, 5*time.Millisecond)
	out.SetTimer(model.Timer{Kind: timerNext}, out.Now.Add(pause))
}

// begin starts an operation and puts it on record.
func (c *client) begin(out *model.Effects) {
	if c.writes {
		c.value++
		out.Op(operation{kind: write, value: c.value})
		c.become(storing, out)
		return
	}
	c.value = 0
	out.Op(operation{kind: read})
	c.become(fetching, out)
}

// become asks all replicas the question of a phase.
func (c *client) become(p phase, out *model.Effects) {
	c.phase = p
	c.round++
	for i := range c.links {
		c.links[i].answered = false
	}
	c.askAll(out)
}

// retry asks those again that take too long. A machine without power does not even refuse a call:
// one that was not taken yet never may be.
func (c *client) retry(out *model.Effects) {
	for i := range c.links {
		if l := &c.links[i]; l.conn != 0 && !l.open {
			out.Close(l.conn)
			l.conn = 0
		}
	}
	c.askAll(out)
}

// askAll asks those that have not answered, and calls those that are not connected.
func (c *client) askAll(out *model.Effects) {
	for i := range c.links {
		l := &c.links[i]
		if l.conn == 0 {
			c.dials++
			l.conn = 2*c.dials - 1
			out.Dial(l.conn, l.addr)
		}
		c.ask(l, out)
	}
	out.SetTimer(model.Timer{Kind: timerRetry}, out.Now.Add(patience))
}

func (c *client) ask(l *link, out *model.Effects) {
	if !l.open || l.answered || c.phase == pausing {
		return
	}
	m := message{"fetch", c.round, 0}
	if c.phase == storing {
		m = message{"store", c.round, c.value}
	}
	out.Send(l.conn, m.frame(), m.label())
}

func (c *client) onAnswer(m message, from *link, out *model.Effects) {
	if m.round != c.round || c.phase == pausing {
		return
	}
	from.answered = true
	if c.phase == fetching {
		c.value = max(c.value, m.value)
	}
	switch answers := c.answers(); {
	case c.phase == fetching && c.hasty:
		c.end(out)
	case answers < majority:
	case c.phase == fetching:
		c.become(storing, out)
	default:
		c.end(out)
	}
}

func (c *client) answers() int {
	n := 0
	for _, l := range c.links {
		if l.answered {
			n++
		}
	}
	return n
}

// end puts the outcome on record.
func (c *client) end(out *model.Effects) {
	kind := read
	if c.writes {
		kind = write
	}
	out.Op(operation{kind: kind, value: c.value, done: true})
	out.CancelTimer(model.Timer{Kind: timerRetry})
	c.pause(out)
}
