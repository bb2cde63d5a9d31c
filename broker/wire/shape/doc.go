// Package shape knows what the bytes of Kafka's messages look like, and walks over a message before
// anything is made of it.
//
//	body ─▶ Message.Walk ─▶ how many elements it holds, or that it is malformed
//	             │
//	        shapes.txt: what kmsg reads of each request and response, in its order
//
// A count in a message is a claim of whoever sent it. kmsg, which decodes messages, makes room for
// as many elements as there are bytes left, however many bytes each of them takes, and counts
// tagged fields down to zero whether there are any bytes left or not: 24 bytes keep it busy for a
// minute.
// Who has walked over a message knows that everything that it counts is there.
//
// shapes.txt has a line for each message: the key, or "in" for what stands inside of others, its
// name, the first flexible version, and then its fields:
//
//	1 2 4 8 16    a number of so many bytes
//	s S b B       a string or bytes, S and B nullable
//	[ … ]         an array and what an element is
//	?( … )        a struct that may be missing
//	3-9( … )      only in these versions; 127 is for ever
//	t( … )        tagged fields, in flexible versions, and what the known ones are: 0:( … )
//
// It is derived from the source of kmsg, by a test that also compares: go test -rewrite writes it.
//
// What it is not: it decodes nothing, and says nothing of what a value means.
//
// Read in this order: message.go, walk.go, compile.go.
package shape
