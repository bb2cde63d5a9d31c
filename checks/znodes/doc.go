// Package znodes judges ZooKeeper, by what goes over the wire to it and from it
// (kafka.ZooKeeperFrame), by what brokers note, and by views of its inside.
//
//	frames ──▶ Facts ──▶ misordered-reply       replies in order, zxids that grow, reads of what was
//	                                            written, watches told before what they tell of
//	                     wrong-session-expiry   sessions end when they are silent, not before
//	views ──────▶        regressed-znode        versions, epochs and zxids never go back
//	                     orphan-ephemeral       ephemeral nodes go with their sessions
//	notes ──────▶        two-controllers        an epoch has one controller
//
// A ZooKeeper whose disk lost what was flushed begins anew. It knows no simulator.
//
// Read in this order: facts.go, frames.go, views.go.
package znodes
