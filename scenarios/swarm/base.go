package swarm

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"sandcastle/scenarios"
)

// disturb draws what happens to a scenario that somebody wrote. Its cluster, topics and clients
// stand, and so does its timeline; what it says of itself (questions, words, what must have
// happened) does not hold of a disturbed run and goes. Faults are added that lose nothing by
// themselves, operators, and settings of brokers that the file leaves open. What its own settings
// and faults admit is admitted, and what it expects. Sends may fail: the load of a file may be more
// than a disturbed cluster gets rid of before its producers give up.
func (d *drawing) disturb(base *scenarios.Scenario) (*scenarios.Scenario, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(base.YAML), &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", base.Name, err)
	}
	root := doc.Content[0]
	for _, key := range []string{"predict", "narrate", "knob", "sweep", "why", "explain", "expect",
		"seed", "settle"} {
		remove(root, key)
	}
	d.doc.seconds = int(base.Duration.Seconds())
	d.drawTimeline(base)
	for _, s := range brokerSettings() {
		s.draw(d.dice("settings "+s.name), &d.doc.config)
	}
	if err := d.merge(root); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("%s: %w", base.Name, err)
	}
	text := fmt.Sprintf("%sseed: %d\nsettle: 240s\n", out.String(), d.seed)
	s, err := d.parse(text)
	if err != nil {
		return nil, err
	}
	s.Expect = base.Expect
	return d.parse(text + expectation(s))
}

// merge adds what was drawn to the file.
func (d *drawing) merge(root *yaml.Node) error {
	var added yaml.Node
	text := document{timeline: d.doc.timeline, config: d.doc.config}
	if err := yaml.Unmarshal([]byte(text.String()), &added); err != nil {
		return fmt.Errorf("seed %d: %w", d.seed, err)
	}
	drawn := added.Content[0]
	if entries := child(drawn, "timeline"); entries != nil {
		into := child(root, "timeline")
		if into == nil {
			into = &yaml.Node{Kind: yaml.SequenceNode}
			set(root, "timeline", into)
		}
		into.Content = append(into.Content, entries.Content...)
	}
	into := child(root, "cluster")
	config := child(into, "config")
	if config == nil {
		config = &yaml.Node{Kind: yaml.MappingNode}
		set(into, "config", config)
	}
	from := child(child(drawn, "cluster"), "config")
	for i := 0; from != nil && i+1 < len(from.Content); i += 2 {
		if child(config, from.Content[i].Value) == nil {
			config.Content = append(config.Content, from.Content[i], from.Content[i+1])
		}
	}
	return nil
}

// child is what a mapping has under a key, nil for nothing.
func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// set adds a key to a mapping.
func set(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}

// remove takes a key out of a mapping.
func remove(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}
