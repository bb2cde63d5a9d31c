package model

// Note is what a process reports about itself for the trace, such as "this broker leads the
// partition now". The kernel hashes and writes it and understands nothing of it; what notes there
// are is up to the protocol that the processes speak (model/kafka has those of Kafka).
type Note interface {
	// KindName is the kind of the note's line in the trace.
	KindName() string
	// AppendJSON appends the note's fields to a line of the trace, each with a leading comma.
	AppendJSON(b []byte) []byte
	// Sum mixes everything that AppendJSON would write into the running hash h.
	Sum(h uint64) uint64
}

// ProgressNote is a Note that may say no more than how far something has come.
type ProgressNote interface {
	Note
	// IsProgress is false for a note that says something else.
	IsProgress() bool
	// Place is what such notes of the same thing have in common: the note without how far it has come.
	Place() Note
}

// NoteCopier is a Note that is used again: what is kept of it has to be a copy.
type NoteCopier interface{ CopyNote() Note }

// Op is one line of a history: the start or the outcome of something that a client asked for. As
// with notes, the kernel only hashes it and hands it on.
type Op interface {
	// Sum mixes the operation into the running hash h.
	Sum(h uint64) uint64
}
