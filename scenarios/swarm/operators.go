package swarm

import (
	"fmt"
	"strconv"

	"sandcastle/scenarios"
)

func itoa(n int) string { return strconv.Itoa(n) }

// operator is something that an operator does to the cluster.
type operator struct {
	name string
	do   func(f *field, at int, r dice)
	not  func(f *field) bool // says that it cannot be done here; nil for never
}

// operators are what a swarm has operators do, one row each.
func operators() []operator {
	return []operator{
		{"delete-records", (*field).deleteRecords, nil},
		{"elect-preferred", func(f *field, at int, r dice) {
			f.add(at, (&entry{}).with("elect-preferred", f.partition(r)))
		}, nil},
		{"lead", func(f *field, at int, r dice) {
			f.add(at, (&entry{}).with("lead", f.broker(r)).with("partition", f.partition(r)))
		}, nil},
		{"reassign", (*field).reassign, nil},
		{"add-partitions", (*field).addPartitions, nil},
		{"alter-config", (*field).alterConfig, (*field).pipelined},
		{"delete-topic", (*field).remakeTopic, (*field).noScratch},
		{"create-topic", (*field).remakeTopic, (*field).noScratch},
		{"delete-key", (*field).deleteKey, nil},
		{"delete-group", func(f *field, at int, r dice) {
			f.add(at, doing("delete-group", r.one(f.groups...)))
		}, (*field).noGroups},
		{"reset-offsets", func(f *field, at int, r dice) {
			f.add(at, doing("reset-offsets", r.one(f.groups...)).with("partition", f.partition(r)).
				with("offset", r.skewed(1, 300)-1))
		}, (*field).noGroups},
		{"describe", func(f *field, at int, r dice) {
			f.add(at, doing("describe", r.one("topics", "configs", "offsets", "groups", "group-offsets")))
		}, nil},
		{"assign", (*field).assign, (*field).noReaders},
		{"send", (*field).send, nil},
		{"rolling-restart", (*field).rollingRestart, (*field).power},
		{"elect-unclean", func(f *field, at int, r dice) {
			f.add(at, doing("elect-unclean", f.partition(r)))
		}, (*field).clean},
		{"bounce-members", (*field).bounceMembers, (*field).noConsumers},
	}
}

func operatorNames() []string {
	var names []string
	for _, x := range operators() {
		names = append(names, x.name)
	}
	return names
}

func (f *field) drawOperators(r dice) {
	kinds := operators()
	weights := make([]int, len(kinds))
	for i := range kinds {
		weights[i] = f.d.profile.Operators.of(kinds[i].name)
	}
	weights = r.swarmed(weights)
	for i := range kinds {
		if kinds[i].not != nil && kinds[i].not(f) {
			weights[i] = 0
		}
	}
	for range f.d.count(f.d.profile.OperatorCount, r) {
		if at := r.weighed(weights); at >= 0 {
			kinds[at].do(f, f.moment(r), r)
		}
	}
}

func (f *field) power() bool       { return f.d.danger == dangerPower }
func (f *field) clean() bool       { return f.d.danger != dangerUnclean }
func (f *field) noConsumers() bool { return f.consumers == 0 }
func (f *field) pipelined() bool   { return pipelined(f.s) && f.d.danger != dangerSnapshots }

// processing tells whether some group is judged by what its application works on.
func (f *field) processing() bool { return len(processes(f.s)) > 0 }

func (f *field) noScratch() bool { return f.scratch() == nil }

// scratch is the topic that may go, nil for none.
func (f *field) scratch() *scenarios.Topic {
	for i := range f.s.Topics {
		if f.s.Topics[i].Name == scratchTopic {
			return &f.s.Topics[i]
		}
	}
	return nil
}

func (f *field) deleteRecords(at int, r dice) {
	e := (&entry{}).with("delete-records", f.partition(r))
	if before := r.skewed(1, 400); r.chance(75) {
		e.with("before", before)
	}
	f.add(at, e)
}

func (f *field) reassign(at int, r dice) {
	t := f.topic(r)
	f.add(at, (&entry{}).with("reassign", fmt.Sprintf("%s-%d", t.Name, r.between(0,
		t.Partitions-1))).
		with("replicas", f.newReplicas(t, r)))
}

// addPartitions leaves topics alone whose records have keys: those would move.
func (f *field) addPartitions(at int, r dice) {
	if t := f.topic(r); !f.keyed(t.Name) && t.Name != scratchTopic {
		f.add(at, (&entry{}).with("add-partitions", t.Name).
			with("partitions", r.between(t.Partitions+1, t.Partitions+4)))
	}
}

func (f *field) alterConfig(at int, r dice) {
	f.add(at, (&entry{}).with("alter-config", f.topic(r).Name).with("config", "{"+r.one(
		"segment.bytes: 20000", "segment.bytes: 30000", "retention.ms: 5000",
		"segment.bytes: 1048576",
		"retention.bytes: 20000", "flush.messages: 1", "compression.type: lz4",
		"compression.type: producer",
		"message.timestamp.type: LogAppendTime", "index.interval.bytes: 1",
		"max.message.bytes: 100000",
		"segment.ms: 1000", "retention.ms: -1", "file.delete.delay.ms: 10",
	)+"}"))
}

// remakeTopic deletes the scratch topic, and most often makes it again, sooner or later.
func (f *field) remakeTopic(at int, r dice) {
	f.add(at, (&entry{}).with("delete-topic", scratchTopic))
	later, again := r.skewed(1, 5000), r.chance(80)
	e := (&entry{}).with("create-topic", scratchTopic)
	if partitions := r.between(1, 6); r.chance(30) {
		e.with("partitions", partitions)
	}
	if again && at+later < f.millis {
		f.add(at+later, e)
	}
}

// readers are the consumers without a group, by their numbers.
func (f *field) readers() (list []int) {
	n := 0
	for i := range f.s.Consumers {
		for range f.s.Consumers[i].Members {
			if n++; f.s.Consumers[i].Group == "" {
				list = append(list, n)
			}
		}
	}
	return list
}

func (f *field) noReaders() bool { return len(f.readers()) == 0 }

// assign has a consumer read one partition alone, from inside a batch most often.
func (f *field) assign(at int, r dice) {
	list := f.readers()
	f.add(at, doing("assign", "consumer-"+itoa(list[r.between(0, len(list)-1)])).
		with("partition", f.partition(r)).with("offset", r.skewed(1, 300)-1))
}

// deleteKey has a producer that hears of offsets send a tombstone. One is like another: where
// nobody knows the offsets of two of them, it cannot be told which is there.
func (f *field) deleteKey(at int, r dice) {
	p := &f.s.Producers[r.between(0, len(f.s.Producers)-1)]
	if p.Keys > 0 && p.Acks != "0" {
		f.add(at, (&entry{}).with("delete-key", "producer-"+p.Name).
			with("key", "k"+itoa(r.between(0, p.Keys-1))))
	}
}

// send has a producer send beside its rate: a burst, with headers, timestamps of its own.
func (f *field) send(at int, r dice) {
	e := (&entry{}).with("send", f.producer(r)).with("count", r.skewed(1, 60))
	if headers := r.one("{trace: abc}", "{a: b, c: \"\"}"); r.chance(40) {
		e.with("headers", headers)
	}
	if stamp := r.between(1, 30000); r.chance(30) {
		e.with("timestamp", millis(stamp))
	}
	f.add(at, e)
}

// rollingRestart restarts every broker, one after the other, in good order where that is safe.
func (f *field) rollingRestart(at int, r dice) {
	verb := "stop"
	if f.pipelined() || r.chance(25) {
		verb = "kill"
	}
	down, step := r.between(300, 2500), r.between(500, 4000)
	for _, id := range r.shuffled(f.s.Cluster.Brokers) {
		if at < f.millis {
			f.add(at, (&entry{}).with(verb, "broker-"+itoa(id)).with("for", millis(down)))
		}
		at += step
	}
}

// bounceMembers restarts consumers one after the other: static members come back as themselves.
func (f *field) bounceMembers(at int, r dice) {
	verb, step := r.one("restart", "restart", "kill"), r.skewed(20, 3000)
	down := r.skewed(50, 9000)
	for range r.between(1, 4) {
		e := (&entry{}).with(verb, r.name("consumer-", f.consumers))
		if verb == "kill" {
			e.with("for", millis(down))
		}
		if at < f.millis {
			f.add(at, e)
		}
		at += step
	}
}
