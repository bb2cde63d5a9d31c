package order

import (
	"slices"

	"sandcastle/model/kafka"
)

// Move is the completion of an operation after which a consumer may go on somewhere else than
// behind what it read last, or by which partitions changed hands.
type Move struct{ Op, Invoke int32 } // positions in the history; Invoke is −1 for none

// Consumers is what consumers did besides polling.
type Consumers struct {
	History kafka.Operations
	Moves   []Move // in the order of the history
	// Whose tells who did the operation at a place in History. Looking up all of
	// an operation costs the more the further apart those that are asked for stand.
	Whose func(op int32) Origin
	// RebalancesLogged says that whatever changes hands stands in the history: then members of
	// groups are judged as others are.
	RebalancesLogged bool
}

// Origin is who did an operation: a process, of a client, in the name of a group; "" for none.
type Origin struct {
	Client, Group string
	Process       int
}

// position is where a consumer is in a log.
type position struct {
	next int32 // the rank that is due, Unknown where anything may come
	last place // what it read last; read is −1 when it was moved here, by
	move int32
	// stood is what it read last of what stands in the log in the end.
	stood stood
}

// stood is a record of the final log.
type stood struct {
	index int32 // in the final log, −1 for none
	at    place
}

// consumer is one consumer: Jepsen's process, or a client with a name, whatever processes its
// operations are.
type consumer struct {
	group     bool // it subscribed
	moved     bool // it subscribed or was assigned something
	processes []int
	at        map[int32]*position // by log
}

// reading is what one operation read of one log.
type reading struct {
	op, log  int32
	from, to int32 // its reads
}

// walk goes through what consumers read, in the order of the history.
type walk struct {
	c         *Consumers
	logs      []*Log
	number    map[kafka.TopicPartition]int32 // of the logs
	named     map[string]*consumer
	processes map[int]*consumer
	readings  []reading
}

// visit looks at what a consumer read next, before its position is moved behind that.
type visit func(c *consumer, l *Log, r reading, at *position)

// positions follows every consumer through every log.
//
// A position is kept, as in jepsen.tests.kafka, by what a consumer is assigned or subscribes to if
// that names the partition again, and forgotten otherwise. Operations that failed or whose outcome
// is unknown are compared with it and do not move it. A seek or a reset sets it; a crash, a change
// of hands, and a new start of a client forget it.
func (c *Consumers) positions(logs []*Log, v visit) {
	w := walk{
		c: c, logs: logs, number: map[kafka.TopicPartition]int32{},
		named: map[string]*consumer{}, processes: map[int]*consumer{},
	}
	for n, l := range logs {
		w.number[l.Key] = int32(n)
		l.eachOp(func(from, to int32) {
			if l.Reads[to-1].End > l.Reads[from].Start {
				w.readings = append(w.readings, reading{l.Reads[from].Op, int32(n), from, to})
			}
		})
	}
	slices.SortFunc(w.readings, func(a, b reading) int {
		if a.op != b.op {
			return int(a.op) - int(b.op)
		}
		return int(a.log) - int(b.log)
	})
	moves := c.Moves
	for _, r := range w.readings {
		for len(moves) > 0 && moves[0].Op <= r.op {
			w.move(moves[0])
			moves = moves[1:]
		}
		w.read(r, v)
	}
}

// read compares and moves the position of who read.
func (w *walk) read(r reading, v visit) {
	by := w.c.Whose(r.op)
	c, l := w.consumer(by), w.logs[r.log]
	c.uses(by.Process)
	at := c.at[r.log]
	if at == nil {
		at = &position{next: Unknown, stood: stood{index: -1}}
	}
	if by.Group != "" {
		c.group = true
	}
	v(c, l, r, at)
	if !l.Reads[r.from].OK {
		return
	}
	last := place{read: r.to - 1}
	for l.Reads[last.read].End == l.Reads[last.read].Start {
		last.read--
	}
	last.record = l.Reads[last.read].End - l.Reads[last.read].Start - 1
	at.next, at.last = Unknown, last
	if rank := l.at(last).Rank; rank != Unknown {
		at.next = rank + 1
	}
	c.at[r.log] = at
}

// consumer is who does an operation of that origin.
func (w *walk) consumer(by Origin) *consumer {
	c := w.processes[by.Process]
	if by.Client != "" {
		c = w.named[by.Client]
	}
	if c != nil {
		return c
	}
	c = &consumer{at: map[int32]*position{}}
	if by.Client != "" {
		w.named[by.Client] = c
	} else {
		w.processes[by.Process] = c
	}
	return c
}

// uses notes that an operation of the consumer is of a process, and tells whether the first is.
func (c *consumer) uses(process int) (first bool) {
	if slices.Contains(c.processes, process) {
		return false
	}
	c.processes = append(c.processes, process)
	return true
}

// move forgets or sets positions.
func (w *walk) move(m Move) {
	op := w.c.History.At(int(m.Op))
	c := w.consumer(w.c.Whose(m.Op))
	if op.Rebalance != nil {
		for _, keys := range [][]string{op.Rebalance.Revoked, op.Rebalance.Assigned, op.Rebalance.Lost} {
			w.forget(c, keys)
		}
	}
	switch op.F {
	case kafka.FCrash:
		clear(c.at)
	case kafka.FAssign, kafka.FSubscribe:
		if op.Type == kafka.OK || op.Type == kafka.Info {
			w.assign(c, op, w.asked(m))
		}
	case kafka.FSeek, kafka.FReset:
		w.seek(c, m, op)
	}
}

// asked is the invocation of a move, or itself.
func (w *walk) asked(m Move) *kafka.Op {
	if m.Invoke < 0 {
		return w.c.History.At(int(m.Op))
	}
	return w.c.History.At(int(m.Invoke))
}

func (w *walk) forget(c *consumer, keys []string) {
	for _, key := range keys {
		if n, known := w.number[kafka.ParseKey(key)]; known {
			delete(c.at, n)
		}
	}
}

// assign keeps the positions of what is named again. A client that goes from one way of being given
// partitions to the other keeps none, and neither does one that begins, as a new process shows.
func (w *walk) assign(c *consumer, op, asked *kafka.Op) {
	subscribes := op.F == kafka.FSubscribe
	first := c.uses(op.Process)
	if first || c.moved && subscribes != c.group || asked.Why == kafka.SeekToBeginning {
		clear(c.at)
	}
	c.moved, c.group = true, subscribes
	names := op.Keys
	if len(names) == 0 {
		names = asked.Keys
	}
	named := map[string]bool{}
	for _, name := range names {
		named[name] = true
	}
	for n := range c.at { //unordered: each is kept or not by itself
		if l := w.logs[n]; !named[l.Name] && !(subscribes && named[l.Key.Topic]) {
			delete(c.at, n)
		}
	}
}

// seek sets positions, or forgets them where the outcome is unknown.
func (w *walk) seek(c *consumer, m Move, op *kafka.Op) {
	if op.Type == kafka.Fail {
		return
	}
	to := op.Offsets
	if len(to) == 0 {
		to = w.asked(m).Offsets
	}
	for _, o := range to {
		n, known := w.number[o.Key]
		if !known {
			continue
		}
		delete(c.at, n)
		if op.Type != kafka.OK || o.Offset < 0 {
			continue
		}
		rank, _ := slices.BinarySearch(w.logs[n].Offsets, o.Offset)
		c.at[n] = &position{
			next: int32(rank), last: place{read: -1}, move: m.Op, stood: stood{index: -1},
		}
	}
}
