package kafka

import (
	"encoding/binary"
	"sort"

	"sandcastle/model"
)

// Operations are the lines of a history, in order: a History, or a PackedHistory.
type Operations interface {
	// Len is how many there are.
	Len() int
	// At is line i, from 0. Whoever asks must not change it, and may keep it.
	At(i int) *Op
}

// Len implements Operations.
func (h History) Len() int { return len(h) }

// At implements Operations.
func (h History) At(i int) *Op { return &h[i] }

// PackedHistory is a history that grows and is kept small: some 15 bytes a line besides the values,
// where an Op has 350. The zero value is empty. What is asked for is unpacked, with its neighbours,
// so going through it in order is cheap. Index of a line is its place, unless it was read from a
// file that says otherwise; ID is not kept.
//
// A line is numbers (of its shape, its time since the line before, its process, its keys and
// offsets), and text: values and record keys. Text of a completion is that of its invocation.
type PackedHistory struct {
	blocks []packedBlock
	tail   packing // of the block that grows
	n      int

	shapes   []opShape
	shapeOf  map[opShape]uint64
	frequent [4]uint64 // one more than the numbers of the shapes of the last lines; 0 for none
	keys     []TopicPartition
	keyOf    map[TopicPartition]uint64
	odd      map[int]oddFields
	invoked  []packedPlace // by process, the text of its last invocation
	jumps    []indexJump   // in order of line
	unpacked []unpackedBlock
	slots    []int32 // by block, where it is in unpacked; −1, or beyond the end, for nowhere
	oldest   int     // of unpacked, the next one to go
	recent   [2]int  // of unpacked, those asked for last
}

const (
	// packedLines and packedBytes bound a block: what is unpacked at once.
	packedLines = 64
	packedBytes = 32 << 10
	// unpackedBlocks is how many blocks stay unpacked: completions look back at invocations, and the
	// history of a short run is gone through again and again. They take some
	// 2 MB.
	unpackedBlocks = 64
)

// opShape is what many lines have in common.
type opShape struct {
	kind                                          OpType
	f                                             Function
	client, failed, acks, group, isolation, reset string
	final, keyed, odd, plain                      bool
}

// oddFields are what few lines have.
type oddFields struct {
	keys      []string
	rebalance *RebalanceLog
}

// packedBlock is some lines on end.
type packedBlock struct {
	numbers, text string
	first         int        // its first line
	since         model.Time // the time of the line before
	packedCounts
}

// packedCounts is how much a block unpacks to.
type packedCounts struct{ lines, mops, offsets, polled, records int32 }

// packing is a block that still grows.
type packing struct {
	numbers, text []byte
	last          model.Time // of its last line
	since         model.Time
	packedCounts
}

// packedPlace is where the text of a line begins.
type packedPlace struct {
	block, at int
	known     bool
}

// unpackedBlock is a block as it is asked for.
type unpackedBlock struct {
	block, first int
	ops          []Op // none where nothing is unpacked
}

// indexJump says that from a line on Index is its place and so many more.
type indexJump struct{ line, more int }

// Len implements Operations.
func (p *PackedHistory) Len() int { return p.n }

// Append adds a copy of op as the last line. Time must not go back.
func (p *PackedHistory) Append(op *Op) {
	t := &p.tail
	place := packedPlace{len(p.blocks), len(t.text), true}
	shape := opShape{
		op.Type, op.F, op.Client, op.Error, op.Acks, op.Group, op.Isolation, op.Why,
		op.Final, op.RecordKey != "", op.Keys != nil || op.Rebalance != nil, op.plain(),
	}
	b := binary.AppendUvarint(t.numbers, p.shape(shape))
	b = binary.AppendVarint(b, int64(op.Time-t.last))
	b = binary.AppendVarint(b, int64(op.Process))
	if shape.plain {
		b = p.appendSend(b, op)
	} else {
		b = p.appendValue(b, op)
	}
	if shape.keyed {
		b = t.appendText(b, op.RecordKey)
	}
	if shape.odd {
		if p.odd == nil {
			p.odd = map[int]oddFields{}
		}
		p.odd[p.n] = oddFields{op.Keys, op.Rebalance}
	}
	t.numbers, t.last = b, op.Time
	t.lines++
	t.mops += int32(len(op.Value))
	t.offsets += int32(len(op.Offsets))
	p.n++
	if op.Type == Invoke {
		p.remember(op.Process, place)
	}
	if t.lines == packedLines || len(t.numbers)+len(t.text) >= packedBytes {
		p.seal()
	}
}

// appendIndexed is Append that keeps Index, which must grow.
func (p *PackedHistory) appendIndexed(op *Op) {
	more := 0
	if n := len(p.jumps); n > 0 {
		more = p.jumps[n-1].more
	}
	if op.Index != p.n+more {
		p.jumps = append(p.jumps, indexJump{p.n, op.Index - p.n})
	}
	p.Append(op)
}

// index is Index of a line.
func (p *PackedHistory) index(line int) int {
	at := sort.Search(len(p.jumps), func(i int) bool { return p.jumps[i].line > line })
	if at == 0 {
		return line
	}
	return line + p.jumps[at-1].more
}

// seal ends the block that grows.
func (p *PackedHistory) seal() {
	t := &p.tail
	p.blocks = append(p.blocks, p.growing())
	*t = packing{numbers: t.numbers[:0], text: t.text[:0], last: t.last, since: t.last}
}

// growing is the block that grows, as it is now.
func (p *PackedHistory) growing() packedBlock {
	t := &p.tail
	return packedBlock{
		string(t.numbers), string(t.text), p.n - int(t.lines), t.since, t.packedCounts,
	}
}

// remember notes where the text of a process's invocation begins.
func (p *PackedHistory) remember(process int, place packedPlace) {
	if process < 0 || process > p.n {
		return // no number of a recorder's
	}
	for len(p.invoked) <= process {
		p.invoked = append(p.invoked, packedPlace{})
	}
	p.invoked[process] = place
}

// plain tells whether op is the send of one record, as most are.
func (op *Op) plain() bool {
	return len(op.Value) == 1 && op.Value[0].F == FSend && len(op.Value[0].Polled) == 0 &&
		len(op.Offsets) == 0 && (op.Type != Invoke || op.Value[0].Offset == NoOffset)
}

// appendSend appends a plain send.
func (p *PackedHistory) appendSend(b []byte, op *Op) []byte {
	b, again := p.appendAgain(b, op)
	m := &op.Value[0]
	b = binary.AppendUvarint(b, p.key(m.Key))
	if op.Type != Invoke {
		b = binary.AppendVarint(b, int64(m.Offset))
	}
	return p.tail.appendValue(b, m.Value, again)
}

// appendAgain appends where the values of op stand already, those of its invocation, or 0.
func (p *PackedHistory) appendAgain(b []byte, op *Op) (numbers []byte, again bool) {
	from, again := p.sameText(op)
	if !again {
		return append(b, 0), false
	}
	b = binary.AppendUvarint(b, uint64(1+len(p.blocks)-from.block))
	return binary.AppendUvarint(b, uint64(from.at)), true
}

// appendValue appends the micro-operations and the offsets of op.
func (p *PackedHistory) appendValue(b []byte, op *Op) []byte {
	b = binary.AppendUvarint(b, uint64(len(op.Offsets)))
	for _, o := range op.Offsets {
		b = binary.AppendVarint(binary.AppendUvarint(b, p.key(o.Key)), int64(o.Offset))
	}
	b = binary.AppendUvarint(b, uint64(len(op.Value)))
	if len(op.Value) == 0 {
		return b
	}
	b, again := p.appendAgain(b, op)
	for i := range op.Value {
		m := &op.Value[i]
		b = append(b, mopFlag(m.F))
		b = binary.AppendUvarint(b, p.key(m.Key))
		b = binary.AppendVarint(b, int64(m.Offset))
		b = p.tail.appendValue(b, m.Value, again)
		b = binary.AppendUvarint(b, uint64(len(m.Polled)))
		p.tail.polled += int32(len(m.Polled))
		for j := range m.Polled {
			b = p.appendPolled(b, &m.Polled[j])
		}
	}
	return b
}

func (p *PackedHistory) appendPolled(b []byte, polled *PolledRecords) []byte {
	b = binary.AppendUvarint(b, p.key(polled.Key))
	b = binary.AppendUvarint(b, uint64(len(polled.Records)))
	p.tail.records += int32(len(polled.Records))
	before := Offset(0)
	for i := range polled.Records {
		rec := &polled.Records[i]
		b = binary.AppendVarint(b, int64(rec.Offset-before))
		b = p.tail.appendText(b, rec.Value)
		before = rec.Offset
	}
	return b
}

// sameText tells whether the values of a completion are those of its invocation, and where those
// are.
func (p *PackedHistory) sameText(op *Op) (from packedPlace, same bool) {
	if op.Type == Invoke || op.Process < 0 || op.Process >= len(p.invoked) {
		return from, false
	}
	from = p.invoked[op.Process]
	at := from.at
	for i := range op.Value {
		value := op.Value[i].Value
		end := at + len(value)
		switch {
		case !from.known:
			return from, false
		case from.block < len(p.blocks):
			text := p.blocks[from.block].text
			same = end <= len(text) && text[at:end] == value
		default:
			text := p.tail.text
			same = end <= len(text) && string(text[at:end]) == value
		}
		if !same {
			return from, false
		}
		at = end
	}
	return from, at > from.at
}

// appendText keeps text and appends its length to the numbers b.
func (t *packing) appendText(b []byte, text string) []byte {
	t.text = append(t.text, text...)
	return binary.AppendUvarint(b, uint64(len(text)))
}

// appendValue is appendText, unless the text is there already.
func (t *packing) appendValue(b []byte, text string, again bool) []byte {
	if again {
		return binary.AppendUvarint(b, uint64(len(text)))
	}
	return t.appendText(b, text)
}

func (p *PackedHistory) shape(s opShape) uint64 {
	for _, n := range p.frequent {
		if n > 0 && p.shapes[n-1] == s {
			return n - 1
		}
	}
	n, known := p.shapeOf[s]
	if !known {
		if p.shapeOf == nil {
			p.shapeOf = map[opShape]uint64{}
		}
		n = uint64(len(p.shapes))
		p.shapes, p.shapeOf[s] = append(p.shapes, s), n
	}
	copy(p.frequent[1:], p.frequent[:])
	p.frequent[0] = n + 1
	return n
}

func (p *PackedHistory) key(tp TopicPartition) uint64 {
	n, known := p.keyOf[tp]
	if !known {
		if p.keyOf == nil {
			p.keyOf = map[TopicPartition]uint64{}
		}
		n = uint64(len(p.keys))
		p.keys, p.keyOf[tp] = append(p.keys, tp), n
	}
	return n
}

// At implements Operations.
func (p *PackedHistory) At(i int) *Op {
	if i < 0 || i >= p.n {
		panic("kafka: a line beyond the end of the history")
	}
	for _, n := range p.recent {
		if n >= len(p.unpacked) {
			break
		}
		if u := &p.unpacked[n]; uint(i-u.first) < uint(len(u.ops)) {
			return &u.ops[i-u.first]
		}
	}
	block := sort.Search(len(p.blocks), func(b int) bool { return p.blocks[b].first > i }) - 1
	if last := len(p.blocks) - 1; block == last && p.n-int(p.tail.lines) <= i {
		block = len(p.blocks)
	}
	u := p.unpackedOf(block, i)
	return &u.ops[i-u.first]
}

// unpackedOf is a block unpacked, which has line i.
func (p *PackedHistory) unpackedOf(block, i int) *unpackedBlock {
	for len(p.slots) <= block {
		p.slots = append(p.slots, -1)
	}
	slot := int(p.slots[block])
	if slot < 0 {
		slot = p.oldest
		p.oldest = (p.oldest + 1) % unpackedBlocks
		if slot == len(p.unpacked) {
			p.unpacked = append(p.unpacked, unpackedBlock{})
		} else {
			p.slots[p.unpacked[slot].block] = -1
		}
		p.slots[block] = int32(slot)
		p.unpacked[slot] = unpackedBlock{block: block}
	}
	u := &p.unpacked[slot]
	if uint(i-u.first) >= uint(len(u.ops)) { // new, or the tail, which has grown
		var packed packedBlock
		if block < len(p.blocks) {
			packed = p.blocks[block]
		} else {
			packed = p.growing()
		}
		u.first, u.ops = packed.first, p.unpack(block, &packed)
	}
	p.recent[0], p.recent[1] = slot, p.recent[0]
	return u
}
