// Command sandcastle plays, judges and draws scenarios of a whole Kafka in a sandbox.
//
//	main.go      the command tree, exit codes
//	run.go       play a lesson or a file          target.go   which one
//	replay.go    play it again and compare        rundir.go   the run directory, whole or not at all
//	check.go     judge a history                  output.go   what a person and a program are told
//	report.go    draw it again                    progress.go the bar on stderr
//	settings.go  what --set changed               measures.go the names of numbers, for people
//	sweep.go     many settings and seeds compared sweep_*.go  playing, keeping
//	course.go    play every lesson and draw the page over them
//	story.go     a run told step by step in plain text
//	teach.go     the same at a terminal, with teach_model.go (what keys do), teach_view.go and
//	             teach_pages.go (what stands on the screen), teach_knob.go (play it changed)
//	topic.go     topics of a real cluster         group.go    consumer groups, with group_*.go
//	produce.go   lines to records                 consume.go  records to lines, with consume_*.go
//	bootstrap.go where the cluster is             reach.go    which brokers cannot be reached
//	admin.go     an admin client on the host      outbox.go   what is written to a slow pipe
//
// It holds flags, files and exit codes, nothing else: what a run is stands in package scenarios,
// what is wrong with it in package checks, how it looks in package reports.
//
// layout_test.go holds the table of which room may import what, and enforces the house rules.
package main
