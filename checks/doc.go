// Package checks judges. It reads what clients asked and were told (kafka.History), or looks into a
// cluster that lends its insides (kafka.ClusterView, kafka.TraceLine), and says what must not have
// happened: one file for each anomaly. Those of histories have some under testdata that must pass
// and some that must fail.
//
//	history ──▶ Judge ──▶ partition (what the history says about one log)
//	                        ├─ inconsistent-offsets, duplicate, lost-write, unseen, G1a: Jepsen's
//	                        │  definitions (jepsen.tests.kafka); unprocessed, processed-twice,
//	                        │  key-reordered
//	                        ├─ checks/order: Jepsen's others, by the order of the logs:
//	                        │  precommitted-read, poll-skip, nonmonotonic-poll, the internal ones,
//	                        │  nonmonotonic-send, G0, G1c, PL-1-cycle-exists and their forms
//	                        └─ nonlinearizable
//	                             1. the order of a log, in linear time: decides
//	                             2. Porcupine over kafka.PartitionLog, where it is small: agrees
//	notes, views ─▶ Watcher ─▶ LogMatching, WeakIsr, StrongIsr, LeaderCompleteness,
//	                           NoCommittedRecordLostGlobally, ConsistentRead, regressed-hw,
//	                           two-leaders, double-owner
//	requests to coordinators and ZooKeeper ─▶ Watcher ─▶ checks/groups, checks/znodes
//	                └─ logs ─▶ out-of-bounds, broken-batch, broken-sequence, early-deletion,
//	                           late-deletion, unrolled-segment, bad-compaction, changed-log,
//	                           producer-state, epoch-cache, wrong-lookup, misplaced-replica,
//	                           early-ack, uncommitted-read, misrouted-key
//
// What Jepsen does not count as invalid is in Report.Allowed, with who allows it, and no finding. A
// check that lacks what it needs (judge.go has the table) is undecided.
//
// It is not a simulator and knows none: a history recorded from a real cluster is judged alike. No
// verdict depends on the clock; the budget of a search is counted in steps. A check that runs out
// of budget or crashes is reported as undecided, never as passed, and the others go on.
//
// Read in this order: judge.go, partition.go, tally.go; then inconsistent_offsets.go and its
// neighbours; ordered.go and checks/order; appends.go, linear.go, porcupine.go; watcher.go,
// look.go and the files that the watcher's table names; log_checks.go; then checks/logs,
// checks/groups and checks/znodes.
package checks
