package tools

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"sync"

	"sandcastle/broker/client"
	"sandcastle/broker/host"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// delivery follows every record from the command line to its acknowledgement, and lets only so many
// be on their way that memory stays bounded.
type delivery struct {
	keyBehind []byte
	null      bool
	errs      io.Writer
	out       *outbox // nil unless every acknowledgement is printed

	mu      sync.Mutex
	changed *sync.Cond
	stopped bool
	sent    uint64   // records so far; each has its number, from 1 on
	ended   uint64   // those with an outcome
	bytes   int      // of those without
	sizes   []uint32 // of the records from number first on; 0 for those with an outcome
	first   uint64
	refused uint64 // those that were not accepted
	why     string // the first of them was not
}

const (
	// deliveryRoom is how many bytes of records may be without an outcome.
	deliveryRoom = 16 << 20
	// recordCost is what a record costs beyond its bytes.
	recordCost = 64
	// complaints is how many records that were not accepted are named one by one.
	complaints = 10
)

func newDelivery(p *Produce, s Streams) *delivery {
	d := &delivery{null: p.Null, errs: s.Err, first: 1}
	d.keyBehind, _ = unescape("", p.KeyBehind)
	d.changed = sync.NewCond(&d.mu)
	if p.Verbose {
		d.out = newOutbox(s.Out, nil)
	}
	return d
}

// send hands the producer a record as soon as there is room. It returns false when no further
// records are wanted.
func (d *delivery) send(p *host.Node, template *client.Send, line []byte) bool {
	c := *template
	c.Value = line
	if len(d.keyBehind) > 0 {
		if key, value, ok := bytes.Cut(line, d.keyBehind); ok {
			c.Key, c.Value = key, value
		}
	}
	if d.null && len(c.Value) == 0 {
		c.Value = nil
	}
	if d.null && len(c.Key) == 0 {
		c.Key = nil
	}
	if d.out != nil && !d.out.wait() {
		return false
	}
	size := len(line) + recordCost
	d.mu.Lock()
	for d.bytes > 0 && d.bytes+size > deliveryRoom && !d.stopped {
		d.changed.Wait()
	}
	if d.stopped {
		d.mu.Unlock()
		return false
	}
	d.sent++
	d.bytes += size
	d.sizes = append(d.sizes, uint32(size))
	d.mu.Unlock()
	p.Command(&c)
	return true
}

// onOp is called for every operation of the producer, whose IDs number the records in the order of
// the sends.
func (d *delivery) onOp(_ model.Time, op *kafka.Op) {
	if op.Type == kafka.Invoke {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended++
	if at := op.ID - d.first; op.ID >= d.first && at < uint64(len(d.sizes)) {
		d.bytes -= int(d.sizes[at])
		d.sizes[at] = 0
		for len(d.sizes) > 0 && d.sizes[0] == 0 {
			d.sizes, d.first = d.sizes[1:], d.first+1
		}
	}
	if op.Type != kafka.OK {
		d.complain(op)
	} else if d.out != nil {
		d.print(op)
	}
	d.changed.Broadcast()
}

func (d *delivery) complain(op *kafka.Op) {
	why := op.Error
	if op.Type == kafka.Info {
		why += " (it may have been appended all the same)"
	}
	if d.refused++; d.refused == 1 {
		d.why = why
	}
	if d.refused <= complaints {
		fmt.Fprintf(d.errs, "%% record %d: %s\n", op.ID, why)
	}
}

func (d *delivery) print(op *kafka.Op) {
	m := &op.Value[0]
	d.out.add(func(b []byte) []byte {
		b = strconv.AppendInt(b, int64(m.Key.Partition), 10)
		b = append(b, '@')
		b = strconv.AppendInt(b, int64(m.Offset), 10)
		return append(b, '\n')
	})
}

// noReader is closed when nobody reads the acknowledgements any longer.
func (d *delivery) noReader() <-chan struct{} {
	if d.out == nil {
		return nil
	}
	return d.out.failed
}

// stop takes no further records.
func (d *delivery) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	d.changed.Broadcast()
}

// wait returns when every record has its outcome.
func (d *delivery) wait() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.ended < d.sent {
		d.changed.Wait()
	}
}

// finish says how it went.
func (d *delivery) finish() error {
	if d.out != nil {
		if err := d.out.close(); err != nil && !brokenPipe(err) {
			return refused("cannot write: %s", model.PlainCause(err))
		}
	}
	if d.refused > 0 {
		return refused("%d of %d records were not accepted: %s", d.refused, d.sent, d.why)
	}
	return nil
}
