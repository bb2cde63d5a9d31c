package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// ClusterConfig says what a Cluster consists of.
type ClusterConfig struct {
	// Brokers is how many brokers to start, with ids from 1 on.
	Brokers int
	// Bind is the address to listen on, "" for all; Port is the first broker's, the next one has the
	// next. With port 0 each takes a free one.
	Bind string
	Port int
	// ZooKeeperPort is where the cluster's own ZooKeeper listens, 0 for a free port; ZooKeeper is
	// the "host:port" of one that runs elsewhere and replaces it.
	ZooKeeperPort int
	ZooKeeper     string
	// Advertised is the host that clients are told.
	Advertised string
	// Data is the directory under which each server has its own.
	Data string
	// Configure sets what a broker's configuration shall be.
	Configure func(*broker.Config) error
	Log       *slog.Logger
}

// Cluster is brokers and a ZooKeeper in one program.
type Cluster struct {
	cfg       ClusterConfig
	zooKeeper *Node // nil if it runs elsewhere
	brokers   []*Node
	addrs     []string // of the brokers, for clients
	dirs      []*Dir
}

// StartCluster starts ZooKeeper and the brokers. On an error nothing is left running.
func StartCluster(cfg ClusterConfig) (*Cluster, error) {
	c := &Cluster{cfg: cfg}
	if err := c.start(); err != nil {
		c.kill()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start() error {
	addr := c.cfg.ZooKeeper
	if addr == "" {
		var err error
		if addr, err = c.startZooKeeper(); err != nil {
			return err
		}
	}
	for id := 1; id <= c.cfg.Brokers; id++ {
		if err := c.startBroker(id, addr); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) startZooKeeper() (addr string, err error) {
	l, err := listen(c.cfg.Bind, c.cfg.ZooKeeperPort)
	if err != nil {
		return "", fmt.Errorf("ZooKeeper: %w", err)
	}
	dir, err := c.open("zookeeper")
	if err != nil {
		l.Close()
		return "", err
	}
	c.zooKeeper = Start(Config{
		Name: "zookeeper-1", Listener: l, Disk: dir, Log: c.cfg.Log,
		Make: func(boot model.Boot) model.Process {
			return zookeeper.NewServer(boot, zookeeper.ServerConfig{})
		},
	})
	return net.JoinHostPort("localhost", strconv.Itoa(port(l))), nil
}

func (c *Cluster) startBroker(id int, zooKeeper string) error {
	at := c.cfg.Port
	if at != 0 {
		at += id - 1
	}
	l, err := listen(c.cfg.Bind, at)
	if err != nil {
		return fmt.Errorf("broker %d: %w", id, err)
	}
	cfg := broker.NewConfig(model.BrokerID(id), c.cfg.Advertised, int32(port(l)), zooKeeper)
	cfg.OffsetsTopicReplication = int16(min(3, c.cfg.Brokers))
	dir, err := c.configure(&cfg, id)
	if err != nil {
		l.Close()
		return err
	}
	c.addrs = append(c.addrs, net.JoinHostPort(c.cfg.Advertised, strconv.Itoa(port(l))))
	c.brokers = append(c.brokers, Start(Config{
		Name: model.NodeID(fmt.Sprintf("broker-%d", id)), Listener: l, Disk: dir, Log: c.cfg.Log,
		Make: func(boot model.Boot) model.Process { return broker.New(boot, cfg) },
	}))
	return nil
}

func (c *Cluster) configure(cfg *broker.Config, id int) (*Dir, error) {
	if c.cfg.Configure != nil {
		if err := c.cfg.Configure(cfg); err != nil {
			return nil, err
		}
	}
	return c.open(fmt.Sprintf("broker-%d", id))
}

func (c *Cluster) open(name string) (*Dir, error) {
	dir, err := OpenDir(filepath.Join(c.cfg.Data, name))
	if err != nil {
		return nil, err
	}
	c.dirs = append(c.dirs, dir)
	return dir, nil
}

func listen(bind string, port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort(bind, strconv.Itoa(port)))
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// Addrs are the brokers' addresses as clients are told them, by id.
func (c *Cluster) Addrs() []string { return c.addrs }

// ZooKeeperAddr is where the cluster's own ZooKeeper listens, "" if it has none.
func (c *Cluster) ZooKeeperAddr() string {
	if c.zooKeeper == nil {
		return ""
	}
	return net.JoinHostPort("localhost", strconv.Itoa(port(c.zooKeeper.cfg.Listener)))
}

// Ready waits until every broker serves and one is the controller.
func (c *Cluster) Ready(ctx context.Context) error {
	const look = 5 * time.Millisecond
	for {
		serving, controllers := 0, 0
		for _, n := range c.brokers {
			alive := n.Look(func(p model.Process) {
				b := p.(*broker.Broker)
				if b.Serving() {
					serving++
				}
				if b.IsController() {
					controllers++
				}
			})
			if !alive {
				return fmt.Errorf("%s has ended: %s", n.cfg.Name, n.Halted())
			}
		}
		if serving == len(c.brokers) && (controllers == 1 || c.cfg.ZooKeeper != "") {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the cluster did not become ready: " + ctx.Err().Error())
		case <-time.After(look):
		}
	}
}

// CreateTopics creates what is not there yet.
func (c *Cluster) CreateTopics(ctx context.Context, topics []client.CreateTopic) error {
	admin := Start(Config{
		Name: "admin", Log: c.cfg.Log,
		Make: func(boot model.Boot) model.Process {
			return client.NewAdmin(boot, client.AdminConfig{Bootstrap: c.addrs, MinBrokers: len(c.addrs)})
		},
	})
	defer admin.Stop()
	for i := range topics {
		admin.Command(&topics[i])
	}
	for {
		var results []client.AdminResult
		admin.Look(func(p model.Process) {
			results = append(results, p.(*client.Admin).Results()...)
		})
		if len(results) == len(topics) {
			return refused(results)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func refused(results []client.AdminResult) error {
	for _, r := range results {
		if r.Code != wire.None && r.Code != wire.TopicAlreadyExists {
			return fmt.Errorf("%s: %s %s", r.Command, r.Code, r.Message)
		}
	}
	return nil
}

// Shutdown ends the cluster in good order: the brokers one after the other, which move their
// leaders away and flush their logs, then ZooKeeper. When ctx is done it kills what still runs.
func (c *Cluster) Shutdown(ctx context.Context) {
	for _, n := range c.brokers {
		n.Command(broker.Shutdown{})
	}
	for _, n := range c.brokers {
		select {
		case <-n.Done():
		case <-ctx.Done():
		}
	}
	c.kill()
}

// kill ends everything at once.
func (c *Cluster) kill() {
	for _, n := range c.brokers {
		n.Stop()
	}
	if c.zooKeeper != nil {
		c.zooKeeper.Stop()
	}
	for _, d := range c.dirs {
		d.Close()
	}
}
