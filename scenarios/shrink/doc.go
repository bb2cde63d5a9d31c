// Package shrink makes a scenario that fails as small as it can: the same check still fails, for
// the same reason.
//
//	scenario, seed ─▶ play ─▶ Failure: the gravest finding that nobody expected, and its reason
//	                            │
//	        ┌──────── passes ◀──┘       duration, loads, clients, topics, brokers, timeline,
//	        ▼                           entries, settings, numbers, seeds
//	  an edit of the file's tree ─▶ mended: what means nothing any more goes with what it is about
//	        │                                │
//	        │      fails alike?  ◀── play ◀──┘    the first in order that does is the new best
//	        └── again, until a whole round of passes finds nothing
//
// An edit is tried on the tree of the YAML file, so that what is left stands as its author wrote
// it. What comes out depends on the file, the seed and the number of plays that are allowed, and on
// nothing else: several candidates are played at a time, but the first in order is taken, and only
// those before it count. The seed is kept for as long as something can be left out under it. After
// that a few small seeds are tried too, for a seed is only a number, and a shorter file is what a
// person reads.
//
// What it is not: it writes no file and prints nothing (cmd/sandcastle), and it does not shrink
// what did not happen: an expected finding that is missing has no smallest scenario.
//
// Read in this order: failure.go, shrink.go, search.go, tree.go, mend.go, then the passes as
// passes.go lists them.
package shrink
