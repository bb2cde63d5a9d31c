// Package group is the coordinator of classic consumer groups (Kafka 3.9 in ZooKeeper mode:
// kafka.coordinator.group.GroupCoordinator and GroupMetadataManager, Scala, read at apache/kafka
// 1eb7644, trunk of October 2024 before 4.0).
// It is not a process: it lives on the steps of the broker that leads a partition of
// __consumer_offsets, and that partition is its memory.
//
//	JoinGroup … OffsetFetch                         the broker leads __consumer_offsets-p
//	        │                                                    │ Load / Unload
//	        ▼                                                    ▼
//	  api_*.go ── decide ──▶ records ──▶ Log.Append ──▶ __consumer_offsets-p
//	        │                                │ done (acks=all)   │ replay
//	        │                                ▼                   ▼
//	        │                            apply(record): committed offsets, stored metadata
//	        ▼                                │
//	   Reply ◀───────────────────────────────┘ what promises durability waits for done
//
// The states of a group, and what moves it:
//
//	         first member                all are back, or the wait is over
//	Empty ────────────────▶ PreparingRebalance ────────────────▶ CompletingRebalance
//	  ▲                       │    ▲        ▲                      │         │
//	  └── nobody is left ─────┘    │        └── a member changes ──┘         │ the leader's
//	                               └─────── a member joins, changes, ── Stable ◀┘ assignment is
//	                                        leaves or expires                    in the log
//
// What a group is made of falls into two halves. The durable half (committed offsets, and the
// metadata of the last stored generation) is changed by apply alone, live and at load. The rest
// (who is parked, deadlines, a generation whose assignment is not stored) dies with the
// coordinator, and clients rebuild it by joining again.
//
// Replies leave at the end of a call, all at once: a reply may make the broker handle the next
// request of the same connection, and that request must find the group at rest.
//
// It does not serve transactions or KIP-848 groups yet.
//
// The Coordinator dispatches requests and timers; the work is done by the store (groups, their
// records and the log), the rebalancer (generations), the commits (offsets), the timers and the
// outbox.
//
// Read in this order: coordinator.go, outbox.go, group.go, member.go, store.go, rebalance.go,
// timer.go, offsets.go, record.go, partition.go, static_member.go, subscription.go, view.go; then
// api_join_group.go and its neighbours.
package group
