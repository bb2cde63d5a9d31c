// Package digest finds out what a run says: it reads a trace and a history line by line and keeps a
// Story of bounded size, from which everything else is drawn or written.
//
//	trace ──Observe──▶ ┌───────────┐
//	                   │ Collector │──▶ Story: bands, marks, moments, replicas, leaders, groups,
//	history ObserveOp▶ └───────────┘           lags, rates, latencies, a space-time diagram
//
// A Collector may be fed while the run is played, or by Load from a run directory afterwards; both
// give the same story. Staircases and rates are thinned as they grow, and lines that nobody draws
// (frames, timers, flushes) are dropped at a glance.
//
// What it is not: it draws nothing, judges nothing, and knows nothing of the simulator.
//
// Read in this order:
//
//	story.go      what a digest holds; lesson.go what the scenario file says to a student
//	collector.go  how the lines come in; then fault.go (a fault with its row in the table of
//	              verbs), faults.go (what lasts) and links.go, moments.go (what happened, in
//	              words), narration.go (what the lesson says of it), member_names.go, replicas.go
//	              with staircase.go (offsets), leaders.go, owners.go and lags.go (groups),
//	              rates.go, latencies.go, diagram_recorder.go (every event)
//	diagram.go    the run as a space-time diagram; diagram_knowledge.go what nodes know of
//	              themselves, diagram_knowledge_frames.go what only the wire tells,
//	              diagram_folding.go and diagram_thinning.go what is left out, diagram_places.go
//	              which event something else is about
//	steps.go      where a walk through the story stops
//	load.go       a run directory; scan.go and scan_events.go read trace lines fast
//	sweep.go      many runs; sweep_knee.go where a measure flattens
package digest
