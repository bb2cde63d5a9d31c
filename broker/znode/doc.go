// Package znode is where Kafka's ZooKeeper nodes lie and what is written in them (Kafka 3.9,
// ZkData.scala): paths, and JSON in Kafka's versions and field order.
//
//	/controller                             who is controller (ephemeral)   controller.go
//	/controller_epoch                       how often that changed          controller.go
//	/brokers/ids/N                          live brokers (ephemeral)        broker.go
//	/brokers/topics/T                       topic id, assignment            topic.go
//	/brokers/topics/T/partitions/P/state    leader, epoch, ISR              partition_state.go
//	/config/topics/T, /config/changes/...   settings, notices of change     config.go
//	/isr_change_notification/isr_change_N   leaders changed ISRs            isr_change.go
//	/log_dir_event_notification/...         brokers that lost a disk        log_dir_event.go
//	/admin/preferred_replica_election       elections asked for             isr_change.go
//	/admin/delete_topics/T                  marked for deletion
//	/cluster/id, /latest_producer_id_block  what the cluster is, its ids    cluster.go
//
// The order of fields is that of Kafka's files as people print them: Kafka builds the JSON from
// Scala hash maps, so it looks shuffled but is always the same. Only within "partitions" of a
// topic, where the Scala order depends on the number of partitions, do we write in numeric order.
//
// Encoders cannot fail. Decoders accept unknown fields and older versions, return an error for what
// they cannot read, and never panic.
//
// It does not talk to ZooKeeper: that is package zookeeper.
//
// Read in this order: path.go, controller.go, topic.go, partition_state.go.
package znode
