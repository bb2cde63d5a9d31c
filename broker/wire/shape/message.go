package shape

import (
	_ "embed" // for shapes.txt
)

// Message is the shape of one request or response in all its versions.
type Message struct {
	flexible int8 // the first flexible version
	ops      []op
}

//go:embed shapes.txt
var text string

// messages are the shapes of all of shapes.txt.
var messages = compile(text)

// Request is the shape of the request with that key, nil if kmsg knows none.
func Request(key int16) *Message { return messages.of(key, 0) }

// Response is the shape of the response with that key, nil if kmsg knows none.
func Response(key int16) *Message { return messages.of(key, 1) }

// Subscription is the shape of a member's metadata in JoinGroup, Assignment that of its share in
// SyncGroup. Both begin with their version.
func Subscription() *Message { return messages.named["ConsumerMemberMetadata"] }
func Assignment() *Message   { return messages.named["ConsumerMemberAssignment"] }

// table is the shapes of requests and responses by key, and of what stands inside of them.
type table struct {
	apis  [][2]*Message
	named map[string]*Message
}

func (t *table) of(key int16, kind int) *Message {
	if key < 0 || int(key) >= len(t.apis) {
		return nil
	}
	return t.apis[key][kind]
}

// op is one field, or what surrounds the n ops that follow it.
type op struct {
	kind     opKind
	from, to int8 // versions that have it
	size     uint8
	tag      uint8
	n        uint16
}

type opKind uint8

const (
	opNumber         opKind = iota // size bytes; several in a row are one
	opString                       // s
	opNullableString               // S
	opBytes                        // b
	opNullableBytes                // B
	opArray                        // the n ops are of each element
	opMaybe                        // the n ops are of a struct that may be missing
	opTags                         // the n ops are opTag and what they hold
	opTag                          // the n ops are of a known tagged field
)
