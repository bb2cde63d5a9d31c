package broker

import (
	"strconv"

	"sandcastle/broker/controller"
	"sandcastle/broker/group"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// Broker is one Kafka broker. It is a model.Process.
type Broker struct {
	cfg  Config
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
	controllerEpoch model.Epoch // of the newest controller heard of
	topics          topicConfigs
	dynamic         dynamicConfig
	changes         configChanges

	session    *zookeeper.Session
	registered registration
	controller *controller.Controller
	isrStore   isrStore

	partitions map[model.TopicPartition]*Partition
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
func New(boot model.Boot, cfg Config) *Broker {
	b := &Broker{
		cfg: cfg, dynamic: dynamicConfig{static: cfg}, changes: configChanges{last: -1},
		dir: &logDir{disk: boot.Disk}, rand: boot.Rand, apis: apisByKey(),
		conns: map[model.ConnID]*connection{}, partitions: map[model.TopicPartition]*Partition{},
		metadata:        newMetadataCache(cfg.interBroker()),
		controllerEpoch: model.NoEpoch, topics: newTopicConfigs(cfg.Topic),
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
	b.isrStore = b.newISRStore()
	b.controller = b.newController()
	b.groups = b.newGroups()
	b.flushes.done = map[uint64]func(model.Time, *model.Effects){}
	b.checkpoints = loadCheckpoints(b.dir)
	b.cleaner.reached = loadCheckpoint(b.dir, log.CleanerOffsetCheckpoint)
	b.cleaner.uncleanable = map[model.TopicPartition]bool{}
	b.shutdown.clean = b.takeMarker()
	return b
}

func (b *Broker) newLinks(timerKind uint32) *wire.Links {
	return wire.NewLinks(wire.LinksConfig{
		ClientID: "broker-" + strconv.Itoa(int(b.cfg.ID)), TimerKind: timerKind, NextConn: b.dialIDs,
	})
}

// Step implements model.Process.
func (b *Broker) Step(now model.Time, in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Started:
		b.onStarted(now, out)
	case in.Kind == model.TimerFired:
		b.onTimer(now, in, out)
	case in.Kind == model.Flushed:
		b.onFlushed(now, in, out)
	case in.Kind == model.Commanded:
		b.onCommand(now, in.Command, out)
	case b.fetchLinks.HandleEvent(now, in, out):
	case b.controlLinks.HandleEvent(now, in, out):
	case b.forwardLinks.HandleEvent(now, in, out):
	case b.isrLinks.HandleEvent(now, in, out):
	case b.session.Owns(in.Conn):
		b.onSessionEvent(now, in, out)
	case in.Kind == model.ConnOpened:
		b.onAccepted(in)
	case in.Kind == model.ConnClosed:
		b.onConnClosed(in)
	case in.Kind == model.FrameReceived:
		b.onFrame(now, in, out)
	}
	b.haltIfFailed(out)
}

// onStarted recovers nothing yet: a replica's log is opened when the controller says that the
// broker holds it. Kafka opens every log at start; what the two leave on disk is the same.
func (b *Broker) onStarted(now model.Time, out *model.Effects) {
	b.session.Start(now, out)
	out.SetTimer(model.Timer{Kind: timerCheckpoint}, now.Add(b.cfg.HighWatermarkCheckpoint))
	out.SetTimer(model.Timer{Kind: timerISR}, now.Add(b.cfg.ReplicaLagTimeMax/2))
	b.startLogTasks(now, out)
	b.startCleaner(now, out)
	if b.shutdown.clean {
		// Kafka leaves it to the file system when the marker's removal is durable. A marker that a
		// power loss brings back would vouch for logs that the same loss has cut.
		b.flush(out, "", nothing)
	}
}

func (b *Broker) onCommand(now model.Time, command model.Command, out *model.Effects) {
	if command, ok := command.(Shutdown); ok {
		b.shutDown(now, command, out)
		return
	}
	if !b.controller.OnCommand(now, out, command) {
		panic("broker: unknown command " + command.String())
	}
}

func (b *Broker) onTimer(now model.Time, in model.Event, out *model.Effects) {
	if b.shutdown.phase == stopping && in.Timer.Kind != timerSession {
		return
	}
	switch in.Timer.Kind {
	case timerFetchLinks:
		b.fetchLinks.HandleEvent(now, in, out)
	case timerControlLinks:
		b.controlLinks.HandleEvent(now, in, out)
	case timerForwardLinks:
		b.forwardLinks.HandleEvent(now, in, out)
	case timerISRLinks:
		b.isrLinks.HandleEvent(now, in, out)
	case timerSession:
		b.session.OnTimer(now, in.Timer, out)
	case timerController:
		b.controller.OnTimer(now, out, in.Timer)
	case timerGroups:
		b.groups.OnTimer(now, out, in.Timer)
	case timerDelayed:
		b.deadlines.onTimer(now, out)
	case timerISR:
		b.onISRTimer(now, out)
	case timerISRStore:
		b.isrStore.onTimer(now, out)
	case timerCheckpoint:
		b.onCheckpointTimer(now, out)
	case timerShutdown:
		b.askToMove(now, out)
	case timerCleaner:
		b.onCleanerTimer(now, out)
	case timerLogTask:
		b.onLogTaskTimer(now, out, in.Timer.ID)
	case timerRegister:
		b.onRegisterTimer(now, out)
	case timerFetcher:
		b.onFetcherTimer(now, out, model.BrokerID(in.Timer.ID))
	default:
		panic("broker: unknown timer " + in.String())
	}
}
