package kafka

// EngineVersion names the format and behaviour of runs. A trace of another version is not
// comparable.
const EngineVersion = "sandcastle-3"

// Run is run.json: what was played, and what came of it.
type Run struct {
	Engine   string `json:"engine"`
	Scenario string `json:"scenario"` // the lesson's name or the file's path
	YAML     string `json:"yaml"`     // the whole scenario file, as it was played
	Claim    string `json:"claim"`
	Seed     uint64 `json:"seed"`
	// Set are the settings that were changed, each path=value; YAML has them already.
	Set []string `json:"set,omitempty"`

	Verdict   Verdict   `json:"verdict"`
	Reason    string    `json:"reason,omitempty"` // in a sentence, when the verdict is not ok
	Expected  []Anomaly `json:"expected"`         // findings that the claim demands
	Findings  []Finding `json:"findings"`
	Undecided []string  `json:"undecided,omitempty"`
	// PassedOver is what resets passed over, which is no finding.
	PassedOver []PassedOver `json:"passed_over,omitempty"`

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
