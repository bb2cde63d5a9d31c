package checks

import (
	"cmp"
	"slices"

	"sandcastle/checks/order"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// partition is everything that a history says about one partition.
type partition struct {
	key      kafka.TopicPartition
	history  kafka.Operations
	origins  *origins // of the history's operations
	values   []value
	numbered valueNumbers   // while the history is gathered
	sends    []send         // in the order of their completions, unfinished ones last
	reads    []read         // in the order of their completions
	polled   []int32        // the value numbers of all records of all reads, read after read
	offsets  []kafka.Offset // theirs
	// slots is the version order: every offset and value that are known to go together, by offset
	// and then by value number. Gaps between offsets mean nothing, so what counts is the rank: the
	// number of smaller offsets. Offsets are never used as indexes: they may be huge.
	slots   []slot
	ranks   []kafka.Offset // by rank, the offset
	start   kafka.Offset   // what stands below was deleted
	resets  []reset        // in the order of the history
	handled []handling     // in the order of the history, unfinished ones last
	// readToTheEnd says that final reads went through it: what they did not find is not there.
	readToTheEnd bool
	// twice has the ranks of offsets that were given twice, each with the anomaly that explains it.
	twice    map[int32]kafka.Anomaly
	suffered bool // something is gone, or was given twice
	all      *gathered
	log      *order.Log // when it was asked for
}

// value is one value and what happened to it.
type value struct {
	text   string
	first  kafka.Offset // the first offset that it was known at, NoOffset for none
	low    int32        // rank of its smallest offset, −1 for none
	high   int32        // rank of its largest offset, −1 for none
	places int32        // how many offsets it stands at
	sends  int32        // how many sends of it there were
	fails  int32        // how many of them certainly failed
	seen   bool         // an ok poll returned it
	final  bool         // a final read did
	more   bool         // it was known at another offset than first too
	// gone is why it counts as acknowledged and not there.
	gone absence
}

// send is one send of a value, from invocation to completion.
type send struct {
	value      int32
	outcome    ending
	committed  bool // Jepsen's must-have-committed: ok, or info and some of it was read
	keyed      bool // the record had a key
	offset     kafka.Offset
	call, ret  model.Time // ret is Never when the outcome is unknown
	op, invoke int32      // positions in the history; op is the invocation when nothing followed,
	// invoke is −1 when the completion stands alone
}

// read is what one poll returned from this partition.
type read struct {
	start, end    int // of its records in polled and offsets
	call, ret     model.Time
	op            int32 // position in the history
	ok            bool
	final         bool
	readCommitted bool
	rebalanced    bool // the partition changed hands meanwhile, so the order of records may jump
}

// slot says that a value stands at the offset of a rank.
type slot struct{ value, rank int32 }

// placed says that a value stands at an offset.
type placed struct {
	offset kafka.Offset
	value  int32
}

// numbers are the value numbers of r's records.
func (p *partition) numbers(r *read) []int32 { return p.polled[r.start:r.end] }

// positions are the offsets of r's records.
func (p *partition) positions(r *read) []kafka.Offset { return p.offsets[r.start:r.end] }

// op is a line of the history.
func (p *partition) op(at int32) *kafka.Op { return p.history.At(int(at)) }

// rank is the rank of an offset that stands in slots.
func (p *partition) rank(o kafka.Offset, v int32) int32 {
	if p.values[v].first == o && !p.values[v].more {
		return p.values[v].low
	}
	i, _ := slices.BinarySearch(p.ranks, o)
	return int32(i)
}

// witness returns the earliest evidence that value v stands at offset: an acknowledged send, else a
// poll.
func (p *partition) witness(o kafka.Offset, v int32) kafka.Witness {
	for i := range p.sends {
		if s := &p.sends[i]; s.value == v && s.offset == o && s.committed {
			return p.sendWitness(s)
		}
	}
	for i := range p.reads {
		for j, n := range p.numbers(&p.reads[i]) {
			if n == v && p.positions(&p.reads[i])[j] == o {
				return p.readWitness(&p.reads[i], j)
			}
		}
	}
	return kafka.Witness{}
}

// sender returns a send of value v, the committed one before others, or nil.
func (p *partition) sender(v int32) *send {
	var found *send
	for i := range p.sends {
		if s := &p.sends[i]; s.value == v && (found == nil || s.committed && !found.committed) {
			found = s
		}
	}
	return found
}

// order fills slots, ranks and what values know of them. It is called once, after the last
// operation.
func (p *partition) order() {
	list := make([]placed, 0, len(p.values))
	for i := range p.sends {
		if s := &p.sends[i]; s.committed && s.offset >= 0 {
			list = p.place(list, s.offset, s.value)
		}
	}
	for i := range p.reads {
		numbers := p.numbers(&p.reads[i])
		for j, at := range p.positions(&p.reads[i]) {
			if at >= 0 {
				list = p.place(list, at, numbers[j])
			}
		}
	}
	slices.SortFunc(list, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(a.value, b.value))
	})
	list = slices.Compact(list)
	p.slots, p.ranks = make([]slot, len(list)), make([]kafka.Offset, 0, len(list))
	for i := range list {
		if i == 0 || list[i-1].offset != list[i].offset {
			p.ranks = append(p.ranks, list[i].offset)
		}
		s := &p.slots[i]
		*s = slot{list[i].value, int32(len(p.ranks) - 1)}
		v := &p.values[s.value]
		if v.places++; v.places == 1 {
			v.low = s.rank
		}
		v.high = s.rank
	}
}

// place adds to list that value v stands at offset o, unless that is known.
func (p *partition) place(list []placed, o kafka.Offset, v int32) []placed {
	val := &p.values[v]
	switch val.first {
	case o:
		return list
	case kafka.NoOffset:
		val.first = o
	default:
		val.more = true
	}
	return append(list, placed{o, v})
}
