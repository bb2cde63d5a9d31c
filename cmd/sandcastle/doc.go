// Command sandcastle plays, judges and draws scenarios of a whole Kafka in a sandbox.
//
//	main.go      the command tree, exit codes     args.go     how many arguments a command takes
//	run.go       play a lesson or a file          target.go   which one
//	replay.go    play it again and compare        report.go   draw it again
//	check.go     judge a history                  output.go   what is printed of a run
//	sweep.go, sweep_merge.go
//	             many settings and seeds compared course.go   play every lesson
//	shrink.go    the smallest scenario that fails alike
//	story.go     a run step by step          teach.go    the same at a terminal
//	serve.go     brokers on real sockets          record.go   a scenario's clients on a real cluster
//	topic.go, group.go, group_reset.go, produce.go, consume.go
//	             what kcat and Kafka's own tools do; bootstrap.go says where the cluster is
//	progress.go  the bar on stderr                interrupt.go, memory.go
//
// It holds flags, wiring and exit codes, nothing else. What the commands do stands in the rooms:
// scenarios and what is below it (rundir, sweep, shrink, course,
// record), checks, reports (teach), broker
// (serve, metrics, tools).
//
// Its tests play the program as a user does; the rules of the house are tests of package house.
package main
