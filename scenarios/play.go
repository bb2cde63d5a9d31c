package scenarios

import (
	"fmt"
	"io"
	"time"

	"sandcastle/broker/zookeeper"
	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/cluster"
	"sandcastle/scenarios/history"
	"sandcastle/scenarios/measure"
	"sandcastle/sim"
)

// Options say how a run is played.
type Options struct {
	// Seed replaces the scenario's when HasSeed is set.
	Seed    uint64
	HasSeed bool
	// Program is how the reader calls the command line, for the commands that are shown; "" is
	// sandcastle.
	Program string
	// Trace receives trace.ndjson as it grows; nil keeps none.
	Trace io.Writer
	// Observe sees every note and fault of the trace, with EveryLine all its lines, in their order.
	// ObserveOp sees every line of the history.
	Observe   func(*kafka.TraceLine)
	EveryLine bool
	ObserveOp func(*kafka.Op)
	// Progress is told the virtual time now and then.
	Progress func(now, end model.Time)
	// MaxSteps is what Porcupine may take for a small partition; 0 is the checks' default.
	MaxSteps int
	// MaxEvents ends the run, which has not settled then; 200 million if 0.
	MaxEvents uint64
	// LookEvery is the virtual time between two looks inside the brokers; 5 s if 0.
	LookEvery time.Duration
	// BeforeCheck is told the name of each check that is about to run (checks.Names). When it panics,
	// that check has crashed.
	BeforeCheck func(check string)
	// Paranoid looks inside the brokers after every event that changed a replica.
	Paranoid bool

	// Canary has a run that is found sound falsified on copies, one thing after the other, to see
	// whether the checks notice; one that does not is the finding blind-check.
	Canary bool

	wordless bool // the trace does not say what frames mean
	unpacked int  // sim.Config.Unpacked
	// onFrame sees every frame of a traced run before it is described.
	onFrame func(l *kafka.TraceLine, frame []byte)
}

// describe returns what completes the lines of frames, nil for nothing.
func (o *Options) describe() func(l *model.TraceLine, frame []byte) {
	if o.wordless {
		return nil
	}
	describe := cluster.DescribeFrames()
	var full kafka.TraceLine
	return func(l *model.TraceLine, frame []byte) {
		full.Read(l)
		if o.onFrame != nil {
			o.onFrame(&full, frame)
		}
		describe(&full, frame)
		l.Empty, l.Note = full.Empty, &full.Note
	}
}

// Result is a finished run.
type Result struct {
	Run     kafka.Run
	History kafka.Operations
}

// player is a run in progress.
type player struct {
	s     *Scenario
	opts  Options
	world *sim.World
	rand  *model.Rand // of choices that the timeline leaves open

	seed     uint64
	hardware sim.Hardware

	cluster    *cluster.Cluster
	producers  []*workload
	consumers  []model.NodeID
	consumerOf []*Consumer // what consumers[i] is one of

	// line is what Options.Observe was shown last, if it wants every line; observed has the lines that
	// observe is at work on, of which there are observing.
	line      kafka.TraceLine
	observed  []*kafka.TraceLine
	observing int
	faults    int // lines of faults and their ends so far

	recorder  history.Recorder
	notes     measure.Notes
	load      measure.Load
	watcher   *checks.Watcher
	inspector *cluster.Inspector
	exchanges *cluster.GroupTap
	deletions *cluster.LogTap
	zooKeeper *zookeeper.FrameReader
	progress  *progressWatch
	marks     *checks.HighWatermarks
	deleted   []string // keys of which a tombstone was sent
	// forbidding are the firings of `forbid` so far.
	forbidding []*firing
	topics     *cluster.Topics
	loads      clientLoads

	unready  kafka.TopicPartition // one that had no leader when topicsReady was asked last
	created  int                  // how many results of the admin client were looked at
	waiting  []*pending
	filters  map[*Action]sim.FilterID
	watched  []Trigger // events that are asked about
	happened []bool    // by entry of watched
	fired    []kafka.Fired
	healing  bool // the faults are over
	settled  bool
	// joinWait is how long groups may take to come to rest where that is more than Settle.
	joinWait time.Duration
	unrest   []kafka.Finding // of what did not come to rest, though the run settled
}

// Play plays s to its end and judges it.
func Play(s *Scenario, opts Options) (*Result, error) {
	p, err := newPlayer(s, opts)
	if err != nil {
		return nil, err
	}
	p.play()
	p.world.End()
	if err := p.world.TraceError(); err != nil {
		return nil, fmt.Errorf("scenario %q: the trace cannot be written: %w", s.Name, err)
	}
	return p.judge(), nil
}

// newPlayer builds the world of s.
func newPlayer(s *Scenario, opts Options) (*player, error) {
	seed := s.Seed
	if opts.HasSeed {
		seed = opts.Seed
	}
	p := &player{
		s: s, opts: opts, seed: seed, rand: model.NewRand(seed, "timeline"), watcher: checks.NewWatcher(),
		marks: checks.NewHighWatermarks(), watched: s.watched(),
		filters: map[*Action]sim.FilterID{}, notes: measure.NewNotes(), topics: cluster.NewTopics(),
		loads: newClientLoads(),
	}
	for i := range s.Topics {
		t := &s.Topics[i]
		p.topics.Declare(t.Name, t.Partitions, !t.Create)
	}
	p.tellSettings()
	p.progress, p.joinWait = newProgressWatch(p), groupRest{p}.longestJoin()
	p.happened = make([]bool, len(p.watched))
	p.watcher.BeforeCheck = opts.BeforeCheck
	p.opts.Paranoid = p.opts.Paranoid || s.Paranoid
	if p.opts.LookEvery == 0 {
		p.opts.LookEvery = lookEvery
	}
	if p.opts.MaxEvents == 0 {
		p.opts.MaxEvents = maxEvents
	}
	p.recorder.Observe = opts.ObserveOp
	p.world = sim.New(sim.Config{
		Seed: seed, Trace: opts.Trace, Describe: opts.describe(), MaxEvents: p.opts.MaxEvents,
		Poison: p.opts.Paranoid, Unpacked: p.opts.unpacked, Audit: p.opts.Paranoid || s.Audit,
	})
	p.cluster = cluster.New(p.world, zooKeeperNode)
	p.cluster.LosesData = losesData(s)
	p.inspector = cluster.NewInspector(p.cluster, p.watcher)
	p.world.OnNote(p.observe)
	if opts.EveryLine {
		p.world.OnLine(func(line *model.TraceLine) {
			p.line.Read(line)
			opts.Observe(&p.line)
		})
	}
	p.world.OnOp(p.record)
	if err := p.watchGroups(); err != nil {
		return nil, fmt.Errorf("scenario %q: %w", s.Name, err)
	}
	if err := p.build(); err != nil {
		return nil, fmt.Errorf("scenario %q: %w", s.Name, err)
	}
	return p, nil
}

// watchGroups shows the watcher what coordinators and ZooKeeper are asked and answer.
func (p *player) watchGroups() error {
	cfg, err := p.brokerConfig(1, "broker-1")
	if err != nil {
		return err
	}
	settings := kafka.GroupSettings{OffsetsRetention: cfg.OffsetsRetention}
	for i := range p.s.Timeline {
		if a := &p.s.Timeline[i]; a.Verb == "seek" || a.Verb == "reset-offsets" {
			settings.Chosen = append(settings.Chosen,
				kafka.PartitionOffset{Key: a.Partition, Offset: a.Offset})
		}
	}
	p.watcher.GroupSettings(settings)
	p.exchanges = cluster.NewGroupTap(p.cluster, &cfg, p.watcher.ObserveExchange)
	p.deletions = cluster.NewLogTap(p.cluster, p.watcher.Logs())
	p.zooKeeper = zookeeper.NewFrameReader()
	p.world.OnFrame(func(f sim.Frame) {
		if f.Node != zooKeeperNode {
			p.exchanges.OnFrame(f)
			p.deletions.OnFrame(f)
		} else if x, ok := p.zooKeeper.Read(f.Conn, f.Sent, f.Data); ok {
			x.At = p.world.Now()
			p.watcher.ObserveZooKeeper(&x)
		}
	})
	return nil
}

// observe hands a note or a fault to everybody who follows the run. What they do about it may make
// further ones, which are observed before this one is done with.
func (p *player) observe(read *model.TraceLine) {
	if p.observing == len(p.observed) {
		p.observed = append(p.observed, &kafka.TraceLine{})
	}
	line := p.observed[p.observing]
	p.observing++
	defer func() { p.observing-- }()
	line.Read(read)
	if line.Fault != nil {
		p.faults++
	}
	p.watcher.Observe(line)
	p.marks.Observe(line)
	if line.Kind == model.Started.String() {
		p.inspector.ObserveStart()
		p.exchanges.OnStart(line.Node)
		p.deletions.OnStart(line.Node)
		if line.Node == zooKeeperNode {
			p.zooKeeper.Reset()
		}
		p.recorder.Crash(line.Node)
	}
	if line.Note.Kind == kafka.AdminCompleted {
		p.onAdminCompleted()
	}
	if kind := line.Note.Kind; kind == kafka.TopicCreated || kind == kafka.TopicDeleted {
		p.unready = kafka.TopicPartition{} // it may be gone
	}
	p.topics.Observe(line)
	if line.Note.Kind != kafka.NoNote {
		p.onNote(line)
		p.progress.observe(line)
		p.inspector.ObserveNote(line.Node, &line.Note)
		p.notes.Observe(line.Node, &line.Note)
	}
	if p.opts.Observe != nil && !p.opts.EveryLine {
		p.opts.Observe(line)
	}
}

// inspect shows the watcher everything.
func (p *player) inspect() { p.inspector.Inspect(p.consumers) }

// record takes a line of the history.
func (p *player) record(node model.NodeID, now model.Time, op model.Op) {
	line := op.(*kafka.Op)
	p.recorder.Record(node, now, line)
	p.watcher.ObserveOp(line)
}

// play runs the set-up, the workloads with the timeline, and the end.
func (p *player) play() {
	p.startTimeline()
	if p.opts.Paranoid {
		p.inspector.WatchEveryEvent()
	}
	p.repeat(p.opts.LookEvery, p.inspect)
	p.repeat(progressStep, p.progress.look)
	p.watchLoad()
	if p.opts.Progress != nil {
		p.repeat(progressEvery, func() { p.opts.Progress(p.world.Now(), model.Time(p.s.Duration)) })
	}
	end := model.Time(p.s.Duration)
	ready := p.world.RunUntil(p.topicsReady, end)
	if ready {
		p.startWorkloads()
	}
	p.world.Run(end)
	p.load.Traffic = p.world.Traffic()
	p.settle()
}

const (
	// lookEvery is the default of Options.LookEvery.
	lookEvery = 5 * time.Second
	// progressEvery is the virtual time between two reports of progress.
	progressEvery = 200 * time.Millisecond
)

// repeat does something every so often until the run has settled.
func (p *player) repeat(every time.Duration, do func()) {
	p.world.At(p.world.Now().Add(every), func() {
		do()
		if !p.settled {
			p.repeat(every, do)
		}
	})
}
