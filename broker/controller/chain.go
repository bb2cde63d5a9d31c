package controller

import (
	"fmt"

	"sandcastle/model"
)

// next continues when what was waited for is done.
type next func(out *model.Effects)

// step is a piece of work that may have to wait for ZooKeeper. It continues with then exactly once,
// or never if the controller resigns first.
type step interface {
	run(out *model.Effects, then next)
	// String names the work and says where it stands, in one line.
	String() string
}

// task is a step made of one function.
type task struct {
	name string
	do   func(out *model.Effects, then next)
}

func (t task) run(out *model.Effects, then next) { t.do(out, then) }

// String implements step.
func (t task) String() string { return t.name }

// action is a task that waits for nothing.
func action(name string, do next) task {
	return task{name, func(out *model.Effects, then next) {
		do(out)
		then(out)
	}}
}

// lazy is a step that is made when its turn comes, out of what is known then.
type lazy struct {
	name  string
	build func() step
	built step // nil before its turn
}

func newLazy(name string, build func() step) *lazy { return &lazy{name: name, build: build} }

func (l *lazy) run(out *model.Effects, then next) {
	l.built = l.build()
	l.built.run(out, then)
}

// String implements step.
func (l *lazy) String() string {
	if l.built == nil {
		return l.name
	}
	return l.built.String()
}

// chain is work in steps, each of which begins when the one before it is done. A chain is a step
// itself, and runs once.
type chain struct {
	name  string
	steps []step
	at    int // the running step; len(steps) when all are done
}

func newChain(name string, steps ...step) *chain { return &chain{name: name, steps: steps} }

func (c *chain) run(out *model.Effects, then next) {
	if c.at == len(c.steps) {
		then(out)
		return
	}
	at := c.at
	c.steps[at].run(out, func(out *model.Effects) {
		if c.at != at {
			panic(fmt.Sprintf("controller: step %d ended twice: %s", at+1, c))
		}
		c.at++
		c.run(out, then)
	})
}

// String implements step: "broker change, step 2 of 4: brokers [3] failed".
func (c *chain) String() string {
	if c.at == len(c.steps) {
		return c.name + ", done"
	}
	return fmt.Sprintf("%s, step %d of %d: %s", c.name, c.at+1, len(c.steps), c.steps[c.at])
}
