package kafka

import "sandcastle/model"

// EngineVersion names the format and behaviour of runs. A trace of another version is not
// comparable.
const EngineVersion = "sandcastle-4"

// Run is run.json: what was played, and what came of it.
type Run struct {
	Engine   string `json:"engine"`
	Scenario string `json:"scenario"` // the lesson's name or the file's path
	YAML     string `json:"yaml"`     // the whole scenario file, as it was played
	// Program is how the reader calls the command line, as in ./bin/sandcastle; "" where nobody knows.
	// It is not of the run, so run.json lacks it.
	Program string `json:"-"`
	Claim   string `json:"claim"`
	Seed    uint64 `json:"seed"`
	// Set are the settings that were changed, each path=value; YAML has them already.
	Set []string `json:"set,omitempty"`
	// Drawn is what the command line draws it by, as in --swarm; "" for one that was written.
	Drawn string `json:"drawn,omitempty"`

	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason,omitempty"` // in a sentence, when the verdict is not ok
	// Expected are the findings that the claim demands, and those that it allows and that are there.
	Expected  []Anomaly `json:"expected"`
	Findings  []Finding `json:"findings"`
	Undecided []string  `json:"undecided,omitempty"`
	// Allowed is what breaks no promise, and PassedOver what resets passed over: neither is a finding.
	Allowed    []Allowed    `json:"allowed,omitempty"`
	PassedOver []PassedOver `json:"passed_over,omitempty"`

	// Fired are the entries of the timeline as they were done, in order.
	Fired []Fired `json:"fired,omitempty"`

	TraceHash string `json:"trace_hash"` // 16 hex digits
	Events    uint64 `json:"events"`
	VirtualNS int64  `json:"virtual_ns"`
	// Counters of the run by name, such as "send.ok": whole numbers only. MeasureKinds has their
	// names.
	Counters map[string]int64 `json:"counters"`
	// Checkpoints are the rolling hash after every CheckpointEvery events, for finding where two runs
	// part.
	Checkpoints     []string `json:"checkpoints,omitempty"`
	CheckpointEvery uint64   `json:"checkpoint_every,omitempty"`
}

// Fired is a time at which an entry of the timeline did something: when it began, when its `for`
// ended, or when it met a message that it waited for. The trace does not say which entry its lines
// of faults come from; this does.
type Fired struct {
	Entry int        `json:"entry"` // its place in the timeline, from 0
	Verb  string     `json:"verb"`
	At    model.Time `json:"at"`
	// Nodes are those to whom it was done, in the order of the entry.
	Nodes []model.NodeID `json:"nodes,omitempty"`
	// Phase is what of the entry it was.
	Phase FiredPhase `json:"phase,omitempty"`
	// From and To are the lines of faults and their ends that came of it, counted from 0 in the order
	// of the trace: From is the first of them, To the first behind them.
	From int `json:"from"`
	To   int `json:"to"`
}

// FiredPhase says what an entry of the timeline did.
type FiredPhase string

const (
	FiredBegan FiredPhase = ""     // it was done
	FiredMet   FiredPhase = "met"  // a message met it
	FiredEnded FiredPhase = "ends" // its `for` was over
)
