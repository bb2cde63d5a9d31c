package prose

import (
	"regexp"
	"slices"
	"strings"
)

// Term is a word that a lesson uses and a newcomer looks up.
type Term struct {
	Name string
	// Forms are how it stands in a text besides its name; upper and lower case are alike.
	Forms   []string
	Meaning string
	// Basic words are in every second sentence: they are listed, and not marked where they stand.
	Basic bool
}

// Glossary lists the terms by their names.
func Glossary() []Term {
	return []Term{
		{"acks", []string{"acks=all", "acks=1", "acks=0"},
			"What a producer waits for: acks=0 for nothing, acks=1 for the leader's log, " +
				"acks=all for the logs of all in-sync replicas.", false},
		{"auto.offset.reset", nil,
			"Where a consumer begins that has no committed offset, or one that is no longer " +
				"in the log: at the earliest record, at the latest, or not at all.", false},
		{"committed offset", []string{"committed offsets"},
			"Where a group goes on in a partition after a restart or a change of owners: " +
				"one past the last record that a member has said to be done.", false},
		{"compaction", []string{"compacted", "log cleaner"},
			"Cleaning that keeps the last record of each key and drops those that it " +
				"replaces.", false},
		{"controller", []string{"controller epoch"},
			"The broker that elects leaders and keeps track of who is in sync. Its epoch " +
				"counts the controllers: who has an older one is not obeyed.", false},
		{"coordinator", []string{"group coordinator"},
			"The broker that knows who is in a group, has the partitions dealt out anew " +
				"when that changes, and stores what the group commits.", false},
		{"fenced", []string{"fencing", "fences"},
			"Refused because of an old epoch or generation: whoever was replaced and does " +
				"not know it cannot do harm.", false},
		{"flush", []string{"fsync", "flushed"},
			"Forcing what was written from the machine's memory to its disk.", false},
		{"follower", []string{"followers"},
			"A replica that copies the leader's log by fetching from it.", true},
		{"generation", []string{"generations"},
			"A number that goes up each time a group deals out its partitions. A member " +
				"with an old one is refused when it commits.", false},
		{"group", []string{"consumer group"},
			"Consumers that share the partitions of a topic, each partition being read by " +
				"one of them.", true},
		{"high watermark", []string{"high watermarks"},
			"Up to where all in-sync replicas have the log. Consumers read below it only.", false},
		{"idempotent", []string{"idempotence", "idempotent producer"},
			"Of a producer that numbers its batches, so that a broker knows one that is " +
				"sent again.", false},
		{"ISR", []string{"in-sync replicas", "in-sync replica", "in-sync set", "in sync"},
			"The in-sync replicas: those that keep up with the leader. Only they may be " +
				"elected, and acks=all waits for all of them.", false},
		{"lag", []string{"lags"},
			"How many records of a partition a group has not committed yet.", false},
		{"leader", []string{"leaders"},
			"The replica of a partition that takes all writes; the others copy it.", true},
		{"leader epoch", []string{"leader epochs"},
			"A number that goes up with each election of a leader. It stands in every " +
				"batch, so that logs can be compared and an old leader is recognised.", false},
		{"linearizable", []string{"linearizability"},
			"Explained by one order of all operations in which each takes effect at one " +
				"moment between its call and its answer.", false},
		{"log end offset", []string{"log end", "log ends"},
			"One past the last record in a replica's log: where the next record goes.", false},
		{"log start offset", []string{"log start"},
			"The first record that is left in a log; those before it were deleted.", false},
		{"min.insync.replicas", nil,
			"How many replicas must be in sync for a write with acks=all to be taken; with " +
				"fewer it is refused.", false},
		{"offset", []string{"offsets"},
			"The number of a record in its partition, from 0 on.", true},
		{"partition", []string{"partitions"},
			"A part of a topic: one log, in which records have an order, kept by several " +
				"brokers.", true},
		{"rebalance", []string{"rebalances", "rebalancing"},
			"Dealing out the partitions of a group anew because a member came, left or " +
				"died.", false},
		{"replica", []string{"replicas"},
			"One broker's copy of a partition's log.", true},
		{"retention", nil,
			"How long, or how much, of a log is kept. Whole segments go, oldest first.", false},
		{"segment", []string{"segments"},
			"A file of a log. A log is written into the newest, and deleted or cleaned " +
				"segment by segment.", false},
		{"session", []string{"session timeout"},
			"The time for which a broker or a member counts as alive without a word from " +
				"it.", false},
		{"tombstone", []string{"tombstones"},
			"A record with a key and no value: compaction takes its key out of the log, and " +
				"later the tombstone as well.", false},
		{"truncation", []string{"truncate", "truncated", "truncates"},
			"Cutting off the end of a follower's log where it parts from the leader's.", false},
		{"unclean election", []string{"unclean elections", "unclean leader election"},
			"Electing a leader that was not in sync, because no other is left.", false},
		{"ZooKeeper", nil,
			"The store beside the brokers in which they keep who is alive, who is the " +
				"controller, and who leads what.", false},
	}
}

// TermFinder finds the terms in texts.
type TermFinder struct {
	words *regexp.Regexp
	terms []Term
	of    map[string]int // index into terms, by the form in lower case
}

// NewTermFinder finds all terms but the basic ones.
func NewTermFinder() *TermFinder {
	f := &TermFinder{of: map[string]int{}}
	var forms []string
	for _, t := range Glossary() {
		if t.Basic {
			continue
		}
		for _, form := range append([]string{t.Name}, t.Forms...) {
			f.of[strings.ToLower(form)] = len(f.terms)
			forms = append(forms, regexp.QuoteMeta(form))
		}
		f.terms = append(f.terms, t)
	}
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	f.words = regexp.MustCompile(`(?i)(?:^|[^\w.-])(` + strings.Join(forms, "|") + `)(?:$|[^\w-])`)
	return f
}

// Piece is a part of a text: one that Term explains, or with a nil Term any other.
type Piece struct {
	Text string
	Term *Term
}

// Pieces cuts a text at its terms, each at its first occurrence only.
func (f *TermFinder) Pieces(text string) []Piece {
	var out []Piece
	seen := map[int]bool{}
	from := 0
	for at := 0; at < len(text); {
		m := f.words.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		begin, end := at+m[2], at+m[3]
		at = end
		term := f.of[strings.ToLower(text[begin:end])]
		if seen[term] {
			continue
		}
		seen[term] = true
		if begin > from {
			out = append(out, Piece{Text: text[from:begin]})
		}
		out = append(out, Piece{text[begin:end], &f.terms[term]})
		from = end
	}
	if from < len(text) {
		out = append(out, Piece{Text: text[from:]})
	}
	return out
}
