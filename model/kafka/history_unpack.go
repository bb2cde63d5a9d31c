package kafka

import (
	"slices"

	"sandcastle/model"
)

// unpacking is a block being unpacked.
type unpacking struct {
	history *PackedHistory
	block   int
	numbers string
	text    string // what is left of it
	invoked string // what is left of the text of an invocation
	mops    []Mop
	offsets []PartitionOffset
	polled  []PolledRecords
	records []PolledRecord
}

// unpack makes the lines of a block. Their text is the block's own, uncopied.
func (p *PackedHistory) unpack(block int, from *packedBlock) []Op {
	return p.unpackInto(&unpacking{}, nil, block, from)
}

// unpackInto is unpack into the memory of lines that nobody looks at any more, and of what they
// pointed to.
func (p *PackedHistory) unpackInto(u *unpacking, ops []Op, block int, from *packedBlock) []Op {
	*u = unpacking{
		history: p, block: block, numbers: from.numbers, text: from.text,
		mops:    slices.Grow(u.mops[:0], int(from.mops)),
		offsets: slices.Grow(u.offsets[:0], int(from.offsets)),
		polled:  slices.Grow(u.polled[:0], int(from.polled)),
		records: slices.Grow(u.records[:0], int(from.records)),
	}
	now := from.since
	ops = slices.Grow(ops[:0], int(from.lines))[:from.lines]
	for i := range ops {
		op := &ops[i]
		s := &p.shapes[u.uint()]
		now += model.Time(u.int())
		*op = Op{
			Index: p.index(from.first + i), Type: s.kind, F: s.f, Time: now, Process: int(u.int()),
			Client: s.client, Error: s.failed, Acks: s.acks, Group: s.group, Isolation: s.isolation,
			Why: s.reset, Final: s.final,
		}
		if s.plain {
			op.Value = u.send(s.kind)
		} else {
			op.Offsets, op.Value = u.positions(), u.value()
		}
		if s.keyed {
			op.RecordKey = take(&u.text, u.uint())
		}
		if s.odd {
			odd := p.odd[from.first+i]
			op.Keys, op.Rebalance = odd.keys, odd.rebalance
		}
	}
	return ops
}

// value unpacks the micro-operations of a line.
func (u *unpacking) value() []Mop {
	n := int(u.uint())
	if n == 0 {
		return nil
	}
	again := u.again()
	start := len(u.mops)
	for range n {
		m := Mop{F: mopFunction(u.byte()), Key: u.key(), Offset: Offset(u.int())}
		m.Value = take(again, u.uint())
		m.Polled = u.polls()
		u.mops = append(u.mops, m)
	}
	return u.mops[start:len(u.mops):len(u.mops)]
}

// send unpacks a plain send.
func (u *unpacking) send(kind OpType) []Mop {
	again := u.again()
	m := Mop{F: FSend, Key: u.key(), Offset: NoOffset}
	if kind != Invoke {
		m.Offset = Offset(u.int())
	}
	m.Value = take(again, u.uint())
	u.mops = append(u.mops, m)
	return u.mops[len(u.mops)-1 : len(u.mops) : len(u.mops)]
}

// again is where the values of a line are taken from: the text of the block, or that of the
// invocation.
func (u *unpacking) again() *string {
	back := u.uint()
	if back == 0 {
		return &u.text
	}
	u.invoked = u.textOf(u.block + 1 - int(back))[u.uint():]
	return &u.invoked
}

func (u *unpacking) polls() []PolledRecords {
	start := len(u.polled)
	for range u.uint() {
		polled, before := PolledRecords{Key: u.key()}, Offset(0)
		from := len(u.records)
		for range u.uint() {
			before += Offset(u.int())
			u.records = append(u.records, PolledRecord{before, take(&u.text, u.uint())})
		}
		if len(u.records) > from {
			polled.Records = u.records[from:len(u.records):len(u.records)]
		}
		u.polled = append(u.polled, polled)
	}
	if start == len(u.polled) {
		return nil
	}
	return u.polled[start:len(u.polled):len(u.polled)]
}

func (u *unpacking) positions() []PartitionOffset {
	start := len(u.offsets)
	for range u.uint() {
		u.offsets = append(u.offsets, PartitionOffset{u.key(), Offset(u.int())})
	}
	if start == len(u.offsets) {
		return nil
	}
	return u.offsets[start:len(u.offsets):len(u.offsets)]
}

// textOf is the text of a block.
func (u *unpacking) textOf(block int) string {
	if block == len(u.history.blocks) {
		return string(u.history.tail.text)
	}
	return u.history.blocks[block].text
}

// take is the next text of some that is left.
func take(left *string, n uint64) string {
	text := (*left)[:n]
	*left = (*left)[n:]
	return text
}

func (u *unpacking) key() TopicPartition { return u.history.keys[u.uint()] }

// byte is the next number of one byte.
func (u *unpacking) byte() byte {
	b := u.numbers[0]
	u.numbers = u.numbers[1:]
	return b
}

// uint is the next number, as encoding/binary appends unsigned ones.
func (u *unpacking) uint() (x uint64) {
	for shift := 0; ; shift += 7 {
		b := u.byte()
		x |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return x
		}
	}
}

// int is the next number, as encoding/binary appends signed ones.
func (u *unpacking) int() int64 {
	x := u.uint()
	return int64(x>>1) ^ -int64(x&1)
}

// mopFlag is a micro-operation's function as a byte.
func mopFlag(f Function) byte {
	if f == FSend {
		return 1
	}
	return 0
}

func mopFunction(flag byte) Function {
	if flag == 1 {
		return FSend
	}
	return FPoll
}
