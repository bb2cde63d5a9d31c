package broker

import (
	"strconv"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/controller"
	"sandcastle/broker/group"
	"sandcastle/broker/replica"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Broker is one Kafka broker. It is a model.Process.
type Broker struct {
	cfg  *config.Broker // as it is now
	dir  *replica.LogDir
	rand *model.Rand
	apis []api

	conns map[model.ConnID]*connection
	// unanswered are the connections of which this step has ended a request without an answer.
	unanswered []model.ConnID
	dialIDs    func() model.ConnID
	// Connections to other brokers, apart because a broker works on one request of a connection at a
	// time: the controller must not wait behind a long poll.
	fetchLinks   *wire.Links // of the fetchers
	controlLinks *wire.Links // of the controller, when this broker is it
	forwardLinks *wire.Links // to the controller
	isrLinks     *wire.Links // to the controller, for changes of the ISR alone

	metadata metadataCache // what the controller said
	settings *config.Settings
	configs  configs

	session    *session
	registered registration
	fence      fence
	briefing   briefing
	shutdown   shutdown

	replicas    *replica.Set
	controller  *controller.Controller
	groups      *group.Coordinator
	producerIDs producerIDs
	creator     topicCreator
	requests    []int64 // how many came, by key
	answers     answers // that a scenario asked for
}

// New makes the broker that boot and cfg describe. It reads the disk that the last incarnation
// left.
func New(boot model.Boot, cfg config.Broker) *Broker {
	settings := config.NewSettings(cfg)
	b := &Broker{
		cfg: settings.Broker(), settings: settings, dir: replica.NewLogDir(boot.Disk),
		rand: boot.Rand, apis: apisByKey(), conns: map[model.ConnID]*connection{},
		metadata: newMetadataCache(cfg.InterBroker()), dialIDs: wire.DialIDs(),
		requests: make([]int64, kmsg.MaxKey+1),
	}
	b.fetchLinks = b.newLinks(timerFetchLinks)
	b.controlLinks = b.newLinks(timerControlLinks)
	b.forwardLinks = b.newLinks(timerForwardLinks)
	b.isrLinks = b.newLinks(timerISRLinks)
	b.session = b.newSession()
	b.registered = registration{
		cfg: b.cfg, settings: settings, session: b.session, dir: b.dir, rand: b.rand, observer: b,
	}
	b.fence = fence{registered: &b.registered, controllerEpoch: kafka.NoEpoch}
	b.briefing = briefing{done: !cfg.AwaitMetadata, session: b.session, then: b.resumeAll}
	b.configs = configs{
		settings: settings, session: b.session, metadata: &b.metadata, observer: b, last: -1,
	}
	b.producerIDs = producerIDs{broker: cfg.ID, session: b.session, next: 0, last: -1}
	b.creator = topicCreator{
		cfg: b.cfg, links: b.forwardLinks, metadata: &b.metadata, asked: map[string]bool{},
	}
	b.controller = b.newController()
	b.groups = b.newGroups()
	b.replicas = b.newReplicas()
	return b
}

func (b *Broker) newLinks(timerKind uint32) *wire.Links {
	return wire.NewLinks(wire.LinksConfig{
		ClientID: "broker-" + strconv.Itoa(int(b.cfg.ID)), TimerKind: timerKind, NextConn: b.dialIDs,
	})
}

// Step implements model.Process.
func (b *Broker) Step(in model.Event, out *model.Effects) {
	b.unanswered = b.unanswered[:0]
	switch {
	case in.Kind == model.Started:
		b.onStarted(out)
	case in.Kind == model.TimerFired:
		b.onTimer(in, out)
	case in.Kind == model.Flushed:
		b.dir.OnFlushed(in, out)
	case in.Kind == model.Commanded:
		b.onCommand(in.Command, out)
	case b.fetchLinks.HandleEvent(in, out):
	case b.controlLinks.HandleEvent(in, out):
	case b.forwardLinks.HandleEvent(in, out):
	case b.isrLinks.HandleEvent(in, out):
	case b.session.HandleEvent(in, out):
	case in.Kind == model.ConnOpened:
		b.onAccepted(in)
	case in.Kind == model.ConnClosed:
		b.onConnClosed(in)
	case in.Kind == model.FrameReceived:
		b.onFrame(in, out)
	}
	b.dir.HaltIfFailed(out)
}

// onStarted recovers nothing yet: a replica's log is opened when the controller says that the
// broker holds it. Kafka opens every log at start; what the two leave on disk is the same.
func (b *Broker) onStarted(out *model.Effects) {
	b.session.Start(out)
	b.replicas.Start(out)
}

func (b *Broker) onCommand(command model.Command, out *model.Effects) {
	switch command := command.(type) {
	case Shutdown:
		b.shutDown(command, out)
		return
	case Answer:
		b.answers = append(b.answers, command)
		return
	}
	if !b.controller.OnCommand(out, command) {
		panic("broker: unknown command " + command.String())
	}
}

func (b *Broker) onTimer(in model.Event, out *model.Effects) {
	if b.shutdown.phase == stopping && in.Timer.Kind != timerSession {
		return
	}
	switch in.Timer.Kind {
	case timerFetchLinks:
		b.fetchLinks.HandleEvent(in, out)
	case timerControlLinks:
		b.controlLinks.HandleEvent(in, out)
	case timerForwardLinks:
		b.forwardLinks.HandleEvent(in, out)
	case timerISRLinks:
		b.isrLinks.HandleEvent(in, out)
	case timerSession:
		b.session.OnTimer(in.Timer, out)
	case timerController:
		b.controller.OnTimer(out, in.Timer)
	case timerGroups:
		b.groups.OnTimer(out, in.Timer)
	case timerShutdown:
		b.askToMove(out)
	case timerRegister:
		b.registered.onTimer(out)
	default:
		if !b.replicas.OnTimer(out, in.Timer) {
			panic("broker: unknown timer " + in.String())
		}
	}
}

func (b *Broker) newController() *controller.Controller {
	rebalance := b.cfg.LeaderImbalanceCheck
	if !b.cfg.AutoLeaderRebalance {
		rebalance = 0
	}
	return controller.New(controller.Config{
		Self: b.cfg.ID, Listener: b.cfg.InterBroker(),
		Session: b.session.Session, Links: b.controlLinks, Rand: b.rand,
		TimerKind: timerController, DefaultReplication: b.cfg.DefaultReplication,
		NumPartitions: b.cfg.NumPartitions, UncleanLeaderElection: b.cfg.Topic.UncleanLeaderElection,
		DeleteTopicDisabled: !b.cfg.DeleteTopicEnable,
		RebalanceInterval:   rebalance,
		RebalancePercentage: int64(b.cfg.LeaderImbalancePercentage),
		RequestTimeout:      b.cfg.ControllerSocketTimeout,
		ValidateConfig:      b.settings.ValidateTopic, DescribeConfig: b.settings.DescribeNewTopic,
	})
}

func (b *Broker) newReplicas() *replica.Set {
	return replica.New(replica.Environment{
		Settings: b.settings, Dir: b.dir, Rand: b.rand, Links: b.fetchLinks, ISRLinks: b.isrLinks,
		Cluster: &b.metadata, Peers: &b.metadata, Membership: &b.fence, Topics: &b.configs,
		ZooKeeper: b.session, Reconnects: b.session, Roles: offsetsTopic{b},
		Timers: replica.Timers{
			Deadline: timerDeadline, ISR: timerISR, ISRStore: timerISRStore, Checkpoint: timerCheckpoint,
			Fetcher: timerFetcher, Produce: timerProduce, LogTask: timerLogTask, Cleaner: timerCleaner,
		},
	})
}

// onBrokerConfig implements configObserver.
func (b *Broker) onBrokerConfig(out *model.Effects) {
	b.controller.SetUncleanLeaderElection(out, b.cfg.Topic.UncleanLeaderElection)
	b.replicas.Configure()
}

// onTopicConfig implements configObserver (TopicConfigHandler, 3.9).
func (b *Broker) onTopicConfig(out *model.Effects, cfg config.Topic) {
	if cfg.UncleanLeaderElection {
		b.controller.OnUncleanAllowed(out)
	}
	b.replicas.Configure()
}
