// Package figures draws a run as SVG, each figure twice: for a wide page and for a phone. Equal
// stories give equal bytes.
//
//	digest.Story ─▶ drawThroughput, drawOffsets … ─▶ drawing ─▶ render ─▶ SVG, colours as classes
//	digest.Sweep ─▶ Sweep ───────────────────────────────────────┘
//
// gonum/plot scales the data and writes the paths. Its own legends and axes are not used: they
// cover data and would not line up.
//
// Read in this order:
//
//	figure.go     the table of figures; throughput.go, latency.go, offsets.go, leadership.go,
//	              ownership.go, lag.go and load.go are one figure each
//	drawing.go    how a figure is laid out: legend, labels, strips.go, panels (panel.go); layers.go
//	              are the marks in a panel, labels.go and ticks.go place writing
//	svg.go        gonum's SVG made smaller, and its colours into classes
//	sweep.go      a sweep drawn; sweep_scale.go its axes
//	thumbnail.go  a figure small, for the page over all lessons
//
// What is drawn is kept in words under testdata, by outline_test.go: read those files to see which
// axes, series and marks a figure has.
package figures
