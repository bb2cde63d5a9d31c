package shrink

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"sandcastle/scenarios"
)

// edit is a change that may make the scenario smaller. It returns false where there is nothing to
// change.
type edit func(t *tree) bool

// then is both changes as one.
func (e edit) then(further edit) edit {
	return func(t *tree) bool { return e(t) && further(t) }
}

// candidate is a scenario that might fail alike.
type candidate struct {
	tree     *tree
	scenario *scenarios.Scenario
	text     string
	seed     uint64
}

// trial is a candidate that was played.
type trial struct {
	candidate
	failure Failure
	result  *scenarios.Result // nil where the run panicked
}

// search looks for smaller scenarios that fail as best does.
type search struct {
	ctx   context.Context
	opts  Options
	name  string // of the scenario, and the seed, that fail
	seed  uint64
	want  Failure
	best  trial
	asked int // candidates that were asked for, in order: what Options.Plays bounds
	// played are the candidates that failed otherwise, or not at all, by their sums; beyond those that
	// were asked for some were played ahead, and are true here.
	played map[string]bool
	ahead  map[string]*trial
	twice  bool   // each candidate is played twice, and is to differ
	events uint64 // of the run that failed first
	// survives says that a broker may lose its power without harm, given the time for which it is
	// down.
	survives bool
	// invalid is what no candidate may be.
	invalid func(s *scenarios.Scenario) bool
}

// over tells whether nothing more may be played.
func (s *search) over() bool { return s.ctx.Err() != nil || s.asked >= s.opts.Plays }

// first tries edits of the best scenario in their order, and makes the first that fails alike the
// best. It returns which, −1 for none.
func (s *search) first(edits ...edit) int {
	return s.firstUnder([]uint64{s.best.seed}, edits...)
}

// firstUnder is first under several seeds: every edit under all of them before the next edit.
func (s *search) firstUnder(seeds []uint64, edits ...edit) int {
	var list []candidate
	var which []int
	for i, e := range edits {
		t := s.best.tree.clone()
		if !e(t) {
			continue
		}
		scenario, text, ok := t.mend(s.name)
		if !ok || text == s.best.text || s.invalid(scenario) {
			continue
		}
		t = t.placed(text)
		for _, seed := range seeds {
			list = append(list, candidate{t, scenario, text, seed})
			which = append(which, i)
		}
	}
	for i := range list {
		sum := sumOf(&list[i])
		if s.played[sum] {
			continue
		}
		if s.over() {
			return -1
		}
		if s.ahead[sum] == nil && !s.playFrom(list[i:]) {
			return -1
		}
		s.asked++
		found := s.ahead[sum]
		delete(s.ahead, sum)
		if found.failure == s.want {
			s.accept(found)
			return which[i]
		}
		s.played[sum] = true
		s.opts.Observer.Played(s.asked, s.opts.Plays)
	}
	return -1
}

// accept makes a trial the best.
func (s *search) accept(t *trial) {
	t.tree.note(t.result, s.best.tree)
	s.best = *t
	s.opts.Observer.Played(s.asked, s.opts.Plays)
	s.opts.Observer.Better(s.sizeOf(&s.best), s.file(&s.best))
}

// sumOf tells candidates apart.
func sumOf(c *candidate) string {
	h := fnv.New128a()
	io.WriteString(h, c.text)
	return strconv.FormatUint(c.seed, 10) + string(h.Sum(nil))
}

// playFrom plays the first of the candidates, and as many after it as may be played at a time. It
// returns false when it was interrupted.
func (s *search) playFrom(list []candidate) bool {
	if s.ctx.Err() != nil {
		return false
	}
	var batch []*trial
	for i := range list {
		sum := sumOf(&list[i])
		if s.played[sum] || s.ahead[sum] != nil {
			continue
		}
		t := &trial{candidate: list[i]}
		s.ahead[sum] = t
		if batch = append(batch, t); len(batch) == s.opts.Jobs {
			break
		}
	}
	var players sync.WaitGroup
	for _, t := range batch {
		players.Go(func() { s.play(t) })
	}
	players.Wait()
	return true
}

// play plays a trial and says what it failed by.
func (s *search) play(t *trial) {
	t.failure, t.result = s.playOnce(&t.candidate)
	if s.twice {
		again, second := s.playOnce(&t.candidate)
		t.failure = differ(t.failure, t.result, again, second)
	}
}

// limit is after how many events a candidate's run is ended: what is smaller takes less, or goes
// round in circles.
func (s *search) limit() uint64 {
	most := 2*s.events + 100_000
	if s.events == 0 || s.opts.MaxEvents > 0 && s.opts.MaxEvents < most {
		return s.opts.MaxEvents
	}
	return most
}

// differ is the failure of a scenario that was played twice.
func differ(one Failure, first *scenarios.Result, other Failure, second *scenarios.Result) Failure {
	hash := func(r *scenarios.Result) string {
		if r == nil {
			return ""
		}
		return r.Run.TraceHash
	}
	switch {
	case hash(first) != hash(second):
		return Failure{Nondeterminism, "two plays under one seed differ"}
	case one != other:
		return Failure{Nondeterminism, "two plays under one seed are judged differently"}
	}
	return one
}

// playOnce plays a candidate. A panic is a failure, and leaves no run.
func (s *search) playOnce(c *candidate) (f Failure, result *scenarios.Result) {
	defer func() {
		if v := recover(); v != nil {
			f, result = panicFailure(v, string(debug.Stack())), nil
		}
	}()
	r, err := s.opts.play(c.scenario, scenarios.Options{
		Seed: c.seed, HasSeed: true, Progress: s.opts.Observer.Playing, MaxEvents: s.limit(),
	})
	if err != nil {
		return PanicOf(err.Error()), nil
	}
	return FailureOf(c.scenario, &r.Run), r
}

// panicFailure is the failure of a panic: what it says, and where of our own it was.
func panicFailure(v any, stack string) Failure {
	f := PanicOf(fmt.Sprint(v))
	_, after, _ := strings.Cut(stack, "\npanic(")
	for _, line := range strings.Split(after, "\n") {
		where, _, isCall := strings.Cut(line, "(0x")
		if isCall && strings.HasPrefix(where, "sandcastle/") {
			f.Reason += " in " + strings.TrimPrefix(where, "sandcastle/")
			break
		}
	}
	return f
}
