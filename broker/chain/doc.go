// Package chain is work in steps, each of which begins when the one before it is done, at once or
// after an answer has come: deleting a topic, a change of brokers, a registration. Such work is a
// value, so that it prints in a line and shows where it stands.
//
//	broker change, step 2 of 5: brokers [3] failed
//
// What it is not: it has no timers and no retries, and runs nothing at the same time.
//
// Read chain.go, then step.go.
package chain
