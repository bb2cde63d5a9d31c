package swarm

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/scenarios"
)

// Name is what a scenario that is drawn from nothing is called.
const Name = "swarm"

// drawing is a scenario that is being drawn.
type drawing struct {
	seed    uint64
	profile *Profile
	danger  danger
	doc     document
}

// dice are the draws of an aspect.
func (d *drawing) dice(aspect string) dice { return dice{model.NewRand(d.seed, "swarm "+aspect)} }

// draw draws a scenario from nothing.
func (d *drawing) draw() (*scenarios.Scenario, error) {
	d.drawDanger()
	d.drawShape()
	shape, err := d.parse(d.doc.String())
	if err != nil {
		return nil, err
	}
	d.drawTimeline(shape)
	return d.expecting(d.doc.String())
}

// parse reads what was drawn, which is a file like any other.
func (d *drawing) parse(yaml string) (*scenarios.Scenario, error) {
	s, err := scenarios.Parse(Name, []byte(yaml))
	if err != nil {
		return nil, fmt.Errorf("the swarm drew no scenario from seed %d: %w\n%s", d.seed, err, yaml)
	}
	return s, nil
}

// expecting is the scenario of a file with what is to be expected of it.
func (d *drawing) expecting(yaml string) (*scenarios.Scenario, error) {
	s, err := d.parse(yaml)
	if err != nil {
		return nil, err
	}
	text := expectation(s)
	if steadfast(s) {
		// A producer that tries again for two minutes goes on until it knows.
		text += "  counts: {send.fail: \"= 0\", send.info: \"= 0\"}\n"
	}
	return d.parse(yaml + text)
}

// expectation is the part of the file that says what is expected.
func expectation(s *scenarios.Scenario) string {
	text := "expect:\n  findings: none\n"
	if admitted := Admits(s); len(admitted) > 0 {
		text += "  allow: " + list(admitted) + "\n"
	}
	return text
}
