package sim

import (
	"strconv"

	"sandcastle/model"
)

// remark is a note of the tests: a number.
type remark int

func (r remark) KindName() string { return "remark" }

func (r remark) AppendJSON(b []byte) []byte {
	return strconv.AppendInt(append(b, `,"number":`...), int64(r), 10)
}

func (r remark) Sum(h uint64) uint64 { return model.SumUint(h, uint64(r)) }

// reached is a note of the tests that says how far something has come.
type reached struct{ remark }

func (r reached) IsProgress() bool { return true }

func (r reached) Place() model.Note { return reached{} }

// step is an operation of the tests: a number, too.
type step int

func (s step) Sum(h uint64) uint64 { return model.SumUint(h, uint64(s)) }
