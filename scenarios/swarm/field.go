package swarm

import (
	"fmt"
	"slices"
	"strconv"

	"sandcastle/scenarios"
)

// field is what a timeline is drawn for: a scenario without one, or with its own.
type field struct {
	d *drawing
	s *scenarios.Scenario

	millis    int // how long the run lasts
	consumers int
	groups    []string
	entries   []entry
	names     int // entries that have a name
}

func newField(d *drawing, s *scenarios.Scenario) *field {
	f := &field{d: d, s: s, millis: int(s.Duration.Milliseconds())}
	for i := range s.Consumers {
		f.consumers += s.Consumers[i].Members
		if g := s.Consumers[i].Group; g != "" && !slices.Contains(f.groups, g) {
			f.groups = append(f.groups, g)
		}
	}
	return f
}

// drawTimeline draws what happens to the cluster.
func (d *drawing) drawTimeline(s *scenarios.Scenario) {
	f := newField(d, s)
	how := d.dice("timeline")
	calm := how.chance(d.profile.Calm)
	f.drawOperators(d.dice("operators"))
	switch {
	case d.danger == dangerPower:
		f.drawPowerLoss(d.dice("power"))
	case !calm:
		f.drawFaults(d.dice("faults"))
		f.drawCombined(d.dice("combined"))
	}
	d.doc.timeline = f.entries
}

// add puts an entry at a time of the run.
func (f *field) add(at int, e *entry) {
	f.entries = append(f.entries, append(entry{{"at", millis(max(at, 1))}}, *e...))
}

// moment draws a time of the run.
func (f *field) moment(r dice) int { return r.between(1, f.millis) }

// partition draws a partition of a topic that is there before the run.
func (f *field) partition(r dice) string {
	t := &f.s.Topics[r.between(0, len(f.s.Topics)-1)]
	return fmt.Sprintf("%s-%d", t.Name, r.between(0, t.Partitions-1))
}

// topic draws a topic.
func (f *field) topic(r dice) *scenarios.Topic {
	return &f.s.Topics[r.between(0, len(f.s.Topics)-1)]
}

func (f *field) broker(r dice) string { return r.name("broker-", f.s.Cluster.Brokers) }

func (f *field) producer(r dice) string {
	return "producer-" + f.s.Producers[r.between(0, len(f.s.Producers)-1)].Name
}

// coordinator is the role of a group's coordinator.
func (f *field) coordinator(r dice) string { return "coordinator(" + r.one(f.groups...) + ")" }

// aim is a set of the kinds of roles that a fault may have as its target.
type aim []string

var (
	anyNode = aim{"leader", "follower", "followers", "controller", "broker", "zookeeper",
		"minority", "brokers", "producer", "consumer", "coordinator", "all"}
	anyServer = aim{"leader", "leader", "follower", "controller", "broker", "coordinator",
		"zookeeper"}
	aBroker = aim{"leader", "leader", "follower", "followers", "controller", "broker", "broker",
		"minority", "coordinator"}
	asks = aim{"brokers", "broker", "leader", "follower", "producer", "producer", "consumer",
		"consumer", "consumer"}
	servers   = aim{"brokers"}
	parted    = aim{"brokers", "[brokers, zookeeper]"}
	aClient   = aim{"producer", "consumer"}
	aConsumer = aim{"consumer"}
)

// role draws a target, "" when the scenario has none of these.
func (f *field) role(of aim, r dice) string {
	kind := r.one(of...)
	switch kind {
	case "leader", "follower", "followers":
		return kind + "(" + f.partition(r) + ")"
	case "broker":
		return f.broker(r)
	case "producer":
		if len(f.s.Producers) == 0 {
			return ""
		}
		return f.producer(r)
	case "consumer":
		if f.consumers == 0 {
			return ""
		}
		return r.name("consumer-", f.consumers)
	case "coordinator":
		if len(f.groups) == 0 {
			return "controller"
		}
		return f.coordinator(r)
	default:
		return kind
	}
}

// newReplicas draws where a partition of t moves to: as many brokers as its min ISR at least.
func (f *field) newReplicas(t *scenarios.Topic, r dice) string {
	least := 1
	for _, set := range t.Config {
		if set.Name == "min.insync.replicas" {
			least, _ = strconv.Atoi(set.Value)
		}
	}
	all := r.shuffled(f.s.Cluster.Brokers)
	return list(all[:r.between(min(least, len(all)), min(len(all), 4))])
}

// keyed tells whether records of the topic have keys.
func (f *field) keyed(topic string) bool {
	return slices.ContainsFunc(f.s.Producers, func(p scenarios.Producer) bool {
		return p.Topic == topic && p.Keys > 0
	})
}
