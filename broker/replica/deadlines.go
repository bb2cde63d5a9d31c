package replica

import (
	"slices"
	"time"

	"sandcastle/model"
)

// delayed is a request that waits for something, but not for ever.
type delayed interface {
	// onDeadline ends the wait that was entered for this turn, unless the request was answered already
	// and its memory, it may be, serves another since.
	onDeadline(out *model.Effects, turn uint64)
}

// deadlines orders parked requests by the time at which they give up. A request that is answered in
// time stays until its deadline: taking it out would cost more than the wait.
//
// Those that wait equally long give up in the order in which they came, and nearly all of them wait
// as long as one of a few settings says. The rest go into a heap.
type deadlines struct {
	kind  uint32 // of their timer
	lists [4]deadlineList
	heap  []deadline // of two children a node
	seq   uint64
	armed model.Time // what the timer is set to, or Never
}

type deadline struct {
	at   model.Time
	seq  uint64
	op   delayed
	turn uint64 // which use of op's memory waits
}

func (a *deadline) before(b *deadline) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

// deadlineList is the requests that wait so long, the oldest first.
type deadlineList struct {
	wait   time.Duration
	blocks [][]deadline // none is empty
	taken  int          // of the first block
	spare  []deadline   // memory for a block
}

// deadlineBlock is how many requests stand in a block.
const deadlineBlock = 256

func (l *deadlineList) push(x deadline) {
	last := len(l.blocks) - 1
	if last < 0 || len(l.blocks[last]) == deadlineBlock {
		l.blocks, l.spare = append(l.blocks, l.spare[:0]), nil
		last++
	}
	l.blocks[last] = append(l.blocks[last], x)
}

// first is the oldest, nil for none.
func (l *deadlineList) first() *deadline {
	if len(l.blocks) == 0 {
		return nil
	}
	return &l.blocks[0][l.taken]
}

// pop removes the oldest.
func (l *deadlineList) pop() deadline {
	b := l.blocks[0]
	x := b[l.taken]
	b[l.taken] = deadline{}
	if l.taken++; l.taken == len(b) {
		l.spare, l.taken = b, 0
		l.blocks = slices.Delete(l.blocks, 0, 1)
	}
	return x
}

// add has op give up when wait is over.
func (d *deadlines) add(out *model.Effects, wait time.Duration, op delayed, turn uint64) {
	d.seq++
	x := deadline{out.Now.Add(wait), d.seq, op, turn}
	if l := d.list(wait); l != nil {
		l.push(x)
	} else {
		d.push(x)
	}
	d.arm(out)
}

// list is the list of those that wait so long, nil when it has to be the heap.
func (d *deadlines) list(wait time.Duration) *deadlineList {
	var empty *deadlineList
	for i := range d.lists {
		switch l := &d.lists[i]; {
		case len(l.blocks) == 0:
			empty = l
		case l.wait == wait:
			return l
		}
	}
	if empty != nil {
		empty.wait = wait
	}
	return empty
}

// push adds to the heap.
func (d *deadlines) push(x deadline) {
	d.heap = append(d.heap, x)
	for i := len(d.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !d.heap[i].before(&d.heap[parent]) {
			break
		}
		d.heap[i], d.heap[parent] = d.heap[parent], d.heap[i]
		i = parent
	}
}

// earliest is who gives up first, and the list that it stands in, nil for the heap. There is nobody
// when the first is nil.
func (d *deadlines) earliest() (first *deadline, in *deadlineList) {
	if len(d.heap) > 0 {
		first = &d.heap[0]
	}
	for i := range d.lists {
		l := &d.lists[i]
		if x := l.first(); x != nil && (first == nil || x.before(first)) {
			first, in = x, l
		}
	}
	return first, in
}

// pop removes what earliest has found.
func (d *deadlines) pop(in *deadlineList) deadline {
	if in != nil {
		return in.pop()
	}
	h := d.heap
	x, last := h[0], len(h)-1
	h[0], h[last] = h[last], deadline{}
	h = h[:last]
	d.heap = h
	for i := 0; 2*i+1 < len(h); {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1].before(&h[child]) {
			child++
		}
		if !h[child].before(&h[i]) {
			break
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
	return x
}

func (d *deadlines) arm(out *model.Effects) {
	if first, _ := d.earliest(); first != nil && first.at < d.armed {
		d.armed = first.at
		out.SetTimer(model.Timer{Kind: d.kind}, d.armed)
	}
}

func (d *deadlines) onTimer(out *model.Effects) {
	d.armed = model.Never
	for {
		first, in := d.earliest()
		if first == nil || first.at > out.Now {
			break
		}
		late := d.pop(in)
		late.op.onDeadline(out, late.turn)
	}
	d.arm(out)
}
