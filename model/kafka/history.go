package kafka

import "sandcastle/model"

// OpType says which end of a client operation an Op is.
type OpType string

const (
	Invoke OpType = "invoke" // the operation starts
	OK     OpType = "ok"     // it took effect
	Fail   OpType = "fail"   // it certainly did not take effect
	Info   OpType = "info"   // nobody knows whether it did
)

// Function says what an operation does.
type Function string

const (
	FSend      Function = "send"
	FPoll      Function = "poll"
	FTxn       Function = "txn"
	FAssign    Function = "assign"
	FSubscribe Function = "subscribe"
	FCommit    Function = "commit"
	FProcess   Function = "process" // the application of a consumer works on a record
	FSeek      Function = "seek"    // the application moves its position in a partition
	FReset     Function = "reset"   // auto.offset.reset moves it, since it was not there
	FCrash     Function = "crash"   // the client is thrown away; its next operation is a new one's
)

// Op is one line of a history: the invocation or the completion of a client operation, in the shape
// of Jepsen's Kafka workload (jepsen.tests.kafka). A process has at most one operation open at a
// time; a client that sends many records at once is several processes with one Client.
type Op struct {
	Index   int        // line of the history, from 0; set by the recorder
	Process int        // set by the recorder
	Type    OpType     //
	F       Function   //
	Time    model.Time // set by the recorder
	// ID pairs an invocation with its completion within one client; it is not written to the history.
	ID uint64
	// Value holds the micro-operations of send, poll and txn.
	Value []Mop
	// Keys holds what an assign or a subscribe names: partitions or topics.
	Keys []string
	// Offsets holds what a commit commits and where a seek or a reset goes, the position of the next
	// record to read, and what a process works on, the position of the record itself.
	Offsets []PartitionOffset
	// Optional, left out when empty.
	Client    string        // who: the node
	Error     string        // Kafka's error name, of fail and info
	Acks      string        // of a send: "0", "1" or "all"
	Group     string        // of a consumer in a group
	Isolation string        // of a poll: "read_uncommitted" or "read_committed"
	Rebalance *RebalanceLog // what changed hands during the op
	// Final marks the reads by which a run ends: a fresh consumer that reads everything.
	Final bool
	// RecordKey is the key of the record that a send sends.
	RecordKey string
	// Why says of a reset what was wrong with the position, by the name of Kafka's error; of an assign
	// it is SeekToBeginning, or empty.
	Why string
}

// SeekToBeginning is why an assign moves positions: Jepsen's final polls read everything anew.
const SeekToBeginning = "seek-to-beginning"

// AddOp records the start or the outcome of a client operation. Index, Process and Time of op are
// filled in by the recorder. The host takes it before the next step, and its memory is used again
// then.
func AddOp(out *model.Effects, op Op) {
	slot, ok := out.SpareOp().(*Op)
	if !ok {
		slot = new(Op)
	}
	*slot = op
	out.Op(slot)
}

// Sum mixes the line into the running hash h.
func (op *Op) Sum(h uint64) uint64 {
	h = model.SumString(model.SumString(model.SumUint(h, op.ID), string(op.Type)), string(op.F))
	if op.Error != "" {
		h = model.SumString(h, op.Error)
	}
	for i := range op.Value {
		m := &op.Value[i]
		h = model.SumString(model.SumUint(m.Key.Sum(h), uint64(m.Offset)), m.Value)
		for _, polled := range m.Polled {
			h = polled.Key.Sum(h)
			for j := range polled.Records {
				h = model.SumString(model.SumUint(h, uint64(polled.Records[j].Offset)), polled.Records[j].Value)
			}
		}
	}
	if op.Why != "" {
		h = model.SumString(h, op.Why)
	}
	for _, key := range op.Keys {
		h = model.SumString(h, key)
	}
	for _, o := range op.Offsets {
		h = model.SumUint(o.Key.Sum(h), uint64(o.Offset))
	}
	return h
}

// Mop is one micro-operation: a send of Value to Key, or a poll.
type Mop struct {
	F     Function // FSend or FPoll
	Key   TopicPartition
	Value string
	// Offset is where the record was put, NoOffset when that is not known.
	Offset Offset
	// Polled holds, by key in order, what a completed poll returned.
	Polled []PolledRecords
}

// NoOffset stands for an offset that is not known.
const NoOffset Offset = -1

// PolledRecords are records of one partition in the order in which they were returned.
type PolledRecords struct {
	Key     TopicPartition
	Records []PolledRecord
}

// PolledRecord is one record as a checker sees it. Value is the record's value without trailing
// spaces: workloads pad with them to reach a size.
type PolledRecord struct {
	Offset Offset
	Value  string
}

// PartitionOffset is an offset of a partition.
type PartitionOffset struct {
	Key    TopicPartition
	Offset Offset
}

// RebalanceLog says which partitions changed hands while an operation was open.
type RebalanceLog struct {
	Revoked  []string `json:"revoked,omitempty"`
	Assigned []string `json:"assigned,omitempty"`
	Lost     []string `json:"lost,omitempty"`
}

// History is the whole record of what clients asked and were told, in the order of Index.
type History []Op
