// Package reports turns a run directory into something to look at: figures, one self-contained
// page, and a short story in plain text. All of it is a pure function of run.json, trace.ndjson and
// history.ndjson.
//
//	trace ──Observe──▶ ┌───────────┐           ┌▶ Figures ─▶ figures/*.svg ┐
//	                   │ Collector │─▶ Story ──┤                           ├▶ Page ─▶ report.html
//	history ObserveOp▶ └───────────┘           ├───────── Moments ─────────┘
//	                                           └▶ StoryLines ─▶ terminal
//
// A Collector may also be fed while the run is played; then the files need not be read again. It
// keeps a digest of bounded size: staircases and rates are thinned as they grow, lines that nobody
// draws (frames, timers, flushes) are dropped at a glance.
//
// What it is not: it judges nothing (package checks does), knows nothing of the simulator, and has
// neither a clock nor a file system of its own; Load takes an fs.FS and Write a function.
//
// Read in this order:
//
//	story.go      what a digest holds
//	collector.go  how the lines come in; then faults.go with links.go, moments.go and
//	              sentences.go (what happened), narration.go (what the lesson says of it),
//	              membernames.go, replicas.go with staircase.go (offsets), leaders.go, owners.go and
//	              lags.go (groups), rates.go, latencies.go, diagram_recorder.go (every event)
//	diagram.go    the run as a space-time diagram; diagram_knowledge.go what nodes know of
//	              themselves, diagram_folding.go and diagram_thinning.go what is left out,
//	              diagram_places.go which event something else is about
//	load.go       a run directory; scan.go and scan_events.go read trace lines fast
//	figure.go     the table of figures; figure_*.go is one figure each
//	drawing.go    how a figure is laid out: legend, labels, strips.go, panels (panel.go); layers.go,
//	              labels.go, ticks.go, palette.go and svg.go serve it
//	page.go       report.html from page.html, page_story.html and page.css; page_script.go puts the
//	              page's script together from page_*.js, each named for what it draws; page_data.go
//	              is what they draw it from
//	course.go     index.html, the page over all lessons, with a thumbnail.go of each
//	sweep.go      many runs: sweep_table.go in text, sweep_figure.go drawn, sweep_knee.go where a
//	              measure flattens
//	storylines.go the story in a few lines
//	columns.go    the diagram as columns of text, and the walk through it: columns_passage.go
//	              chooses the rows, columns_story.go tells the whole walk
package reports
