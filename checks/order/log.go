package order

import (
	"sandcastle/model/kafka"
)

// Unknown is the rank of what stands nobody knows where.
const Unknown int32 = -1

// Log is one partition as a history shows it. Every offset of which it is known what it held has a
// rank, the number of lower ones: markers of transactions, and what compaction removed, take no
// rank, so the record behind the one of rank 7 is the one of rank 8. Values are numbers. Lists are
// only read.
type Log struct {
	Key     kafka.TopicPartition
	Name    string // its key as text
	Start   kafka.Offset
	Offsets []kafka.Offset // by rank
	Values  int            // how many there are
	Sends   []Send         // in the order of completion, unfinished ones last
	Reads   []Read         // in the order of completion
	Records []Record       // of all reads, read after read
	// SendsOf is how many sends of a value there are.
	SendsOf func(value int32) int32
	// Slots are all values at all ranks, by rank.
	Slots func() []Slot
	// Cause is the anomaly that explains whatever is wrong with a value at a rank, "" for none.
	Cause func(value, rank int32) kafka.Anomaly
	// Stands tells whether the order of a value at a rank must be right: there is no such anomaly, or
	// it is what the offset holds in the end.
	Stands func(value, rank int32) bool
	Tell   Teller
	// Unplaced is how many of Records have an unknown rank.
	Unplaced int

	left      [2]*leftOut // what a poll may leave out: of any isolation, and of read_committed
	ambiguous int         // what Ambiguous has counted
	counted   bool
}

// Send is the send of one value.
type Send struct {
	Op, Invoke int32 // positions in the history; Invoke is −1 when the completion stands alone
	Value      int32
	Rank       int32 // Unknown where the record stands nowhere, or it is not known which one it is
	OK, Failed bool  // it was acknowledged, or failed for certain
	Told       bool  // its client was told where the record stands
}

// Read is what one poll returned of the log.
type Read struct {
	Op         int32 // position in the history
	Start, End int32 // of its records
	OK         bool
	Final      bool // it is of those by which a run ends
	Rebalanced bool // the partition changed hands meanwhile
	Committed  bool // its isolation is said to be read_committed
	Dirty      bool // its isolation is said to be read_uncommitted
}

// Record is a record as a poll returned it.
type Record struct{ Value, Rank int32 }

// Slot is a value at a rank.
type Slot struct{ Value, Rank int32 }

// Teller shows evidence to people.
type Teller interface {
	// Send is the witness of Sends[i].
	Send(i int32) kafka.Witness
	// Record is the witness of record number i of Reads[read].
	Record(read, i int32) kafka.Witness
	// Value is the text of a value.
	Value(v int32) string
}

// Case is one thing that is wrong.
type Case struct {
	Cause   kafka.Anomaly // what it comes from, "" when it stands by itself
	Allowed string        // who allows it, "" for nobody
	// Evidence says what is wrong, and who saw it.
	Evidence func() (string, []kafka.Witness)
}

// leftOut counts what stands in a log and must be read by who goes past it.
type leftOut struct {
	own []int32 // by rank, how many below it are by themselves reason enough
	// by holds, by rank, how many below it are so too for what they suffered, and cause of which
	// the next one at the rank or above has suffered what.
	by    []int32
	cause []kafka.Anomaly
}

// between tells whether a poll that went from behind one rank to another one left out what it had
// to return: how many records, and what explains that. 0 for none.
func (l *Log) between(from, to int32, r *Read) (n int32, cause kafka.Anomaly) {
	if from >= to {
		return 0, ""
	}
	left := l.leftOut(r.Committed)
	if n = left.own[to] - left.own[from]; n > 0 {
		return n, ""
	}
	if n = left.by[to] - left.by[from]; n > 0 {
		return n, left.cause[from]
	}
	return 0, ""
}

// first is the first rank from one on that counts for between.
func (l *Log) first(from int32, r *Read) int32 {
	left := l.leftOut(r.Committed)
	of := left.own
	if _, cause := l.between(from, int32(len(l.Offsets)), r); cause != "" {
		of = left.by
	}
	for of[from+1] == of[from] {
		from++
	}
	return from
}

// leftOut is made when it is asked for: no poll of a sound log leaves anything out. A record below
// the start of the log may have been deleted. One that only polls at read_uncommitted saw may have
// been aborted, so a poll at read_committed may leave it out.
func (l *Log) leftOut(committed bool) *leftOut {
	at := &l.left[0]
	if committed {
		at = &l.left[1]
	}
	if *at != nil {
		return *at
	}
	sure := l.sure(committed)
	n := len(l.Offsets)
	own, causes := make([]bool, n), make([]kafka.Anomaly, n)
	for _, s := range l.Slots() {
		if l.Offsets[s.Rank] < l.Start || sure != nil && !sure[s.Value] {
			continue
		}
		if cause := l.Cause(s.Value, s.Rank); cause == "" {
			own[s.Rank] = true
		} else if causes[s.Rank] == "" {
			causes[s.Rank] = cause
		}
	}
	left := &leftOut{make([]int32, n+1), make([]int32, n+1), causes}
	for rank := range n {
		left.own[rank+1], left.by[rank+1] = left.own[rank], left.by[rank]
		switch {
		case own[rank]:
			left.own[rank+1]++
		case causes[rank] != "":
			left.by[rank+1]++
		}
	}
	for rank := n - 2; rank >= 0; rank-- {
		if own[rank] || causes[rank] == "" {
			causes[rank] = causes[rank+1]
		}
	}
	*at = left
	return left
}

// sure are the values that were acknowledged, or that a poll returned whose isolation is not
// read_uncommitted; nil for all.
func (l *Log) sure(committed bool) []bool {
	if !committed {
		return nil
	}
	sure := make([]bool, l.Values)
	for i := range l.Sends {
		if s := &l.Sends[i]; s.OK {
			sure[s.Value] = true
		}
	}
	for i := range l.Reads {
		r := &l.Reads[i]
		for _, rec := range l.Records[r.Start:r.End] {
			sure[rec.Value] = sure[rec.Value] || r.OK && !r.Dirty
		}
	}
	return sure
}
