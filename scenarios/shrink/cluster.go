package shrink

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// topics takes out topics, then partitions and replicas of those that are left.
func (s *search) topics() bool {
	taken := false
	for i := len(s.best.tree.list("topics")) - 1; i >= 0; i-- {
		taken = s.first(withoutTopic(i)) >= 0 || taken
	}
	for i := range s.best.scenario.Topics {
		t := &s.best.scenario.Topics[i]
		var fewer []edit
		for _, n := range below(t.Partitions) {
			fewer = append(fewer, withPartitions(i, n, true), withPartitions(i, n, false))
		}
		taken = s.first(fewer...) >= 0 || taken
		fewer = nil
		for _, n := range below(s.best.scenario.Topics[i].Replicas) {
			fewer = append(fewer, func(t *tree) bool {
				return t.limitReplicas(t.list("topics")[i], n)
			})
		}
		taken = s.first(fewer...) >= 0 || taken
	}
	return taken
}

// withoutTopic takes a topic out, and what reads it alone. Its producers go when it is mended.
func withoutTopic(at int) edit {
	return func(t *tree) bool {
		list := value(t.root, "topics")
		if len(items(list)) < 2 {
			return false
		}
		name := word(list.Content[at], "name")
		list.Content = slices.Delete(list.Content, at, at+1)
		for _, c := range t.list("consumers") {
			dropItems(value(c, "topics"), func(topic string) bool { return topic == name })
			dropItems(value(c, "assign"), func(tp string) bool { return strings.HasPrefix(tp, name+"-") })
		}
		return true
	}
}

// withPartitions leaves so many partitions of a topic. What is about another one is about the first
// instead when moved, and goes otherwise.
func withPartitions(at, n int, moved bool) edit {
	return func(t *tree) bool {
		topic := t.list("topics")[at]
		if list := items(value(topic, "assignment")); len(list) > n {
			value(topic, "assignment").Content = list[:n]
		} else if list != nil {
			return false
		} else if n == 1 {
			remove(topic, "partitions")
		} else {
			set(topic, "partitions", strconv.Itoa(n))
		}
		name := word(topic, "name")
		named := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `-([0-9]+)\b`)
		gone := func(tp string) bool {
			k := strings.TrimPrefix(tp, name+"-")
			i, err := strconv.Atoi(k)
			return k != tp && err == nil && i >= n
		}
		for _, c := range t.list("consumers") {
			dropItems(value(c, "assign"), gone)
		}
		if !moved {
			return true
		}
		for _, key := range []string{"timeline", "consumers"} {
			scalars(value(t.root, key), func(s *yaml.Node) {
				s.Value = named.ReplaceAllStringFunc(s.Value, func(tp string) string {
					if gone(tp) {
						return name + "-0"
					}
					return tp
				})
			})
		}
		return true
	}
}

// limitReplicas leaves a topic at most n replicas, and asks for no more of them in sync.
func (t *tree) limitReplicas(topic *yaml.Node, n int) bool {
	found := false
	for _, replicas := range items(value(topic, "assignment")) {
		if len(replicas.Content) > n {
			replicas.Content, found = replicas.Content[:n], true
		}
	}
	if k, err := strconv.Atoi(word(topic, "replicas")); err == nil && k > n {
		found = true
		if n == 1 {
			remove(topic, "replicas")
		} else {
			set(topic, "replicas", strconv.Itoa(n))
		}
	}
	if found {
		for _, config := range []*yaml.Node{value(topic, "config"),
			value(value(t.root, "cluster"), "config")} {
			if k, err := strconv.Atoi(word(config, minISR)); err == nil && k > n {
				set(config, minISR, strconv.Itoa(n))
			}
		}
	}
	return found
}

// brokers takes out brokers: many of the last, or else each.
func (s *search) brokers() bool {
	taken := false
	for !s.over() {
		all := s.best.scenario.Cluster.Brokers
		var edits []edit
		for _, n := range below(all) {
			edits = append(edits, withBrokers(all, n), concrete.then(withBrokers(all, n)))
		}
		for id := all; id >= 1 && all > 1; id-- {
			edits = append(edits, withoutBroker(id, all), concrete.then(withoutBroker(id, all)))
		}
		if s.first(edits...) < 0 {
			return taken
		}
		taken = true
	}
	return taken
}

// withBrokers leaves the first n of all brokers.
func withBrokers(all, n int) edit {
	return func(t *tree) bool {
		for id := all; id > n; id-- {
			if !withoutBroker(id, id)(t) {
				return false
			}
		}
		return true
	}
}

// withoutBroker takes one of all brokers out: those after it move up.
func withoutBroker(id, all int) edit {
	return func(t *tree) bool {
		cluster := value(t.root, "cluster")
		set(cluster, "brokers", strconv.Itoa(all-1))
		if k, err := strconv.Atoi(word(cluster, "controller")); err == nil {
			switch {
			case k == id:
				remove(cluster, "controller")
			case k > id:
				set(cluster, "controller", strconv.Itoa(k-1))
			}
		}
		if racks := value(cluster, "racks"); len(items(racks)) >= id {
			racks.Content = slices.Delete(racks.Content, id-1, id)
		}
		for _, topic := range t.list("topics") {
			least := all - 1
			for _, replicas := range items(value(topic, "assignment")) {
				withoutID(replicas, id)
				least = min(least, len(replicas.Content))
			}
			if least == 0 {
				return false
			}
			t.limitReplicas(topic, least)
		}
		for _, entry := range t.timeline() {
			withoutID(value(entry, "replicas"), id)
		}
		t.renumber("broker", id, 1)
		return true
	}
}

// withoutID takes a broker out of a list of ids: those after it move up.
func withoutID(list *yaml.Node, id int) {
	var kept []*yaml.Node
	for _, item := range items(list) {
		k, err := strconv.Atoi(item.Value)
		if err == nil && k == id {
			continue
		}
		if err == nil && k > id {
			item.Value = strconv.Itoa(k - 1)
		}
		kept = append(kept, item)
	}
	if list != nil {
		list.Content = kept
	}
}
