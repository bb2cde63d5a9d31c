package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// ClusterConfig says what of a cluster runs in this program.
type ClusterConfig struct {
	Brokers []BrokerConfig
	// ZooKeeper is where a ZooKeeper runs elsewhere: "host:port", several apart by commas. If it is ""
	// the program runs one.
	ZooKeeper string
	// ZooKeeperListen is where its own ZooKeeper listens, ZooKeeperDir where it keeps its data.
	ZooKeeperListen, ZooKeeperDir string
	Log                           *slog.Logger
}

// BrokerConfig is one broker. What Broker says of addresses and of the cluster's id is filled in.
type BrokerConfig struct {
	Broker    config.Broker
	Listeners []ListenAt
	Dir       string
}

// ListenAt is one listener of a broker.
type ListenAt struct {
	Name string // "" is PLAINTEXT
	// Bind is "host:port" to listen on; the port may be 0 for a free one.
	Bind string
	// Host and Port are what clients are sent to; with port 0 the one that was bound.
	Host string
	Port int32
}

// Cluster is brokers, a ZooKeeper, or both, in one program.
type Cluster struct {
	cfg       ClusterConfig
	zooKeeper *Node // nil if it runs elsewhere
	brokers   []*Node
	addrs     []string // of the brokers' first listeners, for clients
	listeners [][]string
	dirs      []*Dir
	allowed   Descriptors
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
	c.allowed = planDescriptors(len(c.cfg.Brokers))
	addr := c.cfg.ZooKeeper
	if addr == "" {
		if err := c.startZooKeeper(); err != nil {
			return err
		}
		addr = c.ZooKeeperAddr()
	}
	for i := range c.cfg.Brokers {
		if err := c.startBroker(&c.cfg.Brokers[i], addr); err != nil {
			return fmt.Errorf("broker %d: %w", c.cfg.Brokers[i].Broker.ID, err)
		}
	}
	return nil
}

func (c *Cluster) startZooKeeper() error {
	sockets, err := listenOn(c.cfg.ZooKeeperListen)
	if err != nil {
		return fmt.Errorf("ZooKeeper: %w", err)
	}
	var listeners []Listener
	for _, l := range sockets {
		listeners = append(listeners, Listener{Listener: l})
	}
	dir, err := c.open(c.cfg.ZooKeeperDir)
	if err != nil {
		for _, l := range listeners {
			l.Close()
		}
		return fmt.Errorf("ZooKeeper: %w", err)
	}
	// With brokers of its own it is theirs: they all died with its last incarnation.
	cfg := zookeeper.ServerConfig{EndSessions: len(c.cfg.Brokers) > 0}
	c.zooKeeper = Start(Config{
		Name: "zookeeper-1", Listeners: listeners, Disk: dir, Log: c.cfg.Log,
		MaxDescriptors: c.allowed.Limit,
		Make:           func(boot model.Boot) model.Process { return zookeeper.NewServer(boot, cfg) },
	})
	return nil
}

func (c *Cluster) startBroker(b *BrokerConfig, zooKeeper string) error {
	listeners, endpoints, err := listen(b.Listeners)
	if err != nil {
		return err
	}
	dir, err := c.open(b.Dir)
	if err != nil {
		closeAll(listeners)
		return err
	}
	cfg := b.Broker
	cfg.ZooKeeper, cfg.ClusterID, cfg.Endpoints = zooKeeper, "", endpoints
	cfg.AwaitMetadata = true
	cfg.Host, cfg.Port, cfg.LogDir = endpoints[0].Host, endpoints[0].Port, dir.root
	c.addrs = append(c.addrs, endpoints[0].Addr())
	c.listeners = append(c.listeners, listenerTexts(endpoints))
	c.brokers = append(c.brokers, Start(Config{
		Name:      model.NodeID(fmt.Sprintf("broker-%d", cfg.ID)),
		Listeners: listeners, Disk: dir, Log: c.cfg.Log,
		MaxFrame: int(cfg.SocketRequestMax), MaxConnections: int(cfg.MaxConnections),
		MaxDescriptors: c.allowed.Limit,
		MaxPerHost:     int(cfg.MaxConnectionsPerIP), MaxIdle: cfg.ConnectionsMaxIdle,
		Make: func(boot model.Boot) model.Process { return broker.New(boot, cfg) },
	}))
	return nil
}

func listenerTexts(endpoints []znode.Endpoint) []string {
	if len(endpoints) == 1 {
		return []string{endpoints[0].Addr()}
	}
	var list []string
	for _, e := range endpoints {
		list = append(list, fmt.Sprintf("%s (%s)", e.Addr(), e.Listener))
	}
	return list
}

// listen finds out whether what is to listen can, all of it. A port that was to be a free one is
// kept from then on; others are bound again when the broker accepts connections.
func listen(list []ListenAt) (listeners []Listener, endpoints []znode.Endpoint, err error) {
	for _, at := range list {
		sockets, err := listenOn(at.Bind)
		if err != nil {
			closeAll(listeners)
			return nil, nil, err
		}
		name := at.Name
		if name == "" {
			name = config.PlaintextListener
		}
		if at.Port == 0 {
			at.Port = int32(port(sockets[0]))
		}
		_, wanted, _ := net.SplitHostPort(at.Bind)
		for _, l := range sockets {
			bind := at.Bind
			if wanted != "0" {
				bind = l.Addr().String() // one of the addresses of localhost
			}
			listeners = append(listeners, Listener{l, bind, name})
		}
		endpoints = append(endpoints, znode.Endpoint{
			Listener: name, Protocol: "PLAINTEXT", Host: at.Host, Port: at.Port,
		})
	}
	for i := range listeners {
		if _, p, _ := net.SplitHostPort(listeners[i].Bind); p != "0" && p != "" {
			listeners[i].Close()
			listeners[i].Listener = nil
		}
	}
	return listeners, endpoints, nil
}

func closeAll(listeners []Listener) {
	for _, l := range listeners {
		if l.Listener != nil {
			l.Close()
		}
	}
}

func (c *Cluster) open(path string) (*Dir, error) {
	dir, err := OpenDir(path)
	if err != nil {
		return nil, err
	}
	if names, err := dir.List(""); err == nil {
		c.allowed.OnDisk += len(names)
	}
	dir.handles.limit = max(c.allowed.Files/(len(c.cfg.Brokers)+1), leastFiles)
	if c.cfg.Log != nil {
		dir.handles.short = tellShort(c.cfg.Log, path)
	}
	c.dirs = append(c.dirs, dir)
	return dir, nil
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// Addrs are the brokers' addresses as clients of their first listeners see them, in the order
// of the configuration.
func (c *Cluster) Addrs() []string { return c.addrs }

// Descriptors are what the program may open, and what it needs.
func (c *Cluster) Descriptors() Descriptors { return c.allowed }

// Listeners are the addresses of each broker, with the names of the listeners where there are
// several.
func (c *Cluster) Listeners() [][]string { return c.listeners }

// ZooKeeperAddr is where the cluster's own ZooKeeper can be reached on this machine, "" if it has
// none.
func (c *Cluster) ZooKeeperAddr() string {
	if c.zooKeeper == nil {
		return ""
	}
	at := c.zooKeeper.cfg.Listeners[0].Addr().(*net.TCPAddr)
	if at.IP.IsUnspecified() {
		return model.JoinAddress("127.0.0.1", int32(at.Port)) // needs no name service
	}
	return at.String()
}

// Ready waits until every broker serves, and one of them is the controller if there are no others.
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
				return &EndedError{Node: n.cfg.Name, Why: n.Halted()}
			}
		}
		if c.zooKeeper != nil && !c.zooKeeper.Look(func(model.Process) {}) {
			return &EndedError{Node: c.zooKeeper.cfg.Name, Why: c.zooKeeper.Halted()}
		}
		alone := c.zooKeeper != nil && len(c.brokers) > 0
		if serving == len(c.brokers) && (controllers == 1 || !alone) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the cluster did not become ready: " + ctx.Err().Error())
		case <-time.After(look):
		}
	}
}

// Meters is how each broker stands, in the order of the configuration; nil for one that has ended.
func (c *Cluster) Meters() []*broker.Meters {
	list := make([]*broker.Meters, len(c.brokers))
	for i, n := range c.brokers {
		n.Look(func(p model.Process) {
			m := p.(*broker.Broker).Meters()
			list[i] = &m
		})
	}
	return list
}

// EndedError says that a process has ended itself, and why.
type EndedError struct {
	Node model.NodeID
	Why  string
}

// Error implements error.
func (e *EndedError) Error() string { return fmt.Sprintf("%s has ended: %s", e.Node, e.Why) }

// Ended waits until a process has ended itself and says why, or until ctx is done: then it is nil.
func (c *Cluster) Ended(ctx context.Context) error {
	ended := make(chan *Node, len(c.brokers)+1)
	nodes := c.brokers
	if c.zooKeeper != nil {
		nodes = append(slices.Clone(nodes), c.zooKeeper)
	}
	for _, n := range nodes {
		go func() {
			select {
			case <-n.Done():
				ended <- n
			case <-ctx.Done():
			}
		}()
	}
	select {
	case n := <-ended:
		return &EndedError{Node: n.cfg.Name, Why: n.Halted()}
	case <-ctx.Done():
		return nil
	}
}

// CreateTopics creates what is not there yet.
func (c *Cluster) CreateTopics(ctx context.Context, topics []client.CreateTopic) error {
	if len(topics) == 0 {
		return nil
	}
	alive := 0
	for _, n := range c.brokers {
		select {
		case <-n.Done():
		default:
			alive++
		}
	}
	admin := Start(Config{
		Name: "admin", Log: c.cfg.Log,
		Make: func(boot model.Boot) model.Process {
			return client.NewAdmin(boot, client.AdminConfig{Bootstrap: c.addrs, MinBrokers: alive})
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

// Shutdown ends the cluster in good order: the brokers flush their logs, and before that move their
// leaders away if there may be others to take them; then ZooKeeper ends.
// When ctx is done it kills what still runs.
func (c *Cluster) Shutdown(ctx context.Context) (inOrder bool) {
	for _, n := range c.brokers {
		n.Command(broker.Shutdown{Whole: c.zooKeeper != nil})
	}
	for _, n := range c.brokers {
		select {
		case <-n.Done():
		case <-ctx.Done():
		}
	}
	inOrder = ctx.Err() == nil
	c.kill()
	return inOrder
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
