package world

import (
	"fmt"
	"slices"
	"time"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/config"
	"sandcastle/broker/world/wires"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const (
	zooKeeper model.NodeID = "zookeeper"
	admin     model.NodeID = "admin"
)

// World is a cluster with its clients. The zero time of what it prints is the end of the set-up.
type World struct {
	net     *wires.Net
	newDisk func() wires.Disk
	brokers []model.NodeID
	clients map[model.NodeID]*ledger
	words   words
	zero    model.Time
	byHand  bool
	lines   []string // what was said since the last command
}

// New returns an empty world, for a script that begins with the command cluster. newDisk makes the
// disks of brokers and of ZooKeeper.
func New(newDisk func() wires.Disk) *World {
	w := &World{
		net: wires.New(), newDisk: newDisk, clients: map[model.NodeID]*ledger{}, words: newWords(),
	}
	w.net.OnStep = w.onStep
	w.net.OnSend = func(p *wires.Packet) { w.words.describe(w.net.Now(), p) }
	return w
}

// cluster makes ZooKeeper, brokers 1 to n and the admin client. Broker 1 starts first, so it is the
// controller. __consumer_offsets has one partition, so that every group has the same coordinator.
func (w *World) cluster(a *args) error {
	n, settings := a.number("brokers", 3), a.settings("set")
	w.add(wires.Node{ID: zooKeeper, Listens: true, Disk: w.newDisk(),
		Make: func(b model.Boot) model.Process {
			return zookeeper.NewServer(b, zookeeper.ServerConfig{})
		}})
	var bootstrap []string
	for i := range n {
		id := node(kafka.BrokerID(i + 1))
		cfg := config.NewBroker(kafka.BrokerID(i+1), string(id), 9092, string(zooKeeper)+":2181")
		cfg.OffsetsTopicPartitions, cfg.OffsetsTopicReplication = 1, int16(min(n, 3))
		for _, s := range slices.Concat(settings, a.settings(string(id))) {
			if err := configure(&cfg, s.Name, s.Value); err != nil {
				return err
			}
		}
		w.brokers = append(w.brokers, id)
		bootstrap = append(bootstrap, string(id)+":9092")
		w.add(wires.Node{ID: id, Listens: true, Disk: w.newDisk(),
			Make: func(b model.Boot) model.Process { return broker.New(b, cfg) }})
		w.net.Run(time.Second)
	}
	w.add(wires.Node{ID: admin, Make: func(b model.Boot) model.Process {
		return client.NewAdmin(b, client.AdminConfig{Bootstrap: bootstrap, MinBrokers: n})
	}})
	w.net.Run(time.Second)
	for _, id := range w.brokers {
		if b := w.broker(id); b == nil || !b.Serving() {
			return fmt.Errorf("%s is not up", id)
		}
	}
	w.zero = w.net.Now()
	return nil
}

// configure sets a property of a broker, or a variant of a protocol by its name in scenarios.
func configure(cfg *config.Broker, name, value string) error {
	switch name {
	case "truncation":
		cfg.Variants.Truncation = config.Truncation(value)
	case "isr":
		cfg.Variants.ISR = config.ISRProtocol(value)
	default:
		return cfg.Set(name, value)
	}
	return cfg.Variants.Validate()
}

func (w *World) add(n wires.Node) {
	w.net.Add(n)
	w.net.Start(n.ID)
}

func node(id kafka.BrokerID) model.NodeID { return model.NodeID(fmt.Sprintf("broker-%d", id)) }

// broker is the process of a broker, nil while it is down.
func (w *World) broker(id model.NodeID) *broker.Broker {
	b, _ := w.net.Process(id).(*broker.Broker)
	return b
}

func (w *World) bootstrap() []string {
	var addrs []string
	for _, id := range w.brokers {
		addrs = append(addrs, string(id)+":9092")
	}
	return addrs
}

// onStep writes down what a process reports of itself and of its operations, and that it ends.
func (w *World) onStep(id model.NodeID, _ model.Event, out *model.Effects) {
	for i := range out.List {
		switch e := &out.List[i]; e.Kind {
		case model.EffectNote:
			if n := out.Notes[e.Index].(*kafka.Note); shown(n) {
				w.say(id, n.String())
			}
		case model.EffectOp:
			if c := w.clients[id]; c != nil {
				if text := c.record(out.Ops[e.Index].(*kafka.Op)); text != "" {
					w.say(id, text)
				}
			}
		case model.EffectHalt:
			w.say(id, "ends: "+e.Reason)
		}
	}
}

func (w *World) say(id model.NodeID, text string) {
	w.lines = append(w.lines, fmt.Sprintf("%s %s: %s", w.clock(), id, text))
}

// clock is the time since the end of the set-up.
func (w *World) clock() string { return w.since(w.net.Now()) }

// since prints a time in seconds since the end of the set-up, with milliseconds if there are any.
func (w *World) since(t model.Time) string {
	millis := t.Sub(w.zero).Milliseconds()
	if millis%1000 == 0 {
		return fmt.Sprintf("%ds", millis/1000)
	}
	return fmt.Sprintf("%d.%03ds", millis/1000, millis%1000)
}
