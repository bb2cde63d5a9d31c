// Package controller is the controller of a Kafka cluster that keeps its metadata in ZooKeeper
// (Kafka 3.9, core/src/main/scala/kafka/controller). Every broker holds one; the one whose broker
// created /controller is active. It is not a process: it lives on its broker's steps, session and
// connections.
//
//	         /controller      /brokers/ids      /brokers/topics    /admin/delete_topics
//	              |                 |                  |                   |
//	OnSession, OnWatch              |                  |                   |   watches
//	              v                 v                  v                   v
//	         election.go    broker_changes.go   topic_changes.go   topic_deletion.go
//	              |                 |                  |                   |
//	              +--- one event at a time: event_queue.go, in steps: broker/chain
//	                                |
//	    who leads: partition_state.go, partition_state_machine.go, replica_state_machine.go
//	                                |
//	    state_update.go, state_store.go: multi[check /controller_epoch, set state at version]
//	                                |                                    |
//	    request_batch.go: LeaderAndIsr, UpdateMetadata, StopReplica    zk_client.go
//	                                |
//	    broker_queues.go: one request in flight per broker, in order, until answered
//
// What makes a zombie harmless: each write to ZooKeeper is bound to the version of
// /controller_epoch that this controller wrote when it was elected. When another has been elected
// since, the write fails, and the controller resigns at once. Requests carry the controller epoch,
// and brokers refuse an older one.
//
// The parts of the Controller are types of their own, under Kafka's names where it has one:
// cluster (ControllerContext), zkClient, eventQueue, brokerQueues (ControllerChannelManager),
// requestBatch, waiters (the purgatories of admin requests), partitionStateMachine,
// replicaStateMachine, topicDeletions, reassignments, topicAdmin (ZkAdminManager).
//
// It does not serve /admin/reassign_partitions, where tools older than KIP-455 ask for moves, and
// assigns replicas without regard to racks.
//
// Read in this order: controller.go, event_queue.go, zk_client.go, election.go,
// failover.go, cluster.go, partition_state.go, state_store.go, state_update.go,
// partition_state_machine.go, replica_state_machine.go, broker_changes.go, topic_changes.go,
// request_batch.go, broker_requests.go, broker_queues.go; then topic_creation.go,
// delete_topics.go and topic_deletion.go, alter_partition.go, reassignment.go, elect_leaders.go,
// controlled_shutdown.go. leader_choice.go is for scenarios and not part of Kafka.
package controller
