package digest

import (
	"cmp"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// Collector digests a run: first line to last, from files or live. The zero value is not ready
// for use.
type Collector struct {
	end      model.Time
	faults   faults
	moments  moments
	replicas replicas
	leaders  leaders
	owners   owners
	lags     lags
	rates    rates
	latency  latencies
	diagram  diagramRecorder
	// narration is what the lesson says of it all.
	narration narration
	// acts are what it says of its own doings.
	acts []LessonAct
	// faultLines counts the lines of faults and their ends.
	faultLines int
}

// NewCollector returns an empty digest.
func NewCollector() *Collector {
	return &Collector{
		faults:   newFaults(),
		moments:  newMoments(),
		replicas: newReplicas(),
		leaders:  newLeaders(),
		owners:   newOwners(),
		lags:     newLags(),
		rates:    newRates(),
		latency:  newLatencies(),
		diagram:  newDiagramRecorder(),
	}
}

// Observe takes in one line of the trace. It keeps no reference to the line itself.
func (c *Collector) Observe(l *kafka.TraceLine) {
	c.end = max(c.end, l.At)
	c.diagram.onLine(l)
	if l.Note.Kind == kafka.NoNote {
		c.observeWorld(l)
		return
	}
	say := ""
	if len(c.narration.waiting) > 0 || c.narration.deciding != nil {
		say = c.narration.onNote(l)
	}
	news := true
	switch n := &l.Note; n.Kind {
	case kafka.LogEnd, kafka.HighWatermark, kafka.OffsetCommitted, kafka.RecordsAcked:
		c.observeOffset(l, say)
		return
	case kafka.BecameLeader, kafka.BecameFollower, kafka.LogTruncated, kafka.LogRecovered:
		c.replicas.onLogEnd(l)
	case kafka.LogStart:
		c.replicas.onLogStart(l)
	case kafka.PartitionsAssigned:
		news = c.owners.onAssigned(l)
	case kafka.PartitionsRevoked:
		c.owners.onRevoked(l)
	case kafka.MemberLeft:
		c.owners.onMemberLeft(l)
	}
	if l.Note.Kind == kafka.LeaderElected && !kafka.InternalTopic(l.Note.Topic) {
		c.reportProgress(l.At)
	}
	c.faults.onNote(l)
	c.leaders.onNote(l)
	c.moments.onNote(l, news, say)
}

// observeOffset takes in the notes that come by the record.
func (c *Collector) observeOffset(l *kafka.TraceLine, say string) {
	switch l.Note.Kind {
	case kafka.LogEnd:
		c.replicas.onLogEnd(l)
	case kafka.HighWatermark:
		c.replicas.onHighWatermark(l)
	case kafka.OffsetCommitted:
		c.lags.onCommitted(l)
	}
	if say != "" {
		m := offsetMoment(l)
		m.Say, m.Weight = say, prose.Notable
		c.moments.add(m)
	}
}

// reportProgress says how far the partitions have come since it was last said, in few words where
// the trace has a line for every step.
func (c *Collector) reportProgress(at model.Time) {
	for _, m := range c.replicas.progress(at) {
		c.moments.add(m)
	}
}

// observeWorld takes in the lines that are no process's note. Most of them, frames and timers,
// are of no interest here.
func (c *Collector) observeWorld(l *kafka.TraceLine) {
	switch l.Kind {
	case model.TraceFault, model.TraceHeal:
		c.onFault(l)
	case "started":
		again, ends := c.faults.onStarted(l.At, l.Node)
		m := Moment{At: l.At, Where: string(l.Node), What: "starts again", Kind: l.Kind}
		if ends { // nothing in the timeline has said so
			m.Weight = prose.Headline
		}
		if again || ends {
			c.moments.add(m)
		}
	}
}

func (c *Collector) onFault(l *kafka.TraceLine) {
	if l.Fault != nil {
		c.faultLines++
	}
	f := faultOf(l)
	f.line = c.faultLines
	if f.linked() {
		c.onLinkFault(l, f)
		return
	}
	change := c.faults.onFault
	if l.Kind == model.TraceHeal {
		change = c.faults.onHeal
	}
	m := f.moment(l.At, l.Kind)
	c.faults.ended = 0
	again := f.single() && c.moments.repeats(m)
	if change(l.At, f) && !again {
		m.began = c.faults.ended
		c.reportProgress(l.At)
	} else if !again {
		m.Weight = prose.Detail
	}
	if f.kills() && l.Kind == model.TraceFault {
		c.replicas.onDeath(l.At, f.Node)
		c.leaders.onDeath(l.At, f.Node)
		c.owners.onDeath(l.At, f.Node)
	}
	if f.single() {
		c.moments.addMessage(m)
	} else {
		c.moments.add(m)
	}
}

// onLinkFault tells of all the links that one entry of the timeline changes in one moment.
func (c *Collector) onLinkFault(l *kafka.TraceLine, f fault) {
	c.faults.ended = 0
	if l.Kind == model.TraceFault {
		c.faults.onLink(l.At, f)
	} else if !c.faults.healLink(l.At, f.Verb, f.link()) {
		return
	}
	b := &c.faults.batch
	if !b.takes(l.At, l.Kind, &f) {
		c.reportProgress(l.At)
		*b = linkBatch{at: l.At, kind: l.Kind, verb: f.Verb, by: f.By, links: []link{f.link()}}
		b.index = len(c.moments.list)
		m := f.moment(l.At, l.Kind)
		if m.Kind == model.TraceHeal {
			m.began = c.faults.ended
		}
		if !c.moments.add(m) {
			b.index = -1
		}
	}
	if b.index >= 0 {
		c.moments.list[b.index].What = b.sentence()
	}
}

// ObserveOp takes in one line of the history. It keeps no reference to op.
func (c *Collector) ObserveOp(op *kafka.Op) {
	c.end = max(c.end, op.Time)
	if op.Final {
		return
	}
	c.rates.onOp(op)
	if gap, ok := c.latency.onOp(op); ok {
		c.moments.add(gap)
	}
}

// Story returns the digest of what was observed, as the run that run.json describes. It ends the
// collecting: the story keeps the collector's memory.
func (c *Collector) Story(run kafka.Run) *Story {
	s := &Story{Run: run, End: max(c.end, model.Time(run.VirtualNS), 1)}
	staged := newStage(c.acts, run.Fired, c.faultLines)
	s.Bands, s.Marks = c.faults.finish(s.End, staged.quiet)
	c.reportProgress(s.End)
	s.Diagram = c.diagram.diagram()
	s.Replicas = c.replicas.finish()
	s.Leaders = c.leaders.finish(s.End)
	s.Groups = c.owners.finish(s.End)
	s.Lags = c.lags.finish(s.Replicas)
	s.Rates = c.rates
	s.Latencies = c.latency.samples
	s.Moments, s.Dropped = slices.Clone(c.moments.list), c.moments.dropped
	s.Moments = append(s.Moments, c.narration.rest()...)
	s.decided = c.narration.decided
	if at := staged.decided(); at > 0 {
		s.decided = at
	}
	c.owners.nameMembers(s.Moments)
	if gap, ok := c.latency.lastGap(s.End); ok {
		s.Moments = append(s.Moments, gap)
	}
	s.Silence = c.latency.longest
	inTime := func(a, b Moment) int { return cmp.Compare(a.At, b.At) }
	slices.SortStableFunc(s.Moments, inTime)
	s.Moments = staged.direct(s.Moments)
	slices.SortStableFunc(s.Moments, inTime)
	for i := range s.Moments {
		s.Moments[i].Say = run.Fill(s.Moments[i].Say)
	}
	return s
}
