// Package wires runs processes by hand: it is the plumbing that tests need under a few processes,
// with nothing of Kafka in it.
//
//	process ──Step──▶ effects ──▶ packets (in order of sending) ──▶ events ──▶ process
//	                     └──────▶ timers  (fire when the clock gets there) ──▶ ...
//
// A packet is anything on its way: a frame, a connection that opens or closes, a flush on its way
// to the disk, a function of the test. It lies there until somebody delivers or drops it, or lets
// everything take its course (Run). The packets of one direction of a connection keep their order,
// as TCP has it; one that is held keeps those behind it back. The clock moves in Run alone.
//
// What it is not: a simulator. There is no hardware, no chance and no trace here; that is sim. Use
// it where single steps are the point, or in the tests of packages that broker/world imports.
//
// Read in this order: net.go, packet.go, effects.go.
package wires
