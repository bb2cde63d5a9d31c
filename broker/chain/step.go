package chain

import "sandcastle/model"

// Next continues when what was waited for is done.
type Next = func(out *model.Effects)

// Step is a piece of work that may have to wait for an answer. It continues with then exactly once,
// or never, and then nothing behind it happens.
type Step interface {
	Run(out *model.Effects, then Next)
	// String names the work and says where it stands, in one line.
	String() string
}

// Task is a step made of one function.
type Task struct {
	name string
	do   func(out *model.Effects, then Next)
}

// Do is the step that do does.
func Do(name string, do func(out *model.Effects, then Next)) Task { return Task{name, do} }

// Action is a step that waits for nothing.
func Action(name string, do Next) Task {
	return Task{name, func(out *model.Effects, then Next) {
		do(out)
		then(out)
	}}
}

// Run implements Step.
func (t Task) Run(out *model.Effects, then Next) { t.do(out, then) }

// String implements Step.
func (t Task) String() string { return t.name }

// Lazy is a step that is made when its turn comes, out of what is known then.
type Lazy struct {
	name  string
	build func() Step
	built Step // nil before its turn
}

// NewLazy returns the step that build will make.
func NewLazy(name string, build func() Step) *Lazy { return &Lazy{name: name, build: build} }

// Run implements Step.
func (l *Lazy) Run(out *model.Effects, then Next) {
	l.built = l.build()
	l.built.Run(out, then)
}

// String implements Step.
func (l *Lazy) String() string {
	if l.built == nil {
		return l.name
	}
	return l.built.String()
}
