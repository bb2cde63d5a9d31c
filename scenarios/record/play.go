package record

import (
	"context"
	"fmt"
	"sync"
	"time"

	"sandcastle/model"
	"sandcastle/scenarios"
)

// Play runs every client until ctx ends or the time is over. Of the timeline it does what it can:
// it closes and restarts consumers, which are its own. What else the timeline would do, it says
// when it would.
func (r *Recording) Play(ctx context.Context) {
	r.o.Remark(fmt.Sprintf("recording %s for %s; ctrl-C ends it early", r.s.Name, r.o.Length))
	ctx, cancel := context.WithTimeout(ctx, r.o.Length)
	defer cancel()
	r.history.started = time.Now()
	var clients sync.WaitGroup
	for i := range r.s.Producers {
		clients.Go(func() { r.produce(ctx, &r.s.Producers[i]) })
	}
	lives := map[model.NodeID]*life{}
	for i := range r.s.Consumers {
		for range r.s.Consumers[i].Members {
			l := newLife(ctx, r, fmt.Sprintf("consumer-%d", len(lives)+1), &r.s.Consumers[i])
			lives[model.NodeID(l.name)] = l
			clients.Go(l.begin)
		}
	}
	clients.Go(func() { r.followTimeline(ctx, lives) })
	clients.Wait()
	if len(lives) > 0 {
		<-ctx.Done() // they read until the time is over
	}
	for _, l := range lives {
		l.over()
	}
}

// followTimeline does, or says, what the timeline does, each when it is due.
func (r *Recording) followTimeline(ctx context.Context, lives map[model.NodeID]*life) {
	var entries sync.WaitGroup
	for _, p := range r.s.Plan() {
		if p.When != "" {
			r.announce(0, p.When+": "+p.Text)
			continue
		}
		entries.Go(func() {
			if !r.sleepUntil(ctx, p.At) {
				return
			}
			if !r.does(p, lives) {
				r.announce(p.At, p.Text)
			}
		})
	}
	entries.Wait()
}

// does closes or starts again consumers of ours, if that is what the entry does.
func (r *Recording) does(p scenarios.PlannedFault, lives map[model.NodeID]*life) bool {
	if p.Verb != "close" && p.Verb != "restart" || len(p.Nodes) == 0 {
		return false
	}
	for _, id := range p.Nodes {
		if lives[id] == nil {
			return false
		}
	}
	r.o.Remark(fmt.Sprintf("%7.1f s  %s", p.At.Seconds(), p.Text))
	for _, id := range p.Nodes {
		lives[id].over()
		if p.Verb == "restart" {
			lives[id].begin()
		}
	}
	return true
}

func (r *Recording) announce(at time.Duration, text string) {
	r.o.Remark(fmt.Sprintf("%7.1f s  the scenario would now: %s", at.Seconds(), text))
}

// sleepUntil waits for a time of the scenario; false when the recording ends before.
func (r *Recording) sleepUntil(ctx context.Context, at time.Duration) bool {
	timer := time.NewTimer(time.Until(r.history.started.Add(at)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// life is one consumer of the scenario, which can be closed and started again.
type life struct {
	play context.Context // ends when nobody plays any more
	r    *Recording
	name string
	cfg  *scenarios.Consumer

	mu     sync.Mutex
	closed context.CancelFunc // of the present run
	ended  chan struct{}      // is closed when it has left its group
}

func newLife(play context.Context, r *Recording, name string, cfg *scenarios.Consumer) *life {
	return &life{play: play, r: r, name: name, cfg: cfg, closed: func() {}}
}

// begin starts it, no earlier than the scenario says; one that is there already is left alone.
func (l *life) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended != nil {
		return
	}
	ctx, closed := context.WithCancel(l.play)
	ended := make(chan struct{})
	l.closed, l.ended = closed, ended
	go func() {
		defer close(ended)
		l.r.consume(ctx, l.name, l.cfg)
	}()
}

// over ends it in good order and waits until it has left its group.
func (l *life) over() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed()
	if l.ended != nil {
		<-l.ended
		l.ended = nil
	}
}
