// Package logs keeps a copy of what the log of every replica was last seen to hold, and says what
// must not become of it. Package checks runs it; it is not called by anybody else.
//
//	notes, looks ──▶ Book ─┬─ copy (one a replica): batches as they were read off the disk, by a
//	                       │     parser of our own; producers and epochs as these batches tell
//	                       ├─ part (one a partition): how far anything was committed, or may be gone
//	                       └─ Rules (one a topic): what its settings over time allow
//
// Nothing is believed that a broker says of its own log: whether a segment may go follows from
// the timestamps and sizes in the copy and from what the topic was ever set to; what compaction may
// take from the records; what a log knows of producers and epochs, and finds by its indexes, from
// the batches. Where disks were damaged by a fault the copy is made anew, and judges from there on.
//
// It is not a model of a log: it decides nothing, and does not know when a broker deletes or
// cleans, only what it may.
//
// Read in this order: raw_batch.go, copy.go, book.go, sync.go, rules.go, then a file for each kind
// of finding.
package logs
