package replica

import "sandcastle/model"

// delayed is a request that waits for something, but not for ever.
type delayed interface {
	// onDeadline ends the wait that was entered for this turn, unless the request was answered already
	// and its memory, it may be, serves another since.
	onDeadline(out *model.Effects, turn uint64)
}

// deadlines orders parked requests by the time at which they give up. A request that is answered in
// time stays in the heap until its deadline: taking it out would cost more than the wait.
type deadlines struct {
	kind  uint32     // of their timer
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

func (d *deadlines) add(out *model.Effects, at model.Time, op delayed, turn uint64) {
	d.seq++
	d.heap = append(d.heap, deadline{at, d.seq, op, turn})
	for i := len(d.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !d.heap[i].before(&d.heap[parent]) {
			break
		}
		d.heap[i], d.heap[parent] = d.heap[parent], d.heap[i]
		i = parent
	}
	d.arm(out)
}

// pop removes the earliest.
func (d *deadlines) pop() deadline {
	h := d.heap
	first, last := h[0], len(h)-1
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
	return first
}

func (d *deadlines) arm(out *model.Effects) {
	if len(d.heap) > 0 && d.heap[0].at < d.armed {
		d.armed = d.heap[0].at
		out.SetTimer(model.Timer{Kind: d.kind}, d.armed)
	}
}

func (d *deadlines) onTimer(out *model.Effects) {
	d.armed = model.Never
	for len(d.heap) > 0 && d.heap[0].at <= out.Now {
		late := d.pop()
		late.op.onDeadline(out, late.turn)
	}
	d.arm(out)
}
