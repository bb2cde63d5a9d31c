package recorded

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing/fstest"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Run is a plausible run that is built by hand: lines of a trace and of a history, by time.
type Run struct {
	Run   kafka.Run
	Trace []kafka.TraceLine
	Ops   kafka.History
}

const ms = model.Time(1_000_000)

// Line adds a line of the trace that is no note.
func (r *Run) Line(at model.Time, node model.NodeID, kind, text string) {
	r.add(at, node, kind, kafka.Note{Text: text})
	if kind != model.TraceFault && kind != model.TraceHeal {
		return
	}
	f, ok := model.ParseFault(text)
	if !ok {
		panic("recorded: no fault prints as " + text)
	}
	l := &r.Trace[len(r.Trace)-1]
	l.Fault, l.Node, l.Peer = &f, f.Node, f.Peer
}

// Note adds what a process says of itself.
func (r *Run) Note(at model.Time, node model.NodeID, n kafka.Note) {
	r.add(at, node, n.Kind.String(), n)
}

func (r *Run) add(at model.Time, node model.NodeID, kind string, n kafka.Note) {
	line := model.TraceLine{At: at, Seq: uint64(len(r.Trace) + 1), Node: node, Kind: kind}
	r.Trace = append(r.Trace, kafka.TraceLine{TraceLine: line, Note: n})
}

func (r *Run) op(op kafka.Op) {
	op.Index = len(r.Ops)
	r.Ops = append(r.Ops, op)
}

// Sort puts lines and operations in order of time, as a recorder writes them.
func (r *Run) Sort() {
	slices.SortStableFunc(r.Trace, func(a, b kafka.TraceLine) int { return cmp.Compare(a.At, b.At) })
	for i := range r.Trace {
		r.Trace[i].Seq = uint64(i + 1)
		r.Run.Events = uint64(i + 1)
	}
	slices.SortStableFunc(r.Ops, func(a, b kafka.Op) int { return cmp.Compare(a.Time, b.Time) })
	for i := range r.Ops {
		r.Ops[i].Index = i
	}
}

// Dir is the run directory.
func (r *Run) Dir() fstest.MapFS {
	r.Sort()
	run, err := json.Marshal(r.Run)
	if err != nil {
		panic(fmt.Sprintf("a run that is no JSON: %v", err))
	}
	var trace, history []byte
	for i := range r.Trace {
		trace = append(r.Trace[i].AppendJSON(trace), '\n')
	}
	for i := range r.Ops {
		history = append(kafka.AppendOpJSON(history, &r.Ops[i]), '\n')
	}
	return fstest.MapFS{
		"run.json":       {Data: run},
		"trace.ndjson":   {Data: trace},
		"history.ndjson": {Data: history},
	}
}

// Feed hands everything to a collector in order of time, as a running simulation does.
func (r *Run) Feed(to interface {
	Observe(*kafka.TraceLine)
	ObserveOp(*kafka.Op)
}) {
	r.Sort()
	for i := range r.Trace {
		to.Observe(&r.Trace[i])
	}
	for i := range r.Ops {
		to.ObserveOp(&r.Ops[i])
	}
}

// Failover is a leader's death under load: killed at 4 s, a new leader at 5.2 s, back at 8 s,
// settled before 12 s. perSecond records are sent each second until 10 s.
func Failover(perSecond int) *Run {
	r := &Run{Run: kafka.Run{
		Engine: kafka.EngineVersion, Scenario: "replication/leader-failover", Seed: 42,
		YAML:    "claim: \"With acks=all, killing the leader loses nothing.\"\nseed: 42\n",
		Claim:   "With acks=all and min.insync.replicas=2, killing the leader loses nothing.",
		Verdict: kafka.VerdictOK, TraceHash: "9f86d081884c7d65", Events: 41873,
		VirtualNS: int64(12000 * ms),
		Counters:  map[string]int64{"ack.p99": 12_351_000, "leader-elected": 1},
	}}
	orders := kafka.Note{Topic: "orders"}
	with := func(k kafka.NoteKind, set func(*kafka.Note)) kafka.Note {
		n := orders
		n.Kind = k
		set(&n)
		return n
	}
	for i := 1; i <= 3; i++ {
		r.Line(0, model.NodeID(fmt.Sprintf("broker-%d", i)), "started", "")
	}
	r.Note(310*ms, "broker-1", kafka.Note{Kind: kafka.ControllerElected, Broker: 1, Epoch: 1})
	for i := 1; i <= 3; i++ {
		r.Note((400+model.Time(i))*ms, "broker-1", kafka.Note{Kind: kafka.BrokerRegistered,
			Broker: kafka.BrokerID(i)})
	}
	r.Note(700*ms, "broker-1", with(kafka.TopicCreated, func(n *kafka.Note) {
		n.Replicas = [][]kafka.BrokerID{{2, 3, 1}}
	}))
	r.Note(701*ms, "broker-1", with(kafka.LeaderElected, func(n *kafka.Note) {
		n.Broker, n.Brokers = 2, []kafka.BrokerID{2, 3, 1}
	}))
	r.Note(705*ms, "broker-2", with(kafka.BecameLeader, func(n *kafka.Note) {
		n.Broker, n.Brokers = 2, []kafka.BrokerID{2, 3, 1}
	}))
	r.load(perSecond)
	r.Line(12000*ms, "", model.TraceEnd, "")
	return r
}

// load plays the records of failover, with the faults at their times.
func (r *Run) load(perSecond int) {
	step := 1000 * ms / model.Time(perSecond)
	alive := map[int]bool{1: true, 2: true, 3: true}
	tp := kafka.TopicPartition{Topic: "orders"}
	next := kafka.Offset(0)
	faults := []struct {
		at model.Time
		do func(at model.Time)
	}{
		{4000 * ms, func(at model.Time) {
			r.Line(at, "broker-2", model.TraceFault, "kill broker-2")
			alive[2] = false
		}},
		{5200 * ms, r.election},
		{8000 * ms, func(at model.Time) {
			r.Line(at, "broker-2", model.TraceFault, "start broker-2")
			r.Line(at+2*ms, "broker-2", "started", "")
			alive[2] = true
			r.Note(at+90*ms, "broker-2", kafka.Note{Kind: kafka.LogTruncated, Topic: "orders", Epoch: 1,
				Offset: next - 4, Text: "beyond the epoch's end"})
			r.Note(at+400*ms, "broker-3", kafka.Note{Kind: kafka.ISRExpanded, Topic: "orders", Epoch: 1,
				Brokers: []kafka.BrokerID{3, 1, 2}})
		}},
	}
	for i := range int(9000 * ms / step) {
		at := 1000*ms + model.Time(i)*step
		for len(faults) > 0 && faults[0].at <= at {
			faults[0].do(faults[0].at)
			faults = faults[1:]
		}
		process, value := i%64, fmt.Sprintf("v%d", i)
		mop := kafka.Mop{F: kafka.FSend, Key: tp, Value: value, Offset: kafka.NoOffset}
		if at > 4000*ms && at < 5210*ms { // nobody answers: what waits is answered after the election
			if i%8 == 0 && at < 4100*ms {
				r.op(kafka.Op{Process: 100 + i, Type: kafka.Invoke, F: kafka.FSend, Time: at,
					Client: "producer-p1", Acks: "all", Value: []kafka.Mop{mop}})
			}
			continue
		}
		r.op(kafka.Op{Process: process, Type: kafka.Invoke, F: kafka.FSend, Time: at,
			Client: "producer-p1", Acks: "all", Value: []kafka.Mop{mop}})
		for b := 1; b <= 3; b++ {
			if alive[b] {
				r.offsets(at, b, next)
			}
		}
		mop.Offset = next
		took := ms + model.Time(i%17)*100_000 + model.Time(i%97/96)*8*ms
		r.op(kafka.Op{Process: process, Type: kafka.OK, F: kafka.FSend, Time: at + took,
			Client: "producer-p1", Value: []kafka.Mop{mop}})
		if i%20 == 19 {
			r.poll(at+took+ms, tp, next)
		}
		next++
	}
}

func (r *Run) election(at model.Time) {
	r.Note(at-200*ms, "zookeeper-1", kafka.Note{Kind: kafka.SessionExpired, Text: "broker-2"})
	r.Note(at-100*ms, "broker-1", kafka.Note{Kind: kafka.BrokerUnregistered, Broker: 2})
	for p, leader := range []kafka.BrokerID{3} {
		r.Note(at, "broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: "orders", Partition: int32(p),
			Broker: leader, Epoch: 1, Brokers: []kafka.BrokerID{3, 1}})
		r.Note(at+3*ms, "broker-3", kafka.Note{Kind: kafka.BecameLeader, Topic: "orders", Broker: leader,
			Epoch: 1, Offset: 600, Brokers: []kafka.BrokerID{3, 1}})
		r.Note(at+3*ms, "broker-1", kafka.Note{Kind: kafka.BecameFollower, Topic: "orders",
			Broker: leader, Epoch: 1, Offset: 600})
	}
	// Three sends were never answered.
	for i := range r.Ops {
		if o := &r.Ops[i]; o.Type == kafka.Invoke && o.Process >= 100 {
			done := *o
			done.Type, done.Time, done.Error = kafka.Info, at+20*ms, "REQUEST_TIMED_OUT"
			r.op(done)
		}
	}
}

// offsets notes log end and high watermark of one replica; the leader is ahead by one fetch.
func (r *Run) offsets(at model.Time, broker int, next kafka.Offset) {
	node := model.NodeID(fmt.Sprintf("broker-%d", broker))
	end := next + 1
	if broker == 1 && at > 6500*ms && at < 7500*ms { // a slow follower
		end = max(0, next-60)
	}
	r.Note(at, node, kafka.Note{Kind: kafka.LogEnd, Topic: "orders", Epoch: 1, Offset: end})
	r.Note(at, node, kafka.Note{Kind: kafka.HighWatermark, Topic: "orders",
		Offset: max(0, min(end, next)-1)})
}

func (r *Run) poll(at model.Time, tp kafka.TopicPartition, last kafka.Offset) {
	got := kafka.PolledRecords{Key: tp}
	for o := max(0, last-19); o <= last; o++ {
		got.Records = append(got.Records, kafka.PolledRecord{Offset: o, Value: fmt.Sprintf("v%d", o)})
	}
	op := kafka.Op{Process: 99, Type: kafka.Invoke, F: kafka.FPoll, Time: at - ms,
		Client: "consumer-1", Value: []kafka.Mop{{F: kafka.FPoll}}}
	r.op(op)
	op.Type, op.Time = kafka.OK, at
	op.Value = []kafka.Mop{{F: kafka.FPoll, Polled: []kafka.PolledRecords{got}}}
	r.op(op)
}

// Takeover is a group of four members and three partitions, in which one member dies: one idles,
// then takes over what the dead one had.
func Takeover() *Run {
	r := &Run{Run: kafka.Run{
		Engine: kafka.EngineVersion, Scenario: "groups/consumers-outnumber-partitions", Seed: 7,
		Claim:   "A partition has one owner: the fourth member of three partitions idles until one dies.",
		Verdict: kafka.VerdictOK, TraceHash: "00deadbeef00cafe", Events: 977,
		VirtualNS: int64(30000 * ms),
	}}
	member := func(i int) string { return fmt.Sprintf("consumer-billing-%d-6f1f9f6e-0a5c", i) }
	node := func(i int) model.NodeID { return model.NodeID(fmt.Sprintf("consumer-billing-%d", i)) }
	assign := func(at model.Time, i int, generation int32, partitions ...int32) {
		n := kafka.Note{Kind: kafka.PartitionsAssigned, Group: "billing", Member: member(i),
			Generation: generation}
		for _, p := range partitions {
			n.Partitions = append(n.Partitions, kafka.TopicPartition{Topic: "orders", Partition: p})
		}
		r.Note(at, node(i), n)
	}
	group := func(at model.Time, k kafka.NoteKind, i int, generation int32, text string) {
		r.Note(at, "broker-1", kafka.Note{Kind: k, Group: "billing", Member: member(i),
			Generation: generation, Text: text})
	}
	for i := 1; i <= 4; i++ {
		group(1000*ms+model.Time(i)*15*ms, kafka.MemberJoined, i, 0, "")
	}
	group(4000*ms, kafka.GroupStable, 1, 1, "")
	assign(4005*ms, 1, 1, 0)
	assign(4005*ms, 2, 1, 1)
	assign(4006*ms, 3, 1, 2)
	assign(4006*ms, 4, 1)
	r.Line(10000*ms, "consumer-billing-2", model.TraceFault, "kill consumer-billing-2")
	group(20000*ms, kafka.MemberLeft, 2, 1, "session timed out")
	group(20000*ms, kafka.RebalanceStarted, 2, 1, "consumer-billing-2 left")
	for _, i := range []int{1, 3, 4} {
		p := []kafka.TopicPartition{{Topic: "orders", Partition: int32(i - 1)}}
		if i == 4 {
			p = nil
		}
		r.Note(21500*ms, node(i), kafka.Note{Kind: kafka.PartitionsRevoked, Group: "billing",
			Member: member(i), Generation: 1, Partitions: p})
	}
	group(21600*ms, kafka.GroupStable, 1, 2, "")
	assign(21610*ms, 1, 2, 0)
	assign(21610*ms, 3, 2, 1)
	assign(21611*ms, 4, 2, 2)
	r.Line(30000*ms, "", model.TraceEnd, "")
	return r
}

// Skew is a topic of which one partition gets most, and two groups that read it: one keeps up, one
// stands still for a while.
func Skew() *Run {
	r := &Run{Run: kafka.Run{
		Engine: kafka.EngineVersion, Scenario: "log/skew", Seed: 3, Verdict: kafka.VerdictOK,
		Claim: "A hot key makes a hot partition.", VirtualNS: int64(20000 * ms),
	}}
	ends := [3]kafka.Offset{}
	of := func(kind kafka.NoteKind, group string, p int, offset kafka.Offset) kafka.Note {
		return kafka.Note{Kind: kind, Topic: "orders", Partition: int32(p), Group: group, Offset: offset}
	}
	for i := range 1800 {
		at := 1000*ms + model.Time(i)*10*ms
		p := [...]int{0, 0, 1, 0, 2, 0}[i%6]
		ends[p]++
		r.Note(at, "broker-1", of(kafka.LogEnd, "", p, ends[p]))
		r.Note(at+ms, "broker-1", of(kafka.HighWatermark, "", p, ends[p]))
		if i == 1200 { // what is older than ten seconds goes
			r.Note(at+ms, "broker-1", of(kafka.LogStart, "", 0, 100))
		}
		for p := range ends {
			if i%100 == 99 {
				r.Note(at+2*ms, "broker-1", of(kafka.OffsetCommitted, "audit", p, ends[p]-2))
			}
			if i%100 == 50 && (i < 600 || i > 1400) {
				r.Note(at+2*ms, "broker-1", of(kafka.OffsetCommitted, "billing", p, ends[p]))
			}
		}
	}
	r.Line(7000*ms, "consumer-billing", model.TraceFault, "pause consumer-billing")
	r.Line(15000*ms, "consumer-billing", model.TraceHeal, "resume consumer-billing")
	r.Line(20000*ms, "", model.TraceEnd, "")
	return r
}

// Network is a run with faults of every sort: cuts that are healed one by one or all at once, a
// pause, a fault of a verb that nobody knows, and a power loss that nobody ends.
func Network() *Run {
	r := &Run{Run: kafka.Run{Engine: kafka.EngineVersion, Scenario: "faults"}}
	r.Line(0, "broker-1", "started", "")
	r.Line(1000*ms, "", model.TraceFault, "cut broker-1 > broker-2")
	r.Line(2000*ms, "broker-3", model.TraceFault, "pause broker-3")
	r.Line(2500*ms, "", model.TraceFault, "drop Fetch reply broker-2 > broker-3")
	r.Line(3000*ms, "", model.TraceHeal, "cut broker-1 > broker-2")
	r.Line(3500*ms, "broker-3", model.TraceHeal, "resume broker-3")
	r.Line(4000*ms, "", model.TraceFault, "cut broker-2 > broker-1")
	r.Line(4001*ms, "", model.TraceFault, "slow broker-3 > broker-1 by 20ms")
	r.Line(6000*ms, "", model.TraceHeal, "cut broker-2 > broker-1")
	r.Line(6000*ms, "", model.TraceHeal, "slow broker-3 > broker-1 by 20ms")
	r.Line(6000*ms, "broker-2", model.TraceHeal, "resume broker-2")
	r.Line(6500*ms, "", model.TraceFault, "kill leader(users-0): nobody is that now")
	r.Line(7000*ms, "broker-2", model.TraceFault, "power-loss broker-2")
	for i := range 700 {
		r.Note(model.Time(i)*14*ms, "broker-1", kafka.Note{Kind: kafka.LogEnd, Topic: "orders",
			Offset: kafka.Offset(i + 1)})
	}
	r.Line(10000*ms, "", model.TraceEnd, "")
	return r
}
