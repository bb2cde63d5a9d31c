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

// step is an operation of the tests: a number, too.
type step int

func (s step) Sum(h uint64) uint64 { return model.SumUint(h, uint64(s)) }
