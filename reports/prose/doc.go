// Package prose says in plain English what a report is made of: a note as a predicate whose subject
// is the node that made it, and numbers, times and lists as people write them.
//
//	kafka.Note{LeaderElected …} ──Sentence──▶ "elects broker-3 as leader of orders-0 (…)"
//	model.Time(4_003_999_999)   ──Seconds───▶ "4.003 s"
//
// What it is not: it does not choose what a story mentions. It says how weighty a note is (Weight),
// and views with little room leave out the rest.
//
// Read in this order: weight.go, sentences.go (control, topics, replicas, groups), sentences_log.go
// (moves, logs, clients), numbers.go, paragraphs.go.
package prose
