package sim

import (
	"errors"
	"time"

	"sandcastle/model"
)

// DiskFault is what is wrong with a disk.
type DiskFault uint8

const (
	// DiskSound is a disk as it should be.
	DiskSound DiskFault = iota
	// DiskFull refuses whatever makes a file longer, or new.
	DiskFull
	// DiskFailing refuses everything, as after an I/O error that does not go away.
	DiskFailing
	// FlushFailing takes writes and refuses flushes: what the page cache holds never gets further.
	FlushFailing
)

// String names the fault as the trace does.
func (f DiskFault) String() string {
	return [...]string{"sound", "full", "failing", "flush-failing"}[f]
}

// diskOp is what a process does with its disk, as far as faults tell it apart.
type diskOp uint8

const (
	opRead  diskOp = iota
	opWrite        // in place, a rename, a truncation
	opGrow         // a write that makes a file longer or new
	opFlush
)

// The errors of a disk, in the words of the operating system.
var (
	errNoSpace = errors.New("no space left on device")
	errIO      = errors.New("input/output error")
)

// failing is the error that op meets now.
func (d *Disk) failing(op diskOp) error {
	if d == nil {
		return nil
	}
	d.used = true
	if d.fault == DiskSound {
		return nil
	}
	switch {
	case d.fault == DiskFailing, d.fault == FlushFailing && op == opFlush:
		return errIO
	case d.fault == DiskFull && op == opGrow:
		return errNoSpace
	default:
		return nil
	}
}

// Fails tells whether every use of the disk is an error now.
func (d *Disk) Fails() bool { return d.failing(opRead) != nil }

// BreakDisk gives the disk of a node a fault.
func (w *World) BreakDisk(id model.NodeID, fault DiskFault) {
	w.Fault(model.Fault{Verb: model.FaultDisk, Node: id, Detail: fault.String()})
	w.node(id).disk.fault = fault
	if w.audit != nil {
		w.audit.breaks(w.node(id), fault)
	}
}

// SlowDisk makes every use of the disk of a node take so much longer: what a step that reads or
// writes sends leaves the node so much later, and a flush is done so much later. Steps that need no
// disk are as quick as ever, as the threads are that do not wait for it.
func (w *World) SlowDisk(id model.NodeID, by time.Duration) {
	w.Fault(model.Fault{Verb: model.FaultSlowDisk, Node: id, By: by})
	w.node(id).disk.late = by
}

// QuickenDisk ends SlowDisk.
func (w *World) QuickenDisk(id model.NodeID) {
	if d := w.node(id).disk; d.late > 0 {
		w.FaultEnded(model.Fault{Verb: model.FaultSlowDisk, Node: id, By: d.late})
		d.late = 0
	}
}

// MendDisk ends BreakDisk. What was refused is not made up for.
func (w *World) MendDisk(id model.NodeID) {
	d := w.node(id).disk
	if d.fault != DiskSound {
		w.FaultEnded(model.Fault{Verb: model.FaultDisk, Node: id, Detail: d.fault.String()})
		d.fault = DiskSound
		if w.audit != nil {
			w.audit.mends(w.node(id))
		}
	}
}

// WipeDisk empties the disk of a node that does not run, as a replaced disk is empty.
func (w *World) WipeDisk(id model.NodeID) {
	n := w.node(id)
	if n.state == running || n.state == paused {
		panic("sim: the disk of " + string(id) + " is wiped while a process has it")
	}
	w.Fault(model.Fault{Verb: model.FaultWipe, Node: id})
	d := n.disk
	d.files, d.names, d.journal = map[string]*File{}, nil, nil
	d.rotten, d.astray, d.strays.left = false, false, 0
	d.losses++
}
