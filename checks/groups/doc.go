// Package groups judges the coordinators of consumer groups: by what was asked of them on the wire
// and what they answered (kafka.GroupExchange), by what brokers note, and by views of their
// insides. It believes no coordinator's own account of what was asked.
//
//	exchanges, notes ──▶ Facts ──▶ lost-offset, regressed-offset, phantom-offset    offsets.go
//	                       │       stale-commit, zombie-member                      fenced.go
//	                       │       regressed-generation, torn-generation            generations.go
//	                       │       wrong-expiry                                     expiry.go
//	views ─────────────────┴─────▶ resurrected-group, and the offsets again         views.go
//
// What may rightly be so is let pass: the outcome of a commit that was answered with an error is
// not known; a coordinator whose partition another broker leads by now answers as it must; a
// generation whose assignment was never stored dies with its coordinator, and its number comes
// again; offsets expire, and go with their topics; and where disks may have lost a partition of
// __consumer_offsets, or an unclean election has, its groups begin anew.
//
// It knows no simulator, and neither how a coordinator is built.
//
// Read in this order: facts.go, members.go, track.go, then the files above.
package groups
