package world

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sandcastle/broker/client"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// command is one word of the script language.
type command struct {
	name, usage string
	do          func(*World, *args) error
}

func commands() []command {
	return []command{
		// The cluster and its clients.
		{"cluster", "brokers=N set=NAME=VALUE,... broker-1=NAME=VALUE,...", (*World).cluster},
		{"topic", "NAME replicas=1-2-3,2-3-1 config=NAME=VALUE,...", (*World).topic},
		{"producer", "NAME acks=1 idempotence=off request-timeout=2s delivery-timeout=9s",
			(*World).producer},
		{"consumer", "NAME group=G topics=A,B | assign=orders-0 reset=earliest session=9s " +
			"auto-commit=5s max-poll-interval=60s", (*World).consumer},
		// What clients and operators do.
		{"send", "PRODUCER TOPIC-PARTITION VALUE...", (*World).send},
		{"pause-polling", "CONSUMER", (*World).pausePolling},
		{"resume-polling", "CONSUMER", (*World).resumePolling},
		{"close", "CLIENT", (*World).closeClient},
		{"elect", "TOPIC-PARTITION [unclean]", (*World).elect},
		{"reassign", "TOPIC-PARTITION to=2-3", (*World).reassign},
		{"set", "TOPIC NAME=VALUE", (*World).set},
		{"shutdown", "BROKER", (*World).shutdown},
		// What befalls nodes and what lies between them.
		{"kill", "NODE", onNode(func(w *World, id model.NodeID) { w.net.Kill(id) })},
		{"power-loss", "NODE", onNode(func(w *World, id model.NodeID) { w.net.PowerLoss(id) })},
		{"start", "NODE", onNode(func(w *World, id model.NodeID) { w.net.Start(id) })},
		{"pause", "NODE", onNode(func(w *World, id model.NodeID) { w.net.Pause(id) })},
		{"resume", "NODE", onNode(func(w *World, id model.NodeID) { w.net.Resume(id) })},
		{"cut", "NODE NODE...: the first from the others", (*World).cut},
		{"heal", "NODE NODE...", (*World).heal},
		{"break", "NODE NODE: resets their connections", (*World).breakConns},
		{"hold", "FROM->TO [API] [request|reply|flush]", (*World).hold},
		{"release", "", (*World).release},
		// Step by step.
		{"by-hand", "from now on nothing arrives by itself", (*World).setByHand},
		{"step", "[N]: the oldest packets arrive", (*World).step},
		{"deliver", "FROM->TO [API] [request|reply|flush]: the oldest that matches", (*World).deliver},
		{"drop", "FROM->TO [API] [request|reply|flush]: the oldest is lost", (*World).drop},
		{"settle", "everything arrives", (*World).settle},
		{"tick", "DURATION: the clock goes on, timers fire", (*World).tick},
		{"view", "TOPIC-PARTITION [log] | group G | zookeeper PATH [names] | sessions | controller | " +
			"queue | CLIENT", (*World).view},
	}
}

// Do plays one line of a script and returns what was seen, a line each. Unless the script does
// everything by hand, what the command leads to happens at once.
func (w *World) Do(line string) (string, error) {
	a, err := parse(line)
	if err != nil {
		return "", err
	}
	list := commands()
	at := slices.IndexFunc(list, func(c command) bool { return c.name == a.name })
	if at < 0 {
		return "", fmt.Errorf("there is no command %q", a.name)
	}
	w.lines = nil
	if err = list[at].do(w, a); err == nil {
		err = a.rest()
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w (usage: %s %s)", line, err, a.name, list[at].usage)
	}
	if !w.byHand {
		w.net.Run(0)
	}
	return w.words.withNames(strings.Join(w.lines, "\n")), nil
}

// args are the words of a command: "name=value" and those that stand for themselves. The first
// mistake is kept, and told by rest.
type args struct {
	name   string
	words  []string
	named  map[string]string
	failed error
}

func parse(line string) (*args, error) {
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return nil, fmt.Errorf("an empty line is no command")
	}
	a := &args{name: fields[0], named: map[string]string{}}
	for _, f := range fields[1:] {
		if name, value, ok := strings.Cut(f, "="); ok {
			a.named[name] = value
		} else {
			a.words = append(a.words, f)
		}
	}
	return a, nil
}

func (a *args) fail(format string, values ...any) {
	if a.failed == nil {
		a.failed = fmt.Errorf(format, values...)
	}
}

// rest says what was wrong: with a value, or that there is a word too many.
func (a *args) rest() error {
	for name := range a.named { //unordered: any one is a mistake to tell
		a.fail("nothing is called %s=", name)
	}
	if len(a.words) > 0 {
		a.fail("%q is too much", a.words[0])
	}
	return a.failed
}

// word takes the next word, "" when there is none.
func (a *args) word() string {
	if len(a.words) == 0 {
		return ""
	}
	first := a.words[0]
	a.words = a.words[1:]
	return first
}

func (a *args) node() model.NodeID { return model.NodeID(a.word()) }

func (a *args) partition() kafka.TopicPartition {
	word := a.word()
	tp, ok := kafka.ParseTopicPartition(word)
	if !ok {
		a.fail("%q is no partition", word)
	}
	return tp
}

// option takes the value called name, "" when it is not there.
func (a *args) option(name string) string {
	value := a.named[name]
	delete(a.named, name)
	return value
}

func (a *args) list(name string) []string {
	if value := a.option(name); value != "" {
		return strings.Split(value, ",")
	}
	return nil
}

func (a *args) number(name string, otherwise int) int {
	value := a.option(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		a.fail("%s=%s is no number", name, value)
	}
	return n
}

func (a *args) duration(name string) time.Duration { return a.parseDuration(a.option(name)) }

func (a *args) parseDuration(value string) time.Duration {
	d, err := time.ParseDuration(value)
	if err != nil && value != "" {
		a.fail("%q is no duration", value)
	}
	return d
}

// settings are "name=value,name=value".
func (a *args) settings(name string) []client.Setting {
	var list []client.Setting
	for _, s := range a.list(name) {
		key, value, _ := strings.Cut(s, "=")
		list = append(list, client.Setting{Name: key, Value: value})
	}
	return list
}

// brokers reads "1-2-3".
func (a *args) brokers(value string) []int32 {
	var ids []int32
	for _, s := range strings.Split(value, "-") {
		id, err := strconv.Atoi(s)
		if err != nil {
			a.fail("%q are no brokers", value)
		}
		ids = append(ids, int32(id))
	}
	return ids
}
