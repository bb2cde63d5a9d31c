package broker

import (
	"strconv"

	"sandcastle/broker/config"
	"sandcastle/broker/controller"
	"sandcastle/broker/group"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Broker is one Kafka broker. It is a model.Process.
type Broker struct {
	cfg  *config.Broker // as it is now
	dir  *logDir
	rand *model.Rand
	apis []api

	conns     map[model.ConnID]*connection
	dialIDs   func() model.ConnID
	deadlines deadlines
	// Connections to other brokers, apart because a broker works on one request of a connection at a
	// time: the controller must not wait behind a long poll.
	fetchLinks   *wire.Links // of the fetchers
	controlLinks *wire.Links // of the controller, when this broker is it
	forwardLinks *wire.Links // to the controller
	isrLinks     *wire.Links // to the controller, for changes of the ISR alone

	// The metadata seam: what the controller said.
	metadata        metadataCache
	controllerEpoch kafka.Epoch // of the newest controller heard of
	settings        *config.Settings
	configs         configs

	session    *session
	registered registration
	controller *controller.Controller
	isrStore   isrStore

	partitions map[kafka.TopicPartition]*Partition
	ordered    []*Partition // the same, by topic and partition
	fetchers   []*fetcher   // by the leader's broker id, ascending
	sessions   fetchSessions
	// Of throttled replicas.
	leaderQuota, followerQuota replicationQuota
	checkpoints                checkpoints
	flushes                    flushes
	cleaner                    logCleaner
	shutdown                   shutdown
	halted                     bool

	groups      *group.Coordinator
	producerIDs producerIDs
	meters      meters
	creator     topicCreator // topics that this broker asked the controller to create
}

// New makes the broker that boot and cfg describe. It reads the disk that the last incarnation
// left.
func New(boot model.Boot, cfg config.Broker) *Broker {
	settings := config.NewSettings(cfg)
	b := &Broker{
		cfg: settings.Broker(), settings: settings,
		dir: &logDir{disk: boot.Disk}, rand: boot.Rand, apis: apisByKey(),
		conns: map[model.ConnID]*connection{}, partitions: map[kafka.TopicPartition]*Partition{},
		metadata:        newMetadataCache(cfg.InterBroker()),
		controllerEpoch: kafka.NoEpoch,
		sessions: fetchSessions{
			byID: map[int32]*fetchSession{},
		}, deadlines: deadlines{armed: model.Never}, creator: topicCreator{asked: map[string]bool{}},
		producerIDs: newProducerIDs(), meters: newMeters(),
	}
	b.dialIDs = wire.DialIDs()
	b.fetchLinks = b.newLinks(timerFetchLinks)
	b.controlLinks = b.newLinks(timerControlLinks)
	b.forwardLinks = b.newLinks(timerForwardLinks)
	b.isrLinks = b.newLinks(timerISRLinks)
	b.session = b.newSession()
	b.configs = configs{
		settings: settings, session: b.session, metadata: &b.metadata, follower: b, last: -1,
	}
	b.isrStore = b.newISRStore()
	b.controller = b.newController()
	b.groups = b.newGroups()
	b.flushes.done = map[uint64]func(*model.Effects){}
	b.checkpoints = loadCheckpoints(b.dir)
	b.cleaner.reached = loadCheckpoint(b.dir, log.CleanerOffsetCheckpoint)
	b.cleaner.uncleanable = map[kafka.TopicPartition]bool{}
	b.shutdown.clean = b.takeMarker()
	return b
}

func (b *Broker) newLinks(timerKind uint32) *wire.Links {
	return wire.NewLinks(wire.LinksConfig{
		ClientID: "broker-" + strconv.Itoa(int(b.cfg.ID)), TimerKind: timerKind, NextConn: b.dialIDs,
	})
}

// Step implements model.Process.
func (b *Broker) Step(in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Started:
		b.onStarted(out)
	case in.Kind == model.TimerFired:
		b.onTimer(in, out)
	case in.Kind == model.Flushed:
		b.onFlushed(in, out)
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
	b.haltIfFailed(out)
}

// onStarted recovers nothing yet: a replica's log is opened when the controller says that the
// broker holds it. Kafka opens every log at start; what the two leave on disk is the same.
func (b *Broker) onStarted(out *model.Effects) {
	b.session.Start(out)
	out.SetTimer(model.Timer{Kind: timerCheckpoint}, out.Now.Add(b.cfg.HighWatermarkCheckpoint))
	out.SetTimer(model.Timer{Kind: timerISR}, out.Now.Add(b.cfg.ReplicaLagTimeMax/2))
	b.startLogTasks(out)
	b.startCleaner(out)
	if b.shutdown.clean {
		// Kafka leaves it to the file system when the marker's removal is durable. A marker that a
		// power loss brings back would vouch for logs that the same loss has cut.
		b.flush(out, "", nothing)
	}
}

func (b *Broker) onCommand(command model.Command, out *model.Effects) {
	if command, ok := command.(Shutdown); ok {
		b.shutDown(command, out)
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
	case timerDelayed:
		b.deadlines.onTimer(out)
	case timerISR:
		b.onISRTimer(out)
	case timerISRStore:
		b.isrStore.onTimer(out)
	case timerCheckpoint:
		b.onCheckpointTimer(out)
	case timerShutdown:
		b.askToMove(out)
	case timerCleaner:
		b.onCleanerTimer(out)
	case timerLogTask:
		b.onLogTaskTimer(out, in.Timer.ID)
	case timerRegister:
		b.onRegisterTimer(out)
	case timerFetcher:
		b.onFetcherTimer(out, kafka.BrokerID(in.Timer.ID))
	default:
		panic("broker: unknown timer " + in.String())
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
		RequestTimeout:      b.cfg.ControllerSocketTimeout, ValidateConfig: config.ValidateTopic,
	})
}

// onBrokerConfig implements configFollower.
func (b *Broker) onBrokerConfig(out *model.Effects) {
	b.controller.SetUncleanLeaderElection(out, b.cfg.Topic.UncleanLeaderElection)
	b.configureReplicas()
}

// onTopicConfig implements configFollower (TopicConfigHandler, 3.9).
func (b *Broker) onTopicConfig(out *model.Effects, cfg config.Topic) {
	if cfg.UncleanLeaderElection {
		b.controller.OnUncleanAllowed(out)
	}
	b.configureReplicas()
}

// configureReplicas gives every replica what holds for its topic now. One whose topic is forgotten
// already is about to be deleted.
func (b *Broker) configureReplicas() {
	for _, p := range b.ordered {
		if b.settings.Loaded(p.tp.Topic) {
			p.configure(b.settings.Topic(p.tp.Topic))
		}
	}
}

// configure changes what holds for this replica, from now on.
func (p *Partition) configure(cfg config.Topic) {
	if p.cfg != cfg {
		p.cfg = cfg
		p.log.SetConfig(p.b.logConfig(cfg))
	}
}
