package sim

import "sandcastle/model"

// what says what a scheduled item is.
type what uint8

const (
	itemPacket what = iota + 1 // arg: a packet
	itemTimer                  // arg: a timer slot and its generation
	itemReady                  // the node can take its next event; arg: its turn
	itemFlush                  // arg: a flush
	itemCall                   // arg: a function of the runner
)

// item is one scheduled happening: a value of 32 bytes.
type item struct {
	at   model.Time
	seq  uint64 // breaks ties: first scheduled, first executed
	arg  uint64
	node int32
	what what
}

func (a *item) before(b *item) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

// kernel is the queue of everything that is going to happen: a heap of four children a node, of
// values, so that nothing is allocated per event. Its clock moves only when an item is taken.
type kernel struct {
	heap []item
	seq  uint64
	now  model.Time
}

// schedule adds an item; what lies in the past happens now.
func (k *kernel) schedule(at model.Time, w what, node int32, arg uint64) {
	k.seq++
	k.heap = append(k.heap, item{at: max(at, k.now), seq: k.seq, arg: arg, node: node, what: w})
	k.up(len(k.heap) - 1)
}

// next takes the earliest item and moves the clock to it.
func (k *kernel) next() (item, bool) {
	if len(k.heap) == 0 {
		return item{}, false
	}
	first := k.heap[0]
	last := len(k.heap) - 1
	k.heap[0] = k.heap[last]
	k.heap = k.heap[:last]
	if last > 0 {
		k.down(0)
	}
	k.now = first.at
	return first, true
}

// nextAt is when the next item is due, or Never.
func (k *kernel) nextAt() model.Time {
	if len(k.heap) == 0 {
		return model.Never
	}
	return k.heap[0].at
}

// keep drops every item that dead says is void and orders the rest anew.
func (k *kernel) keep(dead func(*item) bool) {
	n := 0
	for i := range k.heap {
		if !dead(&k.heap[i]) {
			k.heap[n] = k.heap[i]
			n++
		}
	}
	k.heap = k.heap[:n]
	for i := (n - 2) / 4; i >= 0 && n > 1; i-- {
		k.down(i)
	}
}

func (k *kernel) up(i int) {
	h := k.heap
	x := h[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !x.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = x
}

func (k *kernel) down(i int) {
	h := k.heap
	x := h[i]
	for {
		first := 4*i + 1
		if first >= len(h) {
			break
		}
		least := first
		for c := first + 1; c < min(first+4, len(h)); c++ {
			if h[c].before(&h[least]) {
				least = c
			}
		}
		if !h[least].before(&x) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = x
}
