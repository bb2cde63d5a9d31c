package serve

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"sandcastle/broker/client"
	"sandcastle/broker/config"
	"sandcastle/broker/host"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Options come from the command line of serve. Errors call them by the flags that set them.
type Options struct {
	Brokers       int
	BrokerID      int
	ZooKeeperOnly bool
	Port          int
	ZooKeeperPort int
	ZooKeeper     string
	Advertised    string
	Bind          string
	Data          string
	ConfigFile    string
	Topics        []string
	Settings      []string
}

// Plan is what is to be started, once everything that serve got is known to make sense.
type Plan struct {
	Brokers   []Broker
	ZooKeeper string // elsewhere, "" for one of its own
	Data      string // "" for a temporary directory, whose path is to be put here
	Topics    []client.CreateTopic
	// Idle are settings that were supplied and change nothing here.
	Idle []string

	zkListen string
	single   bool // Data is the log directory of the one broker
}

// Broker is one of the brokers to start.
type Broker struct {
	Config    config.Broker
	Listeners []host.ListenAt
}

// generatedID is the id of a single broker that nobody numbered: Apache Kafka's first generated one
// (reserved.broker.max.id + 1).
const generatedID = 1001

const maxPort = 1<<16 - 1

// NewPlan puts together the options, the file they name and the environment. supplied reports
// whether a flag was on the command line.
func NewPlan(o *Options, supplied func(string) bool, environ []string) (*Plan, error) {
	settings, topics, err := gatherSettings(o, environ)
	if err != nil {
		return nil, err
	}
	// An address of IPv6 may come in brackets, as in a URL.
	o.Bind = strings.Trim(bindAddress(o, supplied, environ), "[]")
	o.Advertised = strings.Trim(o.Advertised, "[]")
	p := &Plan{
		ZooKeeper: o.ZooKeeper, Data: o.Data, Idle: settings.idle(),
		zkListen: model.JoinAddress(o.Bind, int32(o.ZooKeeperPort)),
	}
	if err := checkPorts(o); err != nil {
		return nil, err
	}
	if p.Topics, err = parseTopics(append(topics, o.Topics...)); err != nil {
		return nil, err
	}
	if at, ok := settings.last("zookeeper.connect"); ok && p.ZooKeeper == "" {
		p.ZooKeeper = at.value
	}
	if err := checkZooKeeper(p.ZooKeeper); err != nil {
		return nil, err
	}
	if o.ZooKeeperOnly {
		return p, p.planZooKeeper(supplied)
	}
	id, numbered, err := settings.brokerID(o, supplied)
	if err != nil {
		return nil, err
	}
	_, connected := settings.last("zookeeper.connect")
	p.single = !supplied("brokers") && (numbered || connected)
	if supplied("brokers") && numbered {
		return nil, model.BadInput("--brokers starts brokers 1, 2, …; the id %d is for a single one", id)
	}
	if p.single {
		return p, p.planSingle(o, supplied, settings, id)
	}
	return p, p.planMany(o, settings)
}

// checkPorts looks at --port, with those that follow it, and --zookeeper-port.
func checkPorts(o *Options) error {
	last := o.Port + max(o.Brokers, 1) - 1
	if o.Port < 0 || last > maxPort {
		return model.BadInput("--port %d: the ports of %d brokers must lie between 0 and %d", o.Port,
			max(o.Brokers, 1), maxPort)
	}
	if o.ZooKeeperPort < 0 || o.ZooKeeperPort > maxPort {
		return model.BadInput("--zookeeper-port %d: a port lies between 0 and %d", o.ZooKeeperPort,
			maxPort)
	}
	return nil
}

// planZooKeeper has no brokers.
func (p *Plan) planZooKeeper(supplied func(string) bool) error {
	for _, flag := range []string{"brokers", "broker-id", "zookeeper", "topic"} {
		if supplied(flag) {
			return model.BadInput("--zookeeper-only runs no brokers: leave --%s out", flag)
		}
	}
	p.ZooKeeper, p.Topics = "", nil
	return nil
}

// planMany is a cluster with brokers 1, 2, ….
func (p *Plan) planMany(o *Options, settings settings) error {
	if o.Brokers < 1 {
		return model.BadInput("--brokers %d: a cluster has at least 1", o.Brokers)
	}
	for _, name := range []string{"listeners", "advertised.listeners"} {
		if s, ok := settings.last(name); ok && o.Brokers > 1 {
			return model.BadInput("%s: %s is one broker's; give --bind, --port and --advertised", s.where,
				name)
		}
	}
	for id := 1; id <= o.Brokers; id++ {
		port := o.Port
		if port != 0 {
			port += id - 1
		}
		if err := p.plan(o, settings, id, port); err != nil {
			return err
		}
	}
	return nil
}

// planSingle is one broker, with a ZooKeeper beside it if there is none elsewhere.
func (p *Plan) planSingle(o *Options, supplied func(string) bool, settings settings, id int,
) error {
	if dir, ok := settings.logDir(); ok && !supplied("data") {
		p.Data = dir
	}
	return p.plan(o, settings, id, o.Port)
}

func (p *Plan) plan(o *Options, settings settings, id, port int) error {
	cfg := config.NewBroker(kafka.BrokerID(id), o.Advertised, int32(port), "")
	if !p.single {
		cfg.MustSet("offsets.topic.replication.factor", strconv.Itoa(min(3, o.Brokers)))
	} else if p.ZooKeeper == "" {
		cfg.MustSet("offsets.topic.replication.factor", "1")
	}
	// As in the server.properties that Apache Kafka comes with: a first member need not wait.
	cfg.MustSet("group.initial.rebalance.delay.ms", "0")
	if err := settings.apply(&cfg); err != nil {
		return err
	}
	listeners, err := settings.listeners(o, port)
	if err != nil {
		return err
	}
	if cfg.InterBrokerListener, err = settings.interBroker(listeners); err != nil {
		return err
	}
	p.Brokers = append(p.Brokers, Broker{cfg, listeners})
	return nil
}

// checkZooKeeper looks at a zookeeper.connect.
func checkZooKeeper(connect string) error {
	if connect == "" {
		return nil
	}
	if strings.Contains(connect, "/") {
		return model.BadInput("ZooKeeper %s: a path behind the address (chroot) is not there yet",
			connect)
	}
	for addr := range strings.SplitSeq(connect, ",") {
		if _, _, ok := model.SplitAddress(addr); !ok {
			return model.BadInput("ZooKeeper %q: want host:port, as in localhost:2181", addr)
		}
	}
	return nil
}

// parseTopics reads name[:partitions[:replicas]].
func parseTopics(list []string) ([]client.CreateTopic, error) {
	var topics []client.CreateTopic
	for _, text := range list {
		parts := strings.Split(text, ":")
		numbers := []int64{1, 1}
		for i, p := range parts[1:] {
			n, err := strconv.ParseInt(p, 10, 16)
			if err != nil || n < 1 || i > 1 {
				return nil, model.BadInput("--topic %s: want name[:partitions[:replicas]], as in orders:3:2",
					text)
			}
			numbers[i] = n
		}
		if parts[0] == "" {
			return nil, model.BadInput("--topic %s: a topic has a name", text)
		}
		topics = append(topics, client.CreateTopic{
			Name: parts[0], Partitions: int32(numbers[0]), Replicas: int16(numbers[1]),
		})
	}
	return topics, nil
}

// Cluster is the plan as the host takes it. The data directory must be known by now.
func (p *Plan) Cluster() host.ClusterConfig {
	cfg := host.ClusterConfig{
		ZooKeeper: p.ZooKeeper, ZooKeeperListen: p.zkListen,
		ZooKeeperDir: filepath.Join(p.Data, "zookeeper"),
	}
	for _, b := range p.Brokers {
		dir := filepath.Join(p.Data, fmt.Sprintf("broker-%d", b.Config.ID))
		if p.single && p.ZooKeeper != "" {
			dir = p.Data // as in Kafka, where it is log.dirs
		}
		cfg.Brokers = append(cfg.Brokers, host.BrokerConfig{
			Broker: b.Config, Listeners: b.Listeners, Dir: dir,
		})
	}
	return cfg
}

// IDs are those of the brokers.
func (p *Plan) IDs() []kafka.BrokerID {
	var ids []kafka.BrokerID
	for i := range p.Brokers {
		ids = append(ids, p.Brokers[i].Config.ID)
	}
	return ids
}

// WaitsFor says why the start takes long.
func (p *Plan) WaitsFor() string {
	if p.ZooKeeper == "" {
		return "still starting: recovering what is in " + p.Data
	}
	return fmt.Sprintf("still waiting: for ZooKeeper at %s, or for an earlier session of this broker"+
		" to end there (zookeeper.session.timeout.ms)", p.ZooKeeper)
}
