// Package example is the tutorial of the kernel in sandcastle/sim, for somebody who wants to test
// a protocol of their own in it. It is a module of its own, and uses sandcastle/sim,
// sandcastle/model and the standard library alone.
//
//	pingpong   two processes, a lost message, a timeout and a retry: events, effects, timers, the
//	           trace. Start here.
//	register   a value on three replicas that survives power losses: disks and flushes, faults by
//	           chance, a history and its check, two mistakes that few seeds are enough to find.
package example
