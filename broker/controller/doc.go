// Package controller is the controller of a Kafka cluster that keeps its metadata in ZooKeeper
// (Kafka 3.9, core/src/main/scala/kafka/controller). Every broker holds one; the one whose broker
// created /controller is active. It is not a process: it lives on its broker's steps, session and
// connections.
//
//	         /controller      /brokers/ids      /brokers/topics    /admin/delete_topics
//	              |                 |                  |                   |
//	OnSession, OnWatch              |                  |                   |   watches
//	              v                 v                  v                   v
//	          election.go    broker_changes.go   topic_changes.go   topic_deletion.go
//	              |                 |                  |                   |
//	              +--- one event at a time: event_queue.go ----------------+
//	                                |
//	    leader choice: partition_state.go; written by partition_changes.go
//	                                |    multi[check /controller_epoch, set state at version]
//	                                v
//	         request_batch.go: LeaderAndIsr, UpdateMetadata, StopReplica
//	                                |
//	         broker_queue.go: one request in flight per broker, in order, until answered
//
// What makes a zombie harmless: each write to ZooKeeper is bound to the version of
// /controller_epoch that this controller wrote when it was elected. When another has been elected
// since, the write fails, and the controller resigns at once. Requests carry the controller epoch,
// and brokers refuse an older one.
//
// Of Kafka's it lacks /admin/reassign_partitions, where tools of before KIP-455 ask for moves, and
// rack-aware assignment.
//
// Read in this order: controller.go, event_queue.go, operations.go, election.go, context.go,
// partition_state.go, partition_changes.go, broker_changes.go, topic_changes.go, request_batch.go,
// broker_queue.go; then topic_creation.go and topic_deletion.go, alter_partition.go,
// reassignment.go, elect_leaders.go, controlled_shutdown.go. leader_choice.go is for scenarios and
// not of Kafka.
package controller
