package digest

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// Story is the digest of one run: all that figures, the page and the terminal's story are drawn
// from.
type Story struct {
	Run kafka.Run
	// End is where the time axis ends: the time of the trace's last line.
	End model.Time
	// Bands are the faults that last, by their beginning.
	Bands []Band
	// Marks are moments worth a line across every figure, such as elections, in order of time.
	Marks []Mark
	// Moments tell what happened, in order of time.
	Moments []Moment
	// Dropped counts moments beyond the limit that a digest keeps.
	Dropped int
	// Silence is how long producers waited at most while nobody was answered, if it was a second or
	// more.
	Silence model.Time

	// Diagram is the run as a space-time diagram.
	Diagram Diagram

	// decided is when the event came that the lesson says to predict, 0 for none.
	decided model.Time

	Replicas  []Replica
	Leaders   []PartitionLeaders
	Groups    []Group
	Lags      []Lag
	Rates     rates
	Latencies []latency
}

// BandKind says what sort of fault a band shows.
type BandKind uint8

const (
	BandDown    BandKind = iota // a node is dead
	BandPaused                  // a node stands still and will go on
	BandNetwork                 // frames do not pass, or pass slowly
	BandOther                   // any other fault that was healed later
)

// Band is a fault that lasts from From to To.
type Band struct {
	Kind     BandKind
	From, To model.Time
	// Node is the node concerned, "" for a fault of no single node.
	Node model.NodeID
	// Label is short: "broker-1 down", "cut broker-1 > broker-2".
	Label string
	// Quiet is set-up: it is drawn, and not told.
	Quiet bool
}

// Mark is a moment that figures show as a dashed line.
type Mark struct {
	At    model.Time
	Label string
	Kind  string       // "controller", "election", "offline" or "fault"
	Node  model.NodeID // whom it is about, "" for none
}

// Moment is one thing that happened, in words: Where is its subject and What the predicate.
type Moment struct {
	At    model.Time
	Where string
	What  string
	// Kind is the trace's kind of line.
	Kind   string
	Weight prose.Weight
	// More counts the like moments shortly afterwards that are folded into this one.
	More int
	// Say is what the lesson says of it, "" for nothing.
	Say string
	// line is the line of faults that it tells of, counted from 1, and began the one that began what
	// it ends; 0 for none.
	line, began int
	// severity ranks faults: the more severe one is more likely what the lesson is about.
	severity int
}
