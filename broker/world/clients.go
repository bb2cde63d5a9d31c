package world

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/world/wires"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func (w *World) topic(a *args) error {
	c := &client.CreateTopic{Name: a.word(), Config: a.settings("config")}
	for _, replicas := range a.list("replicas") {
		c.Assignment = append(c.Assignment, a.brokers(replicas))
	}
	return w.ask(c)
}

func (w *World) elect(a *args) error {
	return w.ask(&client.ElectLeaders{TP: a.partition(), Unclean: a.word() == "unclean"})
}

func (w *World) reassign(a *args) error {
	return w.ask(&client.AlterPartitionReassignments{
		TP: a.partition(), Replicas: a.brokers(a.option("to")),
	})
}

func (w *World) set(a *args) error {
	c := &client.AlterConfigs{Topic: a.word()}
	for name, value := range a.named { //unordered: the broker takes them as one
		c.Settings = append(c.Settings, client.Setting{Name: name, Value: value})
		delete(a.named, name)
	}
	slices.SortFunc(c.Settings, func(x, y client.Setting) int {
		return strings.Compare(x.Name, y.Name)
	})
	return w.ask(c)
}

func (w *World) shutdown(a *args) error {
	return w.command(a.node(), broker.Shutdown{})
}

// ask has the admin client do something.
func (w *World) ask(c model.Command) error { return w.command(admin, c) }

func (w *World) command(id model.NodeID, c model.Command) error {
	if w.net.Process(id) == nil {
		return fmt.Errorf("%q does not run", id)
	}
	w.net.Command(id, c)
	return nil
}

func (w *World) producer(a *args) error {
	id := a.node()
	cfg := client.ProducerConfig{
		Bootstrap: w.bootstrap(), Acks: a.option("acks"),
		RequestTimeout: a.duration("request-timeout"), DeliveryTimeout: a.duration("delivery-timeout"),
	}
	if a.option("idempotence") == "off" {
		cfg.Idempotence = client.IdempotenceOff
	}
	w.addClient(id, func(b model.Boot) model.Process { return client.NewProducer(b, cfg) })
	return cfg.Check()
}

func (w *World) consumer(a *args) error {
	id := a.node()
	cfg := client.ConsumerConfig{
		Bootstrap: w.bootstrap(), Group: a.option("group"), Topics: a.list("topics"),
		AutoOffsetReset: a.option("reset"), SessionTimeout: a.duration("session"),
		MaxPollInterval: a.duration("max-poll-interval"), AutoCommitInterval: a.duration("auto-commit"),
	}
	cfg.AutoCommit = cfg.AutoCommitInterval > 0
	for _, name := range a.list("assign") {
		tp, ok := kafka.ParseTopicPartition(name)
		if !ok {
			return fmt.Errorf("%q is no partition", name)
		}
		cfg.Assign = append(cfg.Assign, tp)
	}
	w.addClient(id, func(b model.Boot) model.Process { return client.NewConsumer(b, cfg) })
	return nil
}

func (w *World) addClient(id model.NodeID, make func(model.Boot) model.Process) {
	w.clients[id] = &ledger{}
	w.add(wires.Node{ID: id, Make: make})
}

func (w *World) send(a *args) error {
	id, tp := a.node(), a.partition()
	for len(a.words) > 0 {
		c := &client.Send{Topic: tp.Topic, Partition: tp.Partition, Value: []byte(a.word())}
		if err := w.command(id, c); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) pausePolling(a *args) error { return w.command(a.node(), &client.Pause{}) }

func (w *World) resumePolling(a *args) error { return w.command(a.node(), &client.Resume{}) }

func (w *World) closeClient(a *args) error { return w.command(a.node(), &client.Close{}) }

// ledger is what a client has asked for and been told.
type ledger struct {
	sends []kafka.Op // as they stand: Invoke until the outcome is known
	read  []string
}

// record takes a line of the history and says in words what is worth showing of it.
func (l *ledger) record(op *kafka.Op) string {
	switch {
	case op.F == kafka.FSend && op.Type == kafka.Invoke:
		l.sends = append(l.sends, *op)
		return ""
	case op.Type == kafka.Invoke:
		return ""
	case op.F == kafka.FSend:
		at := slices.IndexFunc(l.sends, func(o kafka.Op) bool { return o.ID == op.ID })
		l.sends[at] = *op
		return outcome(op)
	case op.F == kafka.FPoll && op.Error != "":
		return "poll: " + ended(op)
	case op.F == kafka.FPoll:
		var got []string
		for _, m := range op.Value {
			for _, p := range m.Polled {
				for _, r := range p.Records {
					got = append(got, fmt.Sprintf("%s@%d=%s", p.Key, r.Offset, r.Value))
				}
			}
		}
		l.read = append(l.read, got...)
		if len(got) == 0 {
			return ""
		}
		return "reads " + strings.Join(got, " ")
	case op.F == kafka.FCommit:
		text := "commits"
		for _, o := range op.Offsets {
			text += fmt.Sprintf(" %s@%d", o.Key, o.Offset)
		}
		return text + ": " + ended(op)
	case op.Error != "":
		return string(op.F) + ": " + ended(op)
	default:
		return ""
	}
}

// outcome says how a send stands.
func outcome(op *kafka.Op) string {
	m := &op.Value[0]
	switch op.Type {
	case kafka.Invoke:
		return m.Value + ": no answer yet"
	case kafka.OK:
		if m.Offset == kafka.NoOffset {
			return m.Value + ": sent, no answer is asked for"
		}
		return fmt.Sprintf("%s: acknowledged at %s@%d", m.Value, m.Key, m.Offset)
	default:
		return m.Value + ": " + ended(op)
	}
}

// ended is how an operation ended: info says that nobody knows whether it took effect.
func ended(op *kafka.Op) string {
	switch op.Type {
	case kafka.Info:
		return "unknown outcome (" + op.Error + ")"
	case kafka.Fail:
		return "failed (" + op.Error + ")"
	default:
		return "ok"
	}
}
