package chain

import (
	"fmt"

	"sandcastle/model"
)

// Chain is work in steps. A chain is a step itself, and runs once.
type Chain struct {
	name  string
	steps []Step
	at    int // the running step; len(steps) when all are done
	// looping says that Run's loop is at work: a step that ends at once leaves it to the loop to begin
	// the next, so that a thousand of them are not a thousand calls deep.
	looping bool
	then    Next
}

// New returns a chain that has not begun.
func New(name string, steps ...Step) *Chain { return &Chain{name: name, steps: steps} }

// Add appends a step to a chain that has not begun.
func (c *Chain) Add(s Step) { c.steps = append(c.steps, s) }

// Run does the steps and continues with then. It implements Step.
func (c *Chain) Run(out *model.Effects, then Next) {
	c.then = then
	c.loop(out)
}

// loop does steps from the one at hand on, until one has to wait.
func (c *Chain) loop(out *model.Effects) {
	c.looping = true
	for c.at < len(c.steps) {
		at := c.at
		c.steps[at].Run(out, func(out *model.Effects) { c.ended(out, at) })
		if c.at == at {
			c.looping = false
			return
		}
	}
	c.looping = false
	c.then(out)
}

// ended goes on after the step at has ended.
func (c *Chain) ended(out *model.Effects, at int) {
	if c.at != at {
		panic(fmt.Sprintf("chain: step %d ended twice: %s", at+1, c))
	}
	c.at++
	if !c.looping {
		c.loop(out)
	}
}

// String implements Step: "broker change, step 2 of 4: brokers [3] failed".
func (c *Chain) String() string {
	if c.at == len(c.steps) {
		return c.name + ", done"
	}
	return fmt.Sprintf("%s, step %d of %d: %s", c.name, c.at+1, len(c.steps), c.steps[c.at])
}
