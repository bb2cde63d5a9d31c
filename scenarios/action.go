package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"sandcastle/broker"
	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// This file is the form of a timeline entry: when it happens, its verb, and the verb's options.

func actionKind() kind[Action] {
	initial := func(pos position) Action {
		a := Action{pos: pos}
		a.Nth, a.Count, a.Before, a.Leave, a.Every = 1, 1, -1, 1, defaultEvery
		return a
	}
	fields := append(timeFields(), optionFields()...)
	for _, v := range verbs() {
		fields = append(fields, verbField(&v))
	}
	return knowsItsVerb(object("a timeline entry", initial, fields))
}

func timeFields() []fieldOf[Action] {
	return []fieldOf[Action]{
		field("at", duration(), func(a *Action) *time.Duration { return &a.At },
			"When it fires; with `when`, from when on the event counts."),
		field("when", trigger(), func(a *Action) *Trigger { return &a.When },
			"The event after which it fires, such as leader-elected, held(ack) or offset(orders-0) >= 100."),
		field("delay", duration(), func(a *Action) *time.Duration { return &a.Delay },
			"Time between the event and the action."),
		thenField(),
		field("for", duration(), func(a *Action) *time.Duration { return &a.For },
			"How long it lasts; without it, until the run heals everything."),
		field("name", text(), func(a *Action) *string { return &a.Label },
			"A name for held(name), fired(name), release and discard."),
		field("say", prose(), func(a *Action) *string { return &a.Say },
			"What to say of it when it happens; it is a step of the story then."),
		field("quiet", truth(), func(a *Action) *bool { return &a.Quiet },
			"Whether it is set-up that no step tells of; the picture shows it all the same."),
	}
}

func thenField() fieldOf[Action] {
	of := duration()
	return fieldOf[Action]{
		name: "then", schema: of.schema,
		doc: "How long after the entry before it; with `when`, from when on the event counts.",
		set: func(d *decoder, n *yaml.Node, a *Action) { a.Chained, a.Then = true, of.read(d, n) },
	}
}

// option is a field that only some verbs have.
func option[V any](name string, k kind[V], at func(*Action) *V, doc string) fieldOf[Action] {
	f := field(name, k, at, doc+" Belongs to "+usersOf(name)+".")
	set := f.set
	f.set = func(d *decoder, n *yaml.Node, a *Action) {
		a.supplied = append(a.supplied, name)
		set(d, n, a)
	}
	return f
}

func optionFields() []fieldOf[Action] {
	return []fieldOf[Action]{
		option("to", roles(), func(a *Action) *[]Role { return &a.To }, "The other side."),
		byField(),
		option("api", enum("API", broker.APINames()...), func(a *Action) *string { return &a.API },
			"The request whose messages are meant."),
		option("message", enum("message", "request", "reply"),
			func(a *Action) *string { return &a.Message }, "Requests or replies; both if not given."),
		option("nth", whole(1, 1_000_000), func(a *Action) *int { return &a.Nth },
			"Which of them, counted from when the entry fires."),
		option("count", whole(1, 1_000_000), func(a *Action) *int { return &a.Count }, "How many."),
		option("partition", partitionKind(),
			func(a *Action) *kafka.TopicPartition { return &a.Partition }, "Of which partition."),
		option("every", duration(), func(a *Action) *time.Duration { return &a.Every },
			"How long between two steps; 2s if not given."),
		option("leave", whole(0, maxBrokers), func(a *Action) *int { return &a.Leave },
			"How many run at any time; 1 if not given."),
		option("keeps", enum("keeps", "chance", "nothing"), func(a *Action) *string { return &a.Keeps },
			"What of the unflushed the disks keep: chance, if not given, or nothing."),
		option("files", enum("kind of files", fileKinds()...),
			func(a *Action) *string { return &a.Files },
			"Of which files: of the log, its indexes, checkpoints, or snapshots."),
		option("records", whole(1, 1_000_000), func(a *Action) *int { return &a.Records }, "How many."),
		option("values", list("values", text()), func(a *Action) *[]string { return &a.Values },
			"The records' values, each distinct."),
		option("key", text(), func(a *Action) *string { return &a.Key }, "The records' key."),
		option("partitions", whole(1, maxPartitions), func(a *Action) *int { return &a.Partitions },
			"How many there are to be."),
		option("config", settings("topic configuration", config.TopicProperties(),
			config.ValidateTopic), func(a *Action) *[]Setting { return &a.Config },
			"Topic properties by their Kafka names."),
		option("before", offsetKind(), func(a *Action) *kafka.Offset { return &a.Before },
			"The first offset that stays; the high watermark if not given."),
		option("offset", offsetKind(), func(a *Action) *kafka.Offset { return &a.Offset }, "Where to."),
		option("unclean", truth(), func(a *Action) *bool { return &a.Unclean },
			"Whether a replica outside the ISR will do."),
		option("replicas", list("replicas", whole(1, maxBrokers)),
			func(a *Action) *[]int { return &a.Replicas }, "Broker ids, the preferred leader first."),
		option("rate", rate(), func(a *Action) *Rate { return &a.Rate },
			"Records per time, from now on."),
		option("process", duration(), func(a *Action) *time.Duration { return &a.Process },
			"Time that the application takes for one record, from its next poll on."),
		option("timestamp", timestamp(), func(a *Action) **int64 { return &a.Timestamp },
			"The records' timestamp: a time of the run, such as 2s, or a date. A run begins on 1970-01-01."),
		option("headers", headers(), func(a *Action) *[]wire.RecordHeader { return &a.Headers },
			"The records' headers, as in {trace: abc}."),
		option("error", errorCode(), func(a *Action) *wire.Code { return &a.Error },
			"The error's name in Kafka, such as UNKNOWN_SERVER_ERROR."),
	}
}

func offsetKind() kind[kafka.Offset] {
	schema := map[string]any{"type": "integer", "minimum": 0}
	return scalar(schema, func(s string) (kafka.Offset, error) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%s is no offset", clipped(s))
		}
		return kafka.Offset(n), nil
	})
}

func truth() kind[bool] {
	return scalar(map[string]any{"type": "boolean"}, func(s string) (bool, error) {
		switch s {
		case "true", "on", "yes":
			return true, nil
		case "false", "off", "no":
			return false, nil
		default:
			return false, fmt.Errorf("%s is neither true nor false", clipped(s))
		}
	})
}

// verbField is the key of one verb, such as kill: its value says to whom.
func verbField(v *verb) fieldOf[Action] {
	of, names := roles(), text()
	f := fieldOf[Action]{name: v.name, doc: v.doc, schema: of.schema}
	if v.on != onNodes {
		f.schema = names.schema
	}
	f.set = func(d *decoder, n *yaml.Node, a *Action) {
		if a.Verb != "" {
			d.fail(n, "make it two entries", "%s and %s in one timeline entry", a.Verb, v.name)
			return
		}
		a.Verb = v.name
		if v.on == onNodes {
			a.Targets = of.read(d, n)
		} else {
			a.Name = names.read(d, n)
		}
	}
	return f
}

// completeAction checks a timeline entry as a whole.
func (d *decoder) completeAction(s *Scenario, a *Action, topics map[string]*Topic) {
	v := verbNamed(a.Verb)
	if v == nil {
		d.failAt(a.pos, "say one of "+strings.Join(verbNames(), ", "), "a timeline entry does nothing")
		return
	}
	d.completeTime(s, a)
	if a.Quiet && a.Say != "" {
		d.failAt(a.pos, "keep one of them", "a timeline entry is quiet and has something to say")
	}
	d.completeWords(a.pos, a.Say)
	for _, name := range v.needs {
		if !slices.Contains(a.supplied, name) {
			d.failAt(a.pos, "", "%s needs `%s`", v.name, name)
		}
	}
	for _, name := range a.supplied {
		if !slices.Contains(v.needs, name) && !slices.Contains(v.takes, name) {
			d.failAt(a.pos, "it belongs to "+usersOf(name), "%s takes no `%s`", v.name, name)
		}
	}
	for _, r := range append(append([]Role{}, a.Targets...), a.To...) {
		d.completeRole(s, r, topics)
	}
	for _, r := range a.Targets {
		d.completeTarget(v, r)
	}
	d.completeBy(v, a)
	d.completeEvery(a)
	d.completeObject(s, a, v, topics)
	d.completeClientAction(s, a)
}

// completeTime checks when an entry is to happen.
func (d *decoder) completeTime(s *Scenario, a *Action) {
	switch {
	case a.Chained && (a.after == nil || a.At > 0):
		d.failAt(a.pos, "give it `at` instead, or leave `at` out",
			"`then` counts from the entry before it")
	case !a.Chained && !a.When.event() && a.At == 0:
		d.failAt(a.pos, "give it `at: 5s`, `then: 1s` or `when: leader-elected`",
			"a timeline entry says no time")
	case a.At > s.Duration:
		d.failAt(a.pos, "make duration longer", "a timeline entry at %v lies after the end at %v",
			a.At, s.Duration)
	}
	d.completeName(s, a.pos, a.When.Held)
	d.completeName(s, a.pos, a.When.Fired)
	if a.Label != "" && a.When.Fired == a.Label {
		d.failAt(a.pos, "", "%q waits for itself", a.Label)
	}
	if a.Label != "" && slices.ContainsFunc(s.Timeline, func(b Action) bool {
		return b.Label == a.Label && b.pos != a.pos
	}) {
		d.failAt(a.pos, "", "two timeline entries are called %q", a.Label)
	}
}

// completeObject checks what the verb is done to, if that is no node.
func (d *decoder) completeObject(s *Scenario, a *Action, v *verb, topics map[string]*Topic) {
	tp, isPartition := kafka.ParseTopicPartition(a.Name)
	switch v.on {
	case onName:
		d.completeName(s, a.pos, a.Name)
	case onGroup:
		d.groupNamed(s, a.pos, a.Name)
	case onTopic:
		d.topicNamed(a.pos, a.Name, topics, topicNames(s))
	case onPartition:
		if !isPartition {
			d.failAt(a.pos, "write a topic, a dash and a partition, such as orders-0",
				"%q is no partition", a.Name)
			return
		}
		a.Partition = tp
	case onListing:
		if names := listingNames(); !slices.Contains(names, a.Name) {
			d.failAt(a.pos, "it can be "+strings.Join(names, ", "), "nobody can ask about %q", a.Name)
		}
	}
	if slices.Contains(a.supplied, "partition") || v.on == onPartition {
		t := d.topicNamed(a.pos, a.Partition.Topic, topics, topicNames(s))
		if t != nil && int(a.Partition.Partition) >= s.mostPartitions(t) {
			d.failAt(a.pos, "", "there is no partition %s", a.Partition)
		}
	}
	if slices.Contains(a.supplied, "replicas") {
		d.completeReplicas(s, a.pos, a.Replicas)
	}
}

// groupNamed checks that some consumer of the scenario is in the group.
func (d *decoder) groupNamed(s *Scenario, pos position, name string) {
	var names []string
	for i := range s.Consumers {
		if g := s.Consumers[i].Group; g != "" {
			names = append(names, g)
		}
	}
	if slices.Contains(names, name) {
		return
	}
	hint := "groups are " + strings.Join(names, ", ")
	if near := model.DidYouMean(name, names); near != "" {
		hint = near
	}
	d.failAt(pos, hint, "no consumer is in the group %q", name)
}

// completeName checks that a timeline entry has the name, if there is one.
func (d *decoder) completeName(s *Scenario, pos position, name string) {
	var names []string
	for i := range s.Timeline {
		if s.Timeline[i].Label != "" {
			names = append(names, s.Timeline[i].Label)
		}
	}
	if name == "" || slices.Contains(names, name) {
		return
	}
	hint := "names are " + strings.Join(names, ", ")
	if near := model.DidYouMean(name, names); near != "" {
		hint = near
	}
	d.failAt(pos, hint, "no timeline entry is called %q", name)
}

func topicNames(s *Scenario) []string {
	names := make([]string, 0, len(s.Topics))
	for i := range s.Topics {
		names = append(names, s.Topics[i].Name)
	}
	return names
}

// Words say what an entry does, as a predicate of where; "" stands for those to whom it is done. A
// story needs them of what leaves no fault in the trace.
func (a *Action) Words() (where, what string) {
	const world, network = "world", "network"
	switch a.Verb {
	case "send":
		return "", "is told to send " + a.sends()
	case "delete-key":
		return "", fmt.Sprintf("is told to send a record with key %q and no value", a.Key)
	case "seek-to-time":
		return "", fmt.Sprintf("is told to go on in %s at a time", a.Partition)
	case "assign":
		return "", fmt.Sprintf("is told to read %s alone, from offset %d on", a.Partition, a.Offset)
	case "seek":
		return "", fmt.Sprintf("is told to go on at offset %d of %s", a.Offset, a.Partition)
	case "close", "stop":
		return "", "is told to end in good order"
	case "lead":
		return "", "is to lead " + a.Partition.String() + " from now on"
	case "forbid":
		return "", "may not lead " + a.Partition.String()
	case "hold":
		return network, a.messages() + " will be held back"
	case "drop":
		return network, a.messages() + " will be lost"
	case "duplicate":
		return network, a.messages() + " will come twice"
	case "reorder":
		return network, a.messages() + " will come behind others"
	case "postpone":
		return network, a.messages() + " will come later"
	case "delete-group":
		return "world", "an operator deletes the group " + a.Name
	case "reset-offsets":
		return "world", "an operator sets the offset of the group " + a.Name
	case "flap", "ring", "bridge", "swizzle", "attrit", "roll":
		return a.patternWords()
	case "misdirect":
		return "", "has writes go astray"
	case "shift-clock", "drift-clock":
		return "", a.clockWords()
	case "add-partitions":
		return world, fmt.Sprintf("an operator asks for %d partitions of %s", a.Partitions, a.Name)
	case "alter-config":
		return world, "an operator changes the configuration of " + a.Name
	case "delete-records":
		return world, "an operator deletes records of " + a.Name
	case "describe":
		return world, "an operator asks about " + a.Name
	case "elect-preferred", "elect-unclean":
		return world, "an operator asks for a leader of " + a.Name
	case "reassign":
		return world, fmt.Sprintf("an operator moves %s to brokers %s", a.Name,
			strings.Trim(fmt.Sprint(a.Replicas), "[]"))
	case "release":
		return network, "what " + a.Name + " holds is let go"
	case "discard":
		return network, "what " + a.Name + " holds is lost"
	default:
		return "", a.Verb + " is done"
	}
}

// messages are those that an entry picks.
func (a *Action) messages() string {
	what := a.API
	if a.Message == "reply" {
		what = "answers to " + what
	}
	return what + " from " + rolesText(a.Targets) + " to " + rolesText(a.To)
}

// sends is what a producer is told to send.
func (a *Action) sends() string {
	switch n := len(a.Values); {
	case n > 1:
		return strings.Join(a.Values[:n-1], ", ") + " and " + a.Values[n-1]
	case n == 1:
		return a.Values[0]
	case a.Count == 1:
		return "a record"
	default:
		return fmt.Sprintf("%d records", a.Count)
	}
}
