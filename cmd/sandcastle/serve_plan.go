package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"sandcastle/broker/client"
	"sandcastle/broker/config"
	"sandcastle/broker/host"
	"sandcastle/model/kafka"
)

// servePlan is what serve shall start, once everything that it was told is known to make sense.
type servePlan struct {
	brokers   []plannedBroker
	zooKeeper string // elsewhere, "" for one of its own
	zkListen  string
	data      string // "" for a temporary directory
	single    bool   // data is the log directory of the one broker
	topics    []client.CreateTopic
	// idle are settings that were given and mean nothing here.
	idle []string
}

type plannedBroker struct {
	config    config.Broker
	listeners []host.ListenAt
}

// generatedID is the id of a single broker that nobody numbered: Apache Kafka's first generated one
// (reserved.broker.max.id + 1).
const generatedID = 1001

const maxPort = 1<<16 - 1

// newServePlan puts together the flags, the file they name and the environment. given tells whether
// a flag was.
func newServePlan(f *serveFlags, given func(string) bool, environ []string) (*servePlan, error) {
	settings, topics, err := gatherSettings(f, environ)
	if err != nil {
		return nil, err
	}
	p := &servePlan{
		zooKeeper: f.zooKeeper, data: f.data, idle: settings.idle(),
		zkListen: net.JoinHostPort(f.bind, strconv.Itoa(f.zooKeeperPort)),
	}
	if err := checkPorts(f); err != nil {
		return nil, err
	}
	if p.topics, err = parseTopics(append(topics, f.topics...)); err != nil {
		return nil, err
	}
	if at, ok := settings.last("zookeeper.connect"); ok && p.zooKeeper == "" {
		p.zooKeeper = at.value
	}
	if err := checkZooKeeper(p.zooKeeper); err != nil {
		return nil, err
	}
	if f.zooKeeperOnly {
		return p, p.planZooKeeper(given)
	}
	id, numbered, err := settings.brokerID(f, given)
	if err != nil {
		return nil, err
	}
	_, connected := settings.last("zookeeper.connect")
	p.single = !given("brokers") && (numbered || connected)
	if given("brokers") && numbered {
		return nil, inputError("--brokers starts brokers 1, 2, …; the id %d is for a single one", id)
	}
	if p.single {
		return p, p.planSingle(f, given, settings, id)
	}
	return p, p.planMany(f, settings)
}

// checkPorts looks at --port, with those that follow it, and --zookeeper-port.
func checkPorts(f *serveFlags) error {
	last := f.port + max(f.brokers, 1) - 1
	if f.port < 0 || last > maxPort {
		return inputError("--port %d: the ports of %d brokers must lie between 0 and %d", f.port,
			max(f.brokers, 1), maxPort)
	}
	if f.zooKeeperPort < 0 || f.zooKeeperPort > maxPort {
		return inputError("--zookeeper-port %d: a port lies between 0 and %d", f.zooKeeperPort, maxPort)
	}
	return nil
}

// planZooKeeper has no brokers.
func (p *servePlan) planZooKeeper(given func(string) bool) error {
	for _, flag := range []string{"brokers", "broker-id", "zookeeper", "topic"} {
		if given(flag) {
			return inputError("--zookeeper-only runs no brokers: leave --%s out", flag)
		}
	}
	p.zooKeeper, p.topics = "", nil
	return nil
}

// planMany is a cluster with brokers 1, 2, ….
func (p *servePlan) planMany(f *serveFlags, settings settings) error {
	if f.brokers < 1 {
		return inputError("--brokers %d: a cluster has at least 1", f.brokers)
	}
	for _, name := range []string{"listeners", "advertised.listeners"} {
		if s, ok := settings.last(name); ok && f.brokers > 1 {
			return inputError("%s: %s is one broker's; give --bind, --port and --advertised", s.where,
				name)
		}
	}
	for id := 1; id <= f.brokers; id++ {
		port := f.port
		if port != 0 {
			port += id - 1
		}
		if err := p.plan(f, settings, id, port); err != nil {
			return err
		}
	}
	return nil
}

// planSingle is one broker, with a ZooKeeper beside it if there is none elsewhere.
func (p *servePlan) planSingle(f *serveFlags, given func(string) bool, settings settings, id int,
) error {
	if dir, ok := settings.logDir(); ok && !given("data") {
		p.data = dir
	}
	return p.plan(f, settings, id, f.port)
}

func (p *servePlan) plan(f *serveFlags, settings settings, id, port int) error {
	cfg := config.NewBroker(kafka.BrokerID(id), f.advertised, int32(port), "")
	if !p.single {
		cfg.OffsetsTopicReplication = int16(min(3, f.brokers))
	} else if p.zooKeeper == "" {
		cfg.OffsetsTopicReplication = 1
	}
	// As in the server.properties that Apache Kafka comes with: a first member need not wait.
	cfg.GroupInitialRebalanceDelay = 0
	if err := settings.apply(&cfg); err != nil {
		return err
	}
	listeners, err := settings.listeners(f, port)
	if err != nil {
		return err
	}
	if cfg.InterBrokerListener, err = settings.interBroker(listeners); err != nil {
		return err
	}
	p.brokers = append(p.brokers, plannedBroker{cfg, listeners})
	return nil
}

// checkZooKeeper looks at a zookeeper.connect.
func checkZooKeeper(connect string) error {
	if connect == "" {
		return nil
	}
	if strings.Contains(connect, "/") {
		return inputError("ZooKeeper %s: a path behind the address (chroot) is not there yet", connect)
	}
	for addr := range strings.SplitSeq(connect, ",") {
		if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
			return inputError("ZooKeeper %q: want host:port, as in localhost:2181", addr)
		}
	}
	return nil
}

// cluster is the plan as the host takes it. The data directory must be known by now.
func (p *servePlan) cluster() host.ClusterConfig {
	cfg := host.ClusterConfig{
		ZooKeeper: p.zooKeeper, ZooKeeperListen: p.zkListen,
		ZooKeeperDir: filepath.Join(p.data, "zookeeper"),
	}
	for _, b := range p.brokers {
		dir := filepath.Join(p.data, fmt.Sprintf("broker-%d", b.config.ID))
		if p.single && p.zooKeeper != "" {
			dir = p.data // as in Kafka, where it is log.dirs
		}
		cfg.Brokers = append(cfg.Brokers, host.BrokerConfig{
			Broker: b.config, Listeners: b.listeners, Dir: dir,
		})
	}
	return cfg
}

// waitsFor says why the start takes long.
func (p *servePlan) waitsFor() string {
	if p.zooKeeper == "" {
		return "still starting: recovering what is in " + p.data
	}
	return fmt.Sprintf("still waiting: for ZooKeeper at %s, or for an earlier session of this broker"+
		" to end there (zookeeper.session.timeout.ms)", p.zooKeeper)
}
