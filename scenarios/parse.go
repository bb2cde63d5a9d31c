package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// Parse reads a scenario. name is the lesson's name or the file's path, for messages and for
// run.json. The error is a *model.InputError: it says what was wrong, where, and what was expected.
func Parse(name string, data []byte) (*Scenario, error) {
	if len(data) > maxFile {
		return nil, &model.InputError{
			File: name, Line: 1, Column: 1,
			Problem: fmt.Sprintf("a scenario has at most %s, and this file has %d bytes", sizeText(maxFile),
				len(data)),
		}
	}
	var doc, more yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(data))
	if err := documents.Decode(&doc); err != nil && err != io.EOF {
		return nil, syntaxError(name, err)
	}
	switch err := documents.Decode(&more); {
	case err == nil:
		return nil, &model.InputError{
			File: name, Line: more.Line, Column: more.Column,
			Problem: "a second scenario in one file", Hint: "put it into a file of its own",
		}
	case err != io.EOF:
		return nil, syntaxError(name, err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, &model.InputError{
			File: name, Line: 1, Column: 1, Problem: "the file is empty",
			Hint: "see `sandcastle schema` for the keys of a scenario",
		}
	}
	return parseRoot(name, doc.Content[0], string(data))
}

// parseRoot reads a scenario from the tree of the file that text is.
func parseRoot(name string, root *yaml.Node, text string) (*Scenario, error) {
	d := &decoder{file: name}
	s := scenarioKind().read(d, root)
	s.Name, s.YAML, s.source = name, text, text
	if d.err == nil {
		d.complete(&s)
		d.completeKnob(&s)
		d.completeSweep(&s)
	}
	if d.err != nil {
		return nil, d.err
	}
	return &s, nil
}

// syntaxError turns the YAML library's message, "yaml: line 3: …", into ours.
func syntaxError(name string, err error) error {
	e := &model.InputError{File: name, Line: 1, Column: 1, Problem: err.Error()}
	m := regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`).FindStringSubmatch(err.Error())
	if m != nil {
		e.Problem = "not YAML: " + m[2]
		if line, err := strconv.Atoi(m[1]); err == nil {
			e.Line = line
		}
	}
	return e
}

// complete checks what no single value shows: sizes that cannot be, and names that mean nothing.
func (d *decoder) complete(s *Scenario) {
	if s.Cluster.Controller > s.Cluster.Brokers {
		d.failAt(
			position{1, 1},
			"",
			"cluster: there is no broker %d to be controller",
			s.Cluster.Controller,
		)
	}
	if n := len(s.Cluster.Racks); n > 0 && n != s.Cluster.Brokers {
		d.failAt(position{1, 1}, "give one rack for each broker, in order",
			"cluster: %d racks for %d brokers", n, s.Cluster.Brokers)
	}
	topics := map[string]*Topic{}
	for i := range s.Topics {
		t := &s.Topics[i]
		d.completeTopic(s, t)
		d.completeTopicName(t, topics)
		topics[t.Name] = t
	}
	names := make([]string, 0, len(s.Topics))
	for i := range s.Topics {
		names = append(names, s.Topics[i].Name)
	}
	for i := range s.Producers {
		d.completeProducer(s, &s.Producers[i], topics, names)
		for j := range i {
			if s.Producers[j].Name == s.Producers[i].Name {
				d.failAt(s.Producers[i].pos, "", "producer %q stands twice", s.Producers[i].Name)
			}
		}
	}
	for i := range s.Consumers {
		d.completeConsumer(&s.Consumers[i], topics, names)
	}
	for i := range s.Narrate {
		n := &s.Narrate[i]
		if n.When.Held != "" {
			d.failAt(n.pos, "tell it at the next event", "narrate knows no held messages")
		}
		d.onlyPredictions(n.pos, n.When)
		d.completeWords(n.pos, n.Say)
	}
	for _, t := range s.Expect.Sometimes {
		d.onlyPredictions(position{1, 1}, t)
	}
	d.completePredict(s)
	d.completeCore(s)
	for i := range s.Timeline {
		s.Timeline[i].place = i
		if i > 0 {
			s.Timeline[i].after = &s.Timeline[i-1]
		}
		d.completeAction(s, &s.Timeline[i], topics)
	}
	d.completeLimits(s)
}

func (d *decoder) completeTopic(s *Scenario, t *Topic) {
	if len(t.Assignment) > 0 {
		t.Partitions, t.Replicas = len(t.Assignment), len(t.Assignment[0])
		for _, replicas := range t.Assignment {
			d.completeReplicas(s, t.pos, replicas)
			if len(replicas) != t.Replicas {
				d.failAt(t.pos, "give every partition as many brokers",
					"Kafka refuses topic %q: its partitions have %d and %d replicas", t.Name, t.Replicas,
					len(replicas))
			}
		}
	}
	if t.Replicas > s.Cluster.Brokers {
		d.failAt(t.pos, fmt.Sprintf("at most %d replicas, or more brokers", s.Cluster.Brokers),
			"topic %q wants %d replicas, but there are %d brokers", t.Name, t.Replicas, s.Cluster.Brokers)
	}
}

// completeReplicas checks the brokers that are to hold a partition.
func (d *decoder) completeReplicas(s *Scenario, pos position, replicas []int) {
	if len(replicas) == 0 {
		d.failAt(pos, "", "a partition has no replicas")
	}
	for i, id := range replicas {
		if id > s.Cluster.Brokers {
			d.failAt(pos, "", "there is no broker %d: there are %d", id, s.Cluster.Brokers)
		}
		if slices.Contains(replicas[:i], id) {
			d.failAt(pos, "", "Kafka refuses a partition that has broker %d twice", id)
		}
	}
}

// topicNamed finds a topic or reports it, with the nearest name.
func (d *decoder) topicNamed(
	pos position,
	name string,
	topics map[string]*Topic,
	names []string,
) *Topic {
	t := topics[name]
	if t == nil {
		hint := "topics are " + strings.Join(names, ", ")
		if near := model.DidYouMean(name, names); near != "" {
			hint = near
		}
		d.failAt(pos, hint, "no topic is called %q", name)
	}
	return t
}

func (d *decoder) completeProducer(
	s *Scenario,
	p *Producer,
	topics map[string]*Topic,
	names []string,
) {
	t := d.topicNamed(p.pos, p.Topic, topics, names)
	if t == nil {
		return
	}
	if p.Until == 0 || p.Until > s.Duration {
		p.Until = s.Duration
	}
	for _, l := range p.Letters {
		if l.Partition >= t.Partitions {
			d.failAt(p.pos, "", "letters %c-%c go to partition %d, but topic %q has %d",
				l.From, l.To, l.Partition, t.Name, t.Partitions)
		}
	}
	if err := p.config().Check(); err != nil {
		d.failAt(p.pos, "", "producer %q: %v", p.Name, err)
	}
	if p.Rate.N == 0 && len(p.Values) > 0 {
		d.failAt(p.pos, "give it a rate, or have the timeline send them",
			"producer %q has values but no rate", p.Name)
	}
	seen := map[string]bool{}
	for _, v := range p.Values {
		if v == "" || seen[v] {
			d.failAt(p.pos, "every record needs a value of its own, so that it can be told from others",
				"value %q is empty or stands twice", v)
		}
		seen[v] = true
	}
}

func (d *decoder) completeConsumer(c *Consumer, topics map[string]*Topic, names []string) {
	for _, set := range c.Config {
		if set.Name != instanceID {
			continue
		}
		if err := badText(set.Value); err != nil || set.Value == "" || c.Instance != "" {
			d.failAt(set.pos, "write it once, with a name", "%s: %s cannot be it", instanceID,
				clipped(set.Value))
		}
		c.Instance = set.Value
	}
	if c.Instance != "" && c.Group == "" {
		d.failAt(c.pos, "give it group and topics", "a consumer without a group is no static member")
	}
	switch {
	case len(c.Assign) > 0 && len(c.Topics) > 0:
		d.failAt(c.pos, "keep one of them", "a consumer has both topics and assign")
	case len(c.Assign) == 0 && (len(c.Topics) == 0 || c.Group == ""):
		d.failAt(c.pos, "give it group and topics, or assign", "a consumer has nothing to read")
	}
	for _, name := range c.Topics {
		d.topicNamed(c.pos, name, topics, names)
	}
	for _, tp := range c.Assign {
		if t := d.topicNamed(c.pos, tp.Topic, topics, names); t != nil &&
			int(tp.Partition) >= t.Partitions {
			d.failAt(c.pos, "", "topic %q has %d partitions, so there is no %s", t.Name, t.Partitions, tp)
		}
	}
}

// Schema returns the JSON Schema (draft 2020-12) of a scenario, for editors.
func Schema() ([]byte, error) {
	schema := scenarioKind().schema
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Sandcastle scenario"
	b, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return nil, errors.Join(errors.New("schema"), err)
	}
	return append(b, '\n'), nil
}
