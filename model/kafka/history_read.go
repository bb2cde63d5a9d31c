package kafka

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"sandcastle/model"
)

// maxHistoryLine is the longest line that ReadHistory accepts, in bytes.
const maxHistoryLine = 64 << 20

// ReadHistory reads what WriteHistory wrote, and files written by hand: blank lines and lines that
// begin with '#' are skipped; a missing index counts on from the line above, a missing time is one
// nanosecond after it; a completion may stand alone, and then the operation took no time; values
// may be numbers. Fields that nobody knows are skipped unless they look like a misspelt one.
//
// A mistake in the file comes back as *model.InputError with name, line and column; any other error
// is r's.
func ReadHistory(r io.Reader, name string) (History, error) {
	var h History
	reader := newHistoryReader()
	err := reader.read(r, name, func(op *Op) {
		h = append(h, *op)
		reader.lent = lentOp{} // it is kept
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

// ReadAnyHistory is ReadHistory for the histories of others, and for long ones: it also says which
// of their operations are no clients' or are unknown here, and were left out.
func ReadAnyHistory(r io.Reader, name string) (*PackedHistory, []Unread, error) {
	h, reader := &PackedHistory{}, newHistoryReader()
	err := reader.read(r, name, func(op *Op) {
		h.appendIndexed(op)
		reader.lent.again()
	})
	if err != nil {
		return nil, nil, err
	}
	return h, reader.unread, nil
}

func newHistoryReader() *historyReader {
	return &historyReader{open: map[int]openOp{}, index: -1, time: -1}
}

// read reads all lines and tells each of those that are not left out.
func (h *historyReader) read(r io.Reader, name string, each func(*Op)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, historyChunk), maxHistoryLine)
	number := 0
	for lines.Scan() {
		number++
		text := lines.Bytes()
		if number == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if trimmed := bytes.TrimSpace(text); len(trimmed) == 0 || trimmed[0] == '#' {
			continue
		}
		if err := h.line(string(text), number, each); err != nil {
			err.File, err.Line = name, number
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		problem := fmt.Sprintf("the line is longer than %d bytes", maxHistoryLine)
		return &model.InputError{File: name, Line: number + 1, Problem: problem}
	}
	return lines.Err()
}

// openOp is an invocation without a completion so far.
type openOp struct {
	line int
	f    Function
}

// historyReader is what reading one line needs to know of the lines above.
type historyReader struct {
	open   map[int]openOp // by process
	index  int            // of the line above
	time   model.Time     // of the line above
	unread []Unread
	lent   lentOp
}

// opLine is one line being read.
type opLine struct {
	jsonCursor
	lent                          *lentOp
	op                            Op
	hasIndex, hasTime, hasProcess bool
	noClient                      bool   // the process is no number
	seeks                         bool   // an assign goes to the beginning
	value                         int    // the byte where the value begins; 0 for none, −1 for read
	unread                        string // what the line is that is left out, "" for none
	at                            struct{ index, time, process, f int }
}

func (h *historyReader) line(text string, number int, each func(*Op)) *model.InputError {
	l := opLine{jsonCursor: jsonCursor{text: text}, lent: &h.lent}
	l.object(`one JSON object a line, such as {"process":0,"type":"ok","f":"send",`+
		`"value":[["send","orders-0",[5,"v7"]]]}`, l.field)
	if l.err == nil && l.peek() != 0 {
		l.expected("nothing after the object")
	}
	l.complete()
	h.place(&l, number)
	switch {
	case l.err != nil:
	case l.unread != "":
		h.leaveOut(l.unread)
	default:
		each(&l.op)
	}
	return l.err
}

func historyFields() []string {
	return []string{"index", "process", "type", "f", "time", "value", "client", "error", "acks",
		"group", "isolation", "rebalance_log", "final", "record_key", "why", "seek_to_beginning"}
}

func (l *opLine) field(name string, at int) {
	l.peek()
	switch name {
	case "index":
		l.at.index = l.pos
		l.op.Index = int(l.whole("an index: a whole number from 0", -1, math.MaxInt32))
		l.hasIndex = l.op.Index >= 0 // Jepsen writes −1 for none
	case "process":
		l.hasProcess, l.at.process = true, l.pos
		l.process()
	case "time":
		l.at.time = l.pos
		l.op.Time = model.Time(l.whole("a time: whole nanoseconds from 0", -1, math.MaxInt64))
		l.hasTime = l.op.Time >= 0
	case "type":
		l.op.Type = OpType(l.choice("type", string(Invoke), string(OK), string(Fail), string(Info)))
	case "f":
		l.at.f = l.pos
		l.op.F = Function(l.str("f as a word in quotes"))
	case "value":
		early := l.hasProcess && !l.noClient && l.op.F.known() && l.op.F != FCrash
		if early && l.value == 0 {
			l.value = -1
			l.readValue()
			return
		}
		l.value = l.pos
		l.skip() // what it means depends on f and process, which may follow
	case "client":
		l.op.Client = l.str("a client's name in quotes")
	case "error":
		l.op.Error = l.anyText()
	case "acks":
		l.op.Acks = l.scalar("acks in quotes")
	case "group":
		l.op.Group = l.str("a group's name in quotes")
	case "record_key":
		l.op.RecordKey = l.str("a record's key in quotes")
	case "why":
		l.op.Why = l.str("a reason in quotes")
	case "isolation":
		l.op.Isolation = l.choice("isolation", "read_uncommitted", "read_committed")
	case "rebalance_log", "rebalance-log":
		l.op.Rebalance = l.rebalance()
	case "seek_to_beginning", "seek-to-beginning?":
		if l.boolean("true or false") {
			l.seeks = true
		}
	case "final":
		l.op.Final = l.boolean("true or false")
	default:
		if near := model.Misspelt(name, historyFields()); near != "" {
			l.failAt(at, "unknown field "+strconv.Quote(name), "did you mean "+strconv.Quote(near)+"?")
		}
		l.skip()
	}
}

// choice reads one of the words that field can have.
func (l *opLine) choice(field string, words ...string) string {
	l.peek()
	at := l.pos
	word := l.str(field + " as a word in quotes")
	for _, w := range words {
		if w == word {
			return w
		}
	}
	words = slices.Clone(words) // so that those of the calls that go well stay on the stack
	problem := fmt.Sprintf("unknown %s %q: expected one of %q", field, word, words)
	l.failAt(at, problem, model.DidYouMean(word, words))
	return ""
}

// scalar reads a string, or a number as its text.
func (l *opLine) scalar(what string) string {
	if l.peek() == '"' {
		return l.str(what)
	}
	return l.numberText(what)
}

// rebalance reads what changed hands: an object of lists, or Jepsen's list of events, each of which
// names keys.
func (l *opLine) rebalance() *RebalanceLog {
	log := &RebalanceLog{}
	if l.peek() == '[' {
		l.array("a list of events", func() {
			l.object(`an event, such as {"keys":[9]}`, func(name string, _ int) {
				if name != "keys" {
					l.skip()
					return
				}
				log.Assigned = append(log.Assigned, l.strings()...)
			})
		})
		return log
	}
	names := []string{"revoked", "assigned", "lost"}
	l.object(`an object of "revoked", "assigned" and "lost"`, func(name string, at int) {
		switch name {
		case "revoked":
			log.Revoked = l.strings()
		case "assigned":
			log.Assigned = l.strings()
		case "lost":
			log.Lost = l.strings()
		default:
			l.failAt(at, fmt.Sprintf("unknown field %q in rebalance_log: expected one of %q", name, names),
				model.DidYouMean(name, names))
		}
	})
	return log
}

func (l *opLine) strings() (list []string) {
	l.array(`a list such as ["orders-0"]`, func() { list = append(list, l.scalar("a name")) })
	return list
}

// complete demands the fields that every line has, then reads the value by what f says.
func (l *opLine) complete() {
	end := max(len(l.text)-1, 0)
	switch {
	case l.err != nil:
		return
	case !l.hasProcess:
		l.failAt(end, `no "process": expected a whole number that says who did it`, "")
	case l.op.Type == "":
		l.failAt(end, `no "type": expected invoke, ok, fail or info`, "")
	case l.op.F == "":
		l.failAt(end, `no "f": expected send, poll, txn, assign, subscribe, commit, process, seek, `+
			`reset or crash`, "")
	}
	if l.err == nil {
		l.known()
	}
	if l.seeks && l.op.F == FAssign {
		l.op.Why = SeekToBeginning
	}
	if l.err != nil || l.value <= 0 || l.unread != "" {
		return
	}
	l.pos = l.value
	l.readValue()
}

// readValue reads the value by what f says.
func (l *opLine) readValue() {
	switch l.op.F {
	case FSend, FPoll, FTxn:
		if !l.word("null") {
			l.mops()
		}
	case FAssign, FSubscribe:
		if !l.word("null") {
			l.op.Keys = l.strings()
		}
	case FCommit, FProcess, FSeek, FReset:
		l.commitOffsets()
	case FCrash: // Jepsen's crash carries nothing worth keeping
	}
}

// place checks the line against the lines above.
func (h *historyReader) place(l *opLine, number int) {
	if l.err != nil {
		return
	}
	if !l.hasIndex {
		l.op.Index = h.index + 1
	}
	if !l.hasTime {
		l.op.Time = h.time + 1
	}
	if l.op.Index <= h.index {
		l.failAt(l.at.index, fmt.Sprintf("index %d after index %d: expected indexes that grow",
			l.op.Index, h.index), "sort the lines by index, or leave indexes out")
	}
	if l.op.Time < h.time {
		l.failAt(l.at.time, fmt.Sprintf("time %d after time %d: expected times that never go back",
			l.op.Time, h.time), "sort the lines by time")
	}
	h.index, h.time = l.op.Index, l.op.Time
	if l.noClient {
		return
	}
	before, open := h.open[l.op.Process]
	switch {
	case l.op.Type == Invoke && open:
		l.failAt(l.at.process, fmt.Sprintf("process %d invokes a %s while its %s of line %d is open",
			l.op.Process, l.op.F, before.f, before.line),
			"complete that one first, or give concurrent operations processes of their own")
	case l.op.Type == Invoke:
		h.open[l.op.Process] = openOp{number, l.op.F}
	case open && before.f != l.op.F:
		l.failAt(l.at.f, fmt.Sprintf("process %d completes a %s, but has a %s open since line %d",
			l.op.Process, l.op.F, before.f, before.line), "")
	default:
		delete(h.open, l.op.Process)
	}
}
