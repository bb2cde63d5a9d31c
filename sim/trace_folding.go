package sim

import (
	"bytes"
	"cmp"
	"slices"

	"sandcastle/model"
)

const (
	// quietAfter is how many lines in a row have to be no news before those that repeat are folded:
	// ten seconds of a producer at 200 records a second.
	quietAfter = 20_000
	// mostRepeated bounds how many different events are told apart while it is quiet.
	mostRepeated = 4096
	// progressFor is how long progress is counted before it is told, so that whoever draws it has ten
	// points a second.
	progressFor = model.Time(100e6)
)

// folding leaves out of a trace what only repeats. News is everything that changes something:
// notes, faults, connections, lost frames. Where only frames, timers, flushes, commands and
// notes of progress have followed one another for long, each that came before, but for its numbers,
// is counted. When something else happens, or progress was last told a while ago, the counts go out
// as one line each, in the order of their last events, before it.
//
//	events   … F1 T1 F2 T2 F3 T3 … F99 T99 note
//	trace    … F1 T1 F99 (count 98, first F2) T99 (count 98, first T2) note
//
// The hash of a run is that of its events, not of these lines.
type folding struct {
	quiet    int // lines since the last news
	repeated map[string]*repeatedLine
	key, b   []byte
	pending  []*repeatedLine // those counted since lines were last written
	// moving says that progress is among them, or commands, and began when the first of them was.
	moving bool
	began  model.Time
}

// repeatedLine is an event that repeats.
type repeatedLine struct {
	line model.TraceLine // the last of those counted, with their count; 0 for none
}

// news tells whether l is no event that a quiet world has.
func news(l *model.TraceLine) bool {
	switch l.Kind {
	case model.FrameReceived.String(), model.TimerFired.String(), model.Flushed.String(),
		model.Commanded.String():
		return false
	}
	return !progress(l)
}

// progress tells whether l is a note that only says how far something has come.
func progress(l *model.TraceLine) bool {
	n, ok := l.Note.(model.ProgressNote)
	return ok && n.IsProgress()
}

// takes tells whether l was counted, and need not be written. write is given what has to be written
// before l otherwise.
func (f *folding) takes(l *model.TraceLine, write func(*model.TraceLine)) bool {
	if news(l) {
		f.flush(write)
		f.quiet = 0
		clear(f.repeated)
		return false
	}
	if f.quiet++; f.quiet <= quietAfter {
		return false
	}
	if len(f.pending) > 0 && f.moving && l.At-f.began >= progressFor {
		f.flush(write)
	}
	f.key = repeatKey(f.key[:0], l)
	r := f.repeated[string(f.key)]
	if r == nil {
		f.flush(write)
		if f.repeated == nil || len(f.repeated) >= mostRepeated {
			f.repeated = map[string]*repeatedLine{}
		}
		f.repeated[string(f.key)] = &repeatedLine{}
		return false
	}
	f.count(r, l)
	return true
}

// count takes l in as one more of r. The sum is over all that differs between them.
func (f *folding) count(r *repeatedLine, l *model.TraceLine) {
	before := r.line
	if before.Count == 0 {
		before.First = l.At
		if len(f.pending) == 0 {
			f.began = l.At
		}
		f.pending = append(f.pending, r)
	}
	f.moving = f.moving || l.Kind == model.Commanded.String() || progress(l)
	f.b = l.AppendJSON(f.b[:0])
	r.line = *l
	if c, ok := l.Note.(model.NoteCopier); ok {
		r.line.Note = c.CopyNote()
	}
	r.line.Count, r.line.First = before.Count+1, before.First
	r.line.Sum = model.Sum64(before.Sum, f.b)
}

// flush writes what was counted.
func (f *folding) flush(write func(*model.TraceLine)) {
	if len(f.pending) == 0 {
		return
	}
	slices.SortStableFunc(f.pending, func(a, b *repeatedLine) int {
		return cmp.Compare(a.line.Seq, b.line.Seq)
	})
	for _, r := range f.pending {
		write(&r.line)
		r.line = model.TraceLine{}
	}
	clear(f.pending)
	f.pending, f.moving = f.pending[:0], false
}

// repeatKey appends what lines have in common that repeat: all but times, numbers of events,
// messages and timers, sizes, how far something has come, and numbers in words.
func repeatKey(b []byte, l *model.TraceLine) []byte {
	key := *l
	key.At, key.Seq, key.Cause, key.Sent, key.Label.Correlation = 0, 0, 0, 0, 0
	key.Bytes, key.Timer.ID = min(key.Bytes, 1), 0
	if progress(l) {
		key.Note = l.Note.(model.ProgressNote).Place()
	}
	from := len(b)
	b = key.AppendJSON(b)
	words := b[from:]
	at := max(0, bytes.LastIndex(words, []byte(`,"text":`)))
	if at == 0 {
		return b
	}
	n := at
	for i := at; i < len(words); i++ {
		if c := words[i]; c < '0' || c > '9' {
			words[n] = c
			n++
		} else if n == at || words[n-1] != '#' {
			words[n] = '#'
			n++
		}
	}
	return b[:from+n]
}
