package scenarios

import (
	"strconv"
	"strings"

	"sandcastle/broker/client"
	"sandcastle/model"
)

// Records are the records that a producer of a scenario sends, one after the other: the same for
// every run with the same seed.
type Records struct {
	cfg     *Producer
	rand    *model.Rand // of keys
	n       int         // of the next one
	padding string
	// What the next records are made of: one allocation serves many.
	sends []client.Send
	text  []byte
}

// recordsAtOnce is how many records share their memory.
const recordsAtOnce = 32

// room is empty memory for n bytes.
func (r *Records) room(n int) []byte {
	if len(r.text) < n {
		r.text = make([]byte, max(n, recordsAtOnce*(max(int(r.cfg.Size), 16)+8)))
	}
	b := r.text[:0:n]
	r.text = r.text[n:]
	return b
}

// NewRecords begins with the producer's first record.
func NewRecords(p *Producer, seed uint64) *Records {
	return &Records{cfg: p, rand: model.NewRand(seed, "keys "+p.Name)}
}

// More tells whether there is a record at all; time may end them before.
func (r *Records) More() bool {
	limit := r.cfg.Count
	if n := len(r.cfg.Values); n > 0 {
		limit = n
	}
	return limit == 0 || r.n < limit
}

// Advance goes on to the next record.
func (r *Records) Advance() { r.n++ }

// partitionOf is where the letters send a value, −1 if they do not say.
func (p *Producer) partitionOf(value []byte) int32 {
	at := int32(client.AnyPartition)
	for _, l := range p.Letters {
		if first := value[0] &^ 0x20; l.From <= first && first <= l.To {
			at = int32(l.Partition)
		}
	}
	return at
}

// Make makes the record: a value that no other record has, padded to its size. Its partition is −1
// where its key, or nothing, decides.
func (r *Records) Make() *client.Send {
	if len(r.sends) == 0 {
		r.sends = make([]client.Send, recordsAtOnce)
	}
	c := &r.sends[0]
	r.sends = r.sends[1:]
	c.Topic = r.cfg.Topic
	given := r.n < len(r.cfg.Values) // a `send` may ask for more than there are
	if given {
		c.Value = []byte(r.cfg.Values[r.n])
	} else {
		c.Value = r.room(max(int(r.cfg.Size), 16))
		c.Value = strconv.AppendInt(append(append(c.Value, r.cfg.Name...), '-'), int64(r.n), 10)
	}
	c.Partition = r.cfg.partitionOf(c.Value)
	if pad := int(r.cfg.Size) - len(c.Value); pad > 0 && !given {
		if r.padding == "" {
			r.padding = strings.Repeat(" ", int(r.cfg.Size))
		}
		c.Value = append(c.Value, r.padding[:pad]...)
	}
	if r.cfg.Keys > 0 {
		c.Key = strconv.AppendUint(append(r.room(8), 'k'), r.rand.Below(uint64(r.cfg.Keys)), 10)
	}
	return c
}
