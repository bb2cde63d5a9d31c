package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/config"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

const (
	zooKeeperNode model.NodeID = "zookeeper-1"
	adminNode     model.NodeID = "admin-1"
	brokerPort                 = 9092
	zooKeeperAddr              = "zookeeper-1:2181"
)

// build makes every node and starts ZooKeeper, the brokers and the admin client, which creates the
// topics. Clients start later.
func (p *player) build() error {
	hardware, ok := sim.Profile(p.s.Cluster.Hardware)
	if !ok {
		panic("scenarios: hardware " + p.s.Cluster.Hardware + " passed Parse")
	}
	p.hardware = hardware
	p.add(zooKeeperNode, true, true, func(boot model.Boot) model.Process {
		return zookeeper.NewServer(boot, zookeeper.ServerConfig{})
	})
	for i := range p.s.Cluster.Brokers {
		id := model.NodeID(fmt.Sprintf("broker-%d", i+1))
		cfg, err := p.brokerConfig(i+1, id)
		if err != nil {
			return err
		}
		p.cluster.Brokers = append(p.cluster.Brokers, id)
		p.add(id, true, true, func(boot model.Boot) model.Process { return broker.New(boot, cfg) })
	}
	p.add(adminNode, false, false, func(boot model.Boot) model.Process {
		return client.NewAdmin(boot, client.AdminConfig{
			Bootstrap: p.bootstrap(), MinBrokers: p.s.Cluster.Brokers,
		})
	})
	p.world.Start(zooKeeperNode)
	p.startBrokers()
	p.world.Start(adminNode)
	for i := range p.s.Topics {
		if p.s.Topics[i].Create {
			p.world.Command(adminNode, p.s.Topics[i].command())
		}
	}
	p.buildClients()
	return nil
}

// startBrokers starts them all, the one that is to be controller a second before the others.
func (p *player) startBrokers() {
	first := p.s.Cluster.Controller
	for i, id := range p.cluster.Brokers {
		if first == 0 || i+1 == first {
			p.world.Start(id)
			continue
		}
		p.world.At(p.world.Now().Add(headStart), func() { p.world.Start(id) })
	}
}

// headStart is how long before the others a broker starts that is to be the first controller.
const headStart = time.Second

func (p *player) add(id model.NodeID, listens, disk bool, make func(model.Boot) model.Process) {
	p.world.AddNode(sim.NodeConfig{
		ID: id, Hardware: p.hardware, Listens: listens, HasDisk: disk, Make: make,
	})
}

// brokerConfig is Kafka's defaults with what the scenario sets. Small clusters get as many replicas
// of __consumer_offsets as they have brokers, as container images do, since 3 could never be
// created.
func (p *player) brokerConfig(id int, node model.NodeID) (config.Broker, error) {
	cfg := config.NewBroker(kafka.BrokerID(id), string(node), brokerPort, zooKeeperAddr)
	cfg.MustSet("offsets.topic.replication.factor", strconv.Itoa(min(3, p.s.Cluster.Brokers)))
	cfg.Variants = p.s.Cluster.Variants
	if id <= len(p.s.Cluster.Racks) {
		if err := cfg.Set("broker.rack", p.s.Cluster.Racks[id-1]); err != nil {
			return cfg, err
		}
	}
	for _, s := range p.s.Cluster.Config {
		if err := cfg.Set(s.Name, s.Value); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

func (p *player) bootstrap() []string {
	addrs := make([]string, p.s.Cluster.Brokers)
	for i := range addrs {
		addrs[i] = model.JoinAddress(fmt.Sprintf("broker-%d", i+1), brokerPort)
	}
	return addrs
}

// command asks the admin client for the topic.
func (t *Topic) command() model.Command {
	c := &client.CreateTopic{
		Name:       t.Name,
		Partitions: int32(t.Partitions),
		Replicas:   int16(t.Replicas),
	}
	for _, replicas := range t.Assignment {
		ids := make([]int32, len(replicas))
		for i, id := range replicas {
			ids[i] = int32(id)
		}
		c.Assignment = append(c.Assignment, ids)
	}
	c.Config = clientSettings(t.Config)
	return c
}

// setUpAgain is how long the set-up waits before it asks again for a topic.
const setUpAgain = time.Second

// onAdminCompleted asks again for a topic that faults during the set-up kept from being created:
// too few brokers were alive, or nobody answered in time. Partitions that were refused are not
// waited for.
func (p *player) onAdminCompleted() {
	p.world.At(p.world.Now().Add(setUpAgain), func() {
		results := p.world.Process(adminNode).(*client.Admin).Results()
		for _, r := range results[p.created:] {
			p.created++
			switch c := r.Command.(type) {
			case *client.CreateTopic:
				if slices.Contains(tooFewBrokers(), r.Code) || r.Code == wire.RequestTimedOut {
					p.world.Command(adminNode, r.Command)
				}
			case *client.CreatePartitions:
				if r.Code != wire.None && r.Code != wire.RequestTimedOut {
					p.topics.Refuse(c.Name, int(c.Count))
				}
			}
		}
	})
}

// tooFewBrokers are the errors by which a topic is refused whose replicas would have no broker now.
func tooFewBrokers() []wire.Code {
	return []wire.Code{wire.InvalidReplicationFactor, wire.InvalidReplicaAssignment}
}

// topicsReady tells whether every topic of the scenario has a leader on every partition that knows
// it. It is asked after every event: what had no leader the last time is looked at first.
func (p *player) topicsReady() bool {
	if p.unready.Topic != "" && len(p.cluster.Leaders(p.unready)) == 0 {
		return false
	}
	for i := range p.s.Topics {
		for n := range p.topics.Partitions(p.s.Topics[i].Name) {
			tp := kafka.TopicPartition{Topic: p.s.Topics[i].Name, Partition: int32(n)}
			if len(p.cluster.Leaders(tp)) == 0 {
				p.unready = tp
				return false
			}
		}
	}
	return true
}

// offsetsPartition is where the coordinator of a group keeps it.
func (p *player) offsetsPartition(groupID string) kafka.TopicPartition {
	cfg, err := p.brokerConfig(1, p.cluster.Brokers[0])
	if err != nil {
		panic(err) // build refused it already
	}
	return kafka.TopicPartition{
		Topic: kafka.OffsetsTopic, Partition: group.PartitionFor(groupID, cfg.OffsetsTopicPartitions),
	}
}
