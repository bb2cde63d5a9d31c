// Package house holds the rules that the whole tree keeps, as tests. `go test ./cmd/house` says in
// seconds what a change has broken, and each failure says what is wanted instead.
//
//	layout_test.go    the table of rooms: every folder has a row, which says what it may import of
//	                  ours and from outside, and whether it is pure; forbidden names; doc.go
//	maprange_test.go  no range over a map in a pure room, unless a comment says why it cannot show
//	sizes_test.go     lines of a file, a function and a line; files of a folder, methods of a type
//	deadcode_test.go  no function that no program calls, but for deadcode.txt (in `make lint`)
//	apis_test.go      the contract at the head of each API's file is what the broker serves
//	readme_test.go    the tables in README files are what the code says, commands_test.go what the
//	                  program says; readme_runs_test.go: what they show of a run is what it prints
//
// Pure means: no goroutine, no select, no channel, no sync, net or os, no clock and no chance from
// outside. A pure room can be replayed, so a row that gives this up needs a reason.
//
// A new folder needs a row in the table of rooms, which stands in the order in which rooms build on
// each other. A limit of size that cannot be kept needs a waiver with its reason, in sizes_test.go.
//
// `make readme` writes the tables anew: read the difference before you commit it.
//
// What it is not: there is no code here that the program runs.
package house
