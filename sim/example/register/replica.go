package main

import (
	"encoding/binary"
	"io"

	"sandcastle/model"
)

// replica keeps the highest value that it was told of in a file.
type replica struct {
	file  model.File
	value uint64
	// early is a mistake: the answer to store does not wait for the disk.
	early bool
}

const path = "value"

// newReplica makes the process of a node that starts. Its disk holds what the last flush before
// the crash made durable, and perhaps more.
func newReplica(boot model.Boot, early bool) *replica {
	file, err := boot.Disk.Open(path)
	if err != nil {
		panic(err) // nothing breaks disks here
	}
	r := &replica{file: file, early: early}
	var b [16]byte
	if _, err := file.ReadAt(b[:], 0); err != nil && err != io.EOF {
		panic(err)
	}
	// A file that grew when the power failed may hold garbage. That can only be the first value, which
	// was not flushed and so not acknowledged: later ones replace it within a sector, and a sector is
	// written whole or not at all.
	value := binary.BigEndian.Uint64(b[:])
	if binary.BigEndian.Uint64(b[8:]) == checksum(value) {
		r.value = value
	}
	return r
}

func checksum(value uint64) uint64 { return model.SumUint(1, value) }

// Step implements model.Process.
func (r *replica) Step(in model.Event, out *model.Effects) {
	if in.Kind != model.FrameReceived {
		return
	}
	switch m := parse(in.Data); m.verb {
	case "fetch":
		answer := message{"fetched", m.round, r.value}
		out.Send(in.Conn, answer.frame(), answer.label())
	case "store":
		r.store(m.value)
		answer := message{"stored", m.round, r.value}
		if r.early {
			out.Send(in.Conn, answer.frame(), answer.label())
			out.Flush(path, 0)
			return
		}
		// A write is in the page cache alone until it is flushed. What promises that it stays goes out
		// when the flush is done; if the power fails before, it never does. The flush is needed even
		// if the value was known: the one that brought it may not be done.
		out.Flush(path, 0, model.Effect{
			Kind: model.EffectSend, Conn: in.Conn, Data: answer.frame(), Label: answer.label(),
		})
	}
}

func (r *replica) store(value uint64) {
	if value <= r.value {
		return
	}
	r.value = value
	b := binary.BigEndian.AppendUint64(nil, value)
	if _, err := r.file.WriteAt(binary.BigEndian.AppendUint64(b, checksum(value)), 0); err != nil {
		panic(err)
	}
}
