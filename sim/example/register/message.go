package main

import (
	"fmt"

	"sandcastle/model"
)

// message is what goes over a connection, as text: "store 7 12".
type message struct {
	verb  string // store or fetch, and the answers: stored, fetched
	round uint64 // of the client's questions; the answer repeats it
	value uint64 // of store and fetched
}

func (m message) frame() []byte { return fmt.Appendf(nil, "%s %d %d", m.verb, m.round, m.value) }

// label says to traces and filters what the frame is.
func (m message) label() model.Label {
	return model.Label{Name: m.verb, Reply: m.verb == "stored" || m.verb == "fetched"}
}

// parse reads a frame of this program, which carries nothing else.
func parse(frame []byte) message {
	var m message
	if _, err := fmt.Sscan(string(frame), &m.verb, &m.round, &m.value); err != nil {
		panic(fmt.Sprintf("register: frame %q: %v", frame, err))
	}
	return m
}
