package kafka

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"sandcastle/model"
)

// Unread is lines of a history that were left out: they are of no client, or of a kind that no
// check here knows.
type Unread struct {
	What  string `json:"what"` // such as `f "debug-topic-partitions"`
	Lines int    `json:"lines"`
}

// leaveOut counts a line that is left out.
func (h *historyReader) leaveOut(what string) {
	at := slices.IndexFunc(h.unread, func(u Unread) bool { return u.What == what })
	if at < 0 {
		at, h.unread = len(h.unread), append(h.unread, Unread{What: what})
	}
	h.unread[at].Lines++
}

// functions are what operations can do.
func functions() []string {
	return []string{string(FSend), string(FPoll), string(FTxn), string(FAssign), string(FSubscribe),
		string(FCommit), string(FProcess), string(FSeek), string(FReset), string(FCrash)}
}

// known tells whether f is one of functions.
func (f Function) known() bool {
	switch f {
	case FSend, FPoll, FTxn, FAssign, FSubscribe, FCommit, FProcess, FSeek, FReset, FCrash:
		return true
	}
	return false
}

// known settles whether the operation is one of those, when all of the line is read. A word that is
// nearly a known one is a mistake; any other is somebody else's operation.
func (l *opLine) known() {
	word := string(l.op.F)
	if l.noClient || l.op.F.known() {
		return
	}
	if model.Misspelt(word, functions()) != "" {
		l.failAt(l.at.f, fmt.Sprintf("unknown f %q: expected one of %q", word, functions()),
			model.DidYouMean(word, functions()))
	}
	l.unread = "f " + strconv.Quote(word)
}

// process reads who did it: a client by number, or somebody else by name, such as Jepsen's nemesis.
func (l *opLine) process() {
	if l.peek() != '"' {
		l.op.Process = int(l.whole("a process: a whole number from 0", 0, math.MaxInt32))
		return
	}
	l.noClient = true
	l.unread = "process " + strconv.Quote(l.str("a process"))
}

// anyText reads a string, or any other value as it is written.
func (l *opLine) anyText() string {
	if l.peek() == '"' {
		return l.str("a string")
	}
	start := l.pos
	l.skip()
	if text := l.text[start:l.pos]; text != "null" {
		return text
	}
	return ""
}
