package kafka

import (
	"slices"

	"sandcastle/model"
)

// The verbs that know what a broker is.
const (
	FaultCutTail    = "cut-tail"    // the end of a broker's log of a partition is cut off
	FaultDropMarker = "drop-marker" // the marker of a clean shutdown is taken away
	FaultCutControl = "cut-control" // a node and the controller cannot hear each other
	FaultLead       = "lead"        // a broker was to become leader
	FaultAnswer     = "answer"      // a broker answers a request with an error
	FaultChange     = "change"      // a client's load changes
	// The patterns of many faults in one, the first of their nodes and the others.
	FaultFlap    = "flap"
	FaultRing    = "ring"
	FaultBridge  = "bridge"
	FaultSwizzle = "swizzle"
	FaultAttrit  = "attrit"
	FaultRoll    = "roll"
	// FaultRestart is no fault of the trace but a kill and a start.
	FaultRestart = "restart"
)

// FaultKinds is the table of all verbs of faults: the kernel's, and those of the timeline that only
// mean something to Kafka.
func FaultKinds() []model.FaultKind {
	return slices.Concat(model.FaultKinds(), []model.FaultKind{
		{Verb: FaultCutTail, LosesData: true, Predicate: "loses the end of its log"},
		{Verb: FaultDropMarker, Predicate: "loses its marker of a clean shutdown"},
		{
			Verb: FaultCutControl, Begins: true, Picture: model.PictureNetwork,
			Label: "cut off from the controller", Predicate: "and the controller cannot hear each other",
			Recovery: "and the controller hear each other again",
		},
		{Verb: FaultFlap, Predicate: "has links that come and go, to", Detailed: true},
		{Verb: FaultRing, Predicate: "is one of a ring with", Detailed: true},
		{Verb: FaultBridge, Predicate: "alone joins", Detailed: true},
		{Verb: FaultSwizzle, Predicate: "is cut off, before or after", Detailed: true},
		{Verb: FaultAttrit, Predicate: "is killed by turns with", Detailed: true},
		{Verb: FaultRoll, Predicate: "is restarted by turns with", Detailed: true},
		{Verb: FaultLead},
		{Verb: FaultAnswer, Predicate: "answers", Detailed: true},
		{Verb: FaultChange, Predicate: "changes what it does:", Detailed: true},
	})
}

// FaultKindOf is the row of a verb; one that is not in the table is a flag that does not last.
func FaultKindOf(verb string) model.FaultKind { return model.FaultKindOf(FaultKinds(), verb) }
