package sim

import (
	"math/bits"

	"sandcastle/model"
)

// digest is the rolling hash over everything that was executed. Two runs with equal digests did the
// same things in the same order.
type digest struct {
	sum  uint64
	mark uint64 // events between checkpoints
	past []uint64
}

// add mixes one executed event in: four words, two multiplications.
func (d *digest) add(at, seq, kind, content uint64) {
	hi, lo := bits.Mul64(d.sum^at^0xa0761d6478bd642f, seq^kind<<48^0xe7037ed1a0b428db)
	hi2, lo2 := bits.Mul64(hi^lo^content, 0x8ebc6af09c88c6e3)
	d.sum = hi2 ^ lo2
}

// checkpoint remembers the sum after every mark events.
func (d *digest) checkpoint(events uint64) {
	if events%d.mark == 0 {
		d.past = append(d.past, d.sum)
	}
}

// contentSum hashes what an event carries.
func contentSum(e *model.Event) uint64 {
	sum := uint64(e.Conn) ^ e.Token<<32 ^ uint64(e.Timer.Kind)<<48 ^ e.Timer.ID
	if len(e.Data) > 0 {
		sum = model.Sum64(sum, e.Data)
	}
	if e.Text != "" {
		sum = model.SumString(sum, e.Text)
	}
	if e.Command != nil {
		sum = model.SumUint(sum, e.Command.Sum())
	}
	return sum
}

// noteSum mixes a note in, with every field that a trace could show.
func noteSum(h uint64, n *model.Note) uint64 {
	h = model.SumUint(h, uint64(n.Kind)<<32|uint64(uint32(n.Partition)))
	h = model.SumUint(h, uint64(uint32(n.Broker))<<32|uint64(uint32(n.Epoch)))
	h = model.SumUint(h, uint64(n.Offset)^uint64(uint32(n.Generation))<<32)
	for _, s := range [...]string{n.Topic, n.Group, n.Member, n.Text} {
		if s != "" {
			h = model.SumString(h, s)
		}
	}
	for _, id := range n.Brokers {
		h = model.SumUint(h, uint64(id))
	}
	for _, tp := range n.Partitions {
		h = keySum(h, tp)
	}
	return h
}

// opSum mixes a line of the history in.
func opSum(h uint64, op *model.Op) uint64 {
	h = model.SumString(model.SumString(model.SumUint(h, op.ID), string(op.Type)), string(op.F))
	if op.Error != "" {
		h = model.SumString(h, op.Error)
	}
	for i := range op.Value {
		m := &op.Value[i]
		h = model.SumString(model.SumUint(keySum(h, m.Key), uint64(m.Offset)), m.Value)
		for _, polled := range m.Polled {
			h = keySum(h, polled.Key)
			for j := range polled.Records {
				h = model.SumString(model.SumUint(h, uint64(polled.Records[j].Offset)), polled.Records[j].Value)
			}
		}
	}
	for _, key := range op.Keys {
		h = model.SumString(h, key)
	}
	for _, o := range op.Offsets {
		h = model.SumUint(keySum(h, o.Key), uint64(o.Offset))
	}
	return h
}

func keySum(h uint64, tp model.TopicPartition) uint64 {
	return model.SumUint(model.SumString(h, tp.Topic), uint64(uint32(tp.Partition)))
}
