package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// drawFault adds something that disturbs the cluster.
func (c *chaos) drawFault() {
	switch one(c.t, "kind", []string{"process", "process", "link", "message", "operator", "control", "disk"}) {
	case "process", "link":
		c.drawNodeFault()
	case "message":
		c.drawMessageFault(c.role("who"), c.role("to"))
	case "operator":
		c.drawOperator()
	case "control":
		c.entry("cut-control: %s, for: %dms", c.role("cut-control"), evenly(c.t, "for", 1, 10000))
	case "disk":
		c.entry("%s: broker-%d, for: %dms", one(c.t, "disk", []string{"fill-disk", "fail-disk", "fail-flush"}),
			evenly(c.t, "broker", 1, c.brokers), evenly(c.t, "for", 1, 10000))
	}
}

// drawCalm adds something that keeps every broker alive and in touch with ZooKeeper and the others.
func (c *chaos) drawCalm() {
	switch one(c.t, "calm", []string{"reset", "client message", "operator"}) {
	case "reset":
		c.entry("reset: brokers, to: %s", one(c.t, "to", []string{"brokers", "producer-p1"}))
	case "client message":
		c.drawMessageFault("brokers", "producer-p1")
	case "operator":
		c.drawOperator()
	}
}

// drawNodeFault disturbs processes and links.
func (c *chaos) drawNodeFault() {
	verbs := []string{
		"reset", "pause", "slow", "cut-one-way", "cut", "kill", "restart", "resume", "power-loss",
	}
	if !c.pipelined {
		verbs = append(verbs, "stop")
	}
	verb := one(c.t, "verb", verbs)
	role := c.role(verb)
	text := fmt.Sprintf("%s: %s", verb, role)
	if slices.Contains(verbNamed(verb).needs, "to") {
		text += fmt.Sprintf(", to: %s", c.role("to"))
	}
	if verb == "slow" {
		text += fmt.Sprintf(", by: %dms", evenly(c.t, "by", 1, 3000))
	}
	if verbNamed(verb).undo != nil && c.sometimes("ends", 2) {
		text += fmt.Sprintf(", for: %dms", evenly(c.t, "for", 1, 10000))
	}
	if (verb == "kill" || verb == "restart") && (role == "all" || strings.HasPrefix(role, "producer")) {
		c.restless = true
	}
	c.entry("%s", text)
}

// drawMessageFault loses, keeps back or delays single messages.
func (c *chaos) drawMessageFault(who, to string) {
	apis := []string{
		"Fetch", "Produce", "AlterPartition", "LeaderAndISR", "OffsetForLeaderEpoch", "UpdateMetadata",
		"ListOffsets", "Metadata", "InitProducerID",
	}
	verb := one(c.t, "fate", []string{"postpone", "hold", "drop"})
	text := fmt.Sprintf("%s: %s, to: %s, api: %s, message: %s, nth: %d, count: %d, for: %dms", verb, who, to,
		one(c.t, "api", apis), one(c.t, "message", []string{"request", "reply"}), evenly(c.t, "nth", 1, 20),
		one(c.t, "count", []int{1, 3, 1000}), evenly(c.t, "for", 1, 10000))
	if verb == "postpone" {
		text += fmt.Sprintf(", by: %dms", evenly(c.t, "by", 1, 3000))
	}
	c.entry("%s", text)
}

// drawOperator has somebody ask the cluster for something.
func (c *chaos) drawOperator() {
	kinds := []string{"delete-records", "elect-preferred"}
	if c.brokers > 1 {
		kinds = append(kinds, "reassign", "lead")
	}
	if c.keys == 0 {
		kinds = append(kinds, "add-partitions") // keys would move to other partitions
	} else {
		kinds = append(kinds, "delete-key")
	}
	if !c.pipelined {
		kinds = append(kinds, "alter-config")
	}
	p := evenly(c.t, "partition", 0, c.partitions-1)
	switch one(c.t, "operator", kinds) {
	case "delete-records":
		if before := one(c.t, "before", []int{-1, 10, 100}); before >= 0 {
			c.entry("delete-records: t-%d, before: %d", p, before)
			return
		}
		c.entry("delete-records: t-%d", p)
	case "elect-preferred":
		c.entry("elect-preferred: t-%d", p)
	case "lead":
		c.entry("lead: broker-%d, partition: t-%d", evenly(c.t, "broker", 1, c.brokers), p)
	case "reassign":
		c.entry("reassign: t-%d, replicas: [%s]", p, c.newReplicas())
	case "add-partitions":
		c.entry("add-partitions: t, partitions: %d", evenly(c.t, "partitions", c.partitions+1, 5))
	case "delete-key":
		c.entry("delete-key: producer-p1, key: k%d", evenly(c.t, "key", 0, c.keys-1))
	case "alter-config":
		c.entry("alter-config: t, config: {%s}", one(c.t, "setting", []string{
			"segment.bytes: 20000", "retention.ms: 5000", "segment.bytes: 1048576", "retention.bytes: 20000",
		}))
	}
}

// newReplicas draws where a partition moves to: as many brokers as min ISR at least.
func (c *chaos) newReplicas() string {
	var all []string
	for id := range c.brokers {
		all = append(all, fmt.Sprint(id+1))
	}
	for i := range all {
		j := evenly(c.t, "shuffled", i, len(all)-1)
		all[i], all[j] = all[j], all[i]
	}
	return strings.Join(all[:evenly(c.t, "replicas", c.minISR, c.brokers)], ", ")
}

// role draws whom an action is for. Power is lost by ZooKeeper alone, which flushes before it
// answers and so must forget nothing.
func (c *chaos) role(verb string) string {
	t := c.t
	if verb == "power-loss" {
		return "zookeeper"
	}
	partition := func() int { return evenly(t, "partition", 0, c.partitions-1) }
	kinds := []string{"leader", "follower", "followers", "controller", "broker", "zookeeper"}
	kinds = append(kinds, "minority", "brokers", "producer", "all")
	if c.consumers > 0 {
		kinds = append(kinds, "consumer", "coordinator")
	}
	if v := verbNamed(verb); v != nil {
		kinds = slices.DeleteFunc(kinds, func(kind string) bool {
			is := Role{Kind: kind}.stands()
			if sort := speciesOf(kind); sort != 0 && kind != "zookeeper" {
				is = sort
			}
			return is&v.species() == 0
		})
	}
	switch kind := one(t, "role", kinds); kind {
	case "leader", "follower", "followers":
		return fmt.Sprintf("%s(t-%d)", kind, partition())
	case "broker":
		return fmt.Sprintf("broker-%d", evenly(t, "broker", 1, c.brokers))
	case "consumer":
		return fmt.Sprintf("consumer-%d", evenly(t, "consumer", 1, c.consumers))
	case "producer":
		return fmt.Sprintf("producer-p%d", evenly(t, "producer", 1, c.producers))
	case "coordinator":
		return "coordinator(g1)"
	default:
		return kind
	}
}
