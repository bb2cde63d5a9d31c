package tools

import (
	"slices"
	"strings"
	"sync"
	"time"

	"sandcastle/model"
)

// reach watches the connections of a client process: it knows which brokers cannot be reached, and
// why, which the client itself only takes as a reason to try again.
type reach struct {
	process   model.Process
	bootstrap []string

	mu      sync.Mutex
	conns   map[model.ConnID]string // that are being dialled or stand, by address
	trouble map[string]string       // why, by address; "" while a dial has no answer yet
	order   []string                // of the troubles
	said    map[string]bool         // troubles of which say was notified
	say     func(line string)       // is called with each new trouble; may be nil
}

func newReach(p model.Process, bootstrap []string, say func(string)) *reach {
	return &reach{
		process: p, bootstrap: bootstrap, say: say,
		conns: map[model.ConnID]string{}, trouble: map[string]string{}, said: map[string]bool{},
	}
}

// Step implements model.Process.
func (r *reach) Step(in model.Event, out *model.Effects) {
	r.before(in)
	r.process.Step(in, out)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range out.List {
		switch e := &out.List[i]; e.Kind {
		case model.EffectDial:
			r.conns[e.Conn] = e.Addr
			if _, known := r.trouble[e.Addr]; !known {
				r.trouble[e.Addr] = ""
				r.order = append(r.order, e.Addr)
			}
		case model.EffectClose:
			delete(r.conns, e.Conn)
		}
	}
}

func (r *reach) before(in model.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	addr, ours := r.conns[in.Conn]
	if !ours {
		return
	}
	switch in.Kind {
	case model.FrameReceived:
		if _, troubled := r.trouble[addr]; troubled {
			delete(r.trouble, addr)
			delete(r.said, addr)
			r.order = slices.DeleteFunc(r.order, func(a string) bool { return a == addr })
		}
	case model.ConnClosed:
		delete(r.conns, in.Conn)
		if _, troubled := r.trouble[addr]; !troubled {
			return // it stood and answered; whether it can be reached again is yet to be seen
		}
		r.trouble[addr] = whyClosed(in.Text)
		if r.say != nil && !r.said[addr] {
			r.said[addr] = true
			r.say(addr + ": " + r.trouble[addr])
		}
	}
}

// whyClosed is the last part of a network error: the address in front of it has been named already.
func whyClosed(text string) string {
	if strings.HasPrefix(text, "a frame of ") {
		return "what listens there does not speak Kafka"
	}
	return strings.TrimSpace(text[strings.LastIndex(text, ": ")+1:])
}

// problem says in a sentence who could not be reached; nil when everybody could.
func (r *reach) problem(within time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.order) == 0 {
		return nil
	}
	var parts []string
	begun := false // some bootstrap server answered
	for _, addr := range r.bootstrap {
		begun = begun || !slices.Contains(r.order, addr)
	}
	for _, addr := range r.order {
		why := r.trouble[addr]
		if why == "" {
			why = "no answer"
		}
		if begun && !slices.Contains(r.bootstrap, addr) {
			why += " (the address that the cluster advertises)"
		}
		parts = append(parts, addr+": "+why)
	}
	return refused("cannot reach %s (tried for %s)", strings.Join(parts, "; "), within)
}
