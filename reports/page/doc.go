// Package page makes the pages that a browser shows: report.html of one run, one file that needs
// nothing else, and index.html, which leads through all lessons. Every value of a run is escaped.
//
//	digest.Story ──▶ Report: report.html, story.html, report.css ─┐
//	             ├─▶ data.go: what the script draws, as JSON ─────┼─▶ report.html
//	             └─▶ figures.All, text: verdict, findings ────────┘
//	script/*.js ─(esbuild)─▶ report.js ───────────────────────────┘
//	Course ──▶ Index: course.html, course.css ──▶ index.html
//
// Read in this order:
//
//	report.go   what report.html shows; words.go what it says of figures and moments
//	assets.go   its text, style and script; the colours of both pages are package palette's
//	data.go     what the script draws itself from: data_events.go, data_lines.go, data_roles.go
//	terms.go    words of the glossary (package prose), marked where they stand
//	around.go   links to the course, twins and the next lesson, or the commands that make them
//	families.go the conversations that a cluster holds, for the script and for the legend
//	script/     the script as ES modules, script/README.md says which is which
//	course.go   index.html
package page
