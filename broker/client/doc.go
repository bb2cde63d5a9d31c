// Package client holds Kafka's clients as pure processes: Producer, Consumer and Admin. Each is a
// model.Process that speaks real Kafka bytes, with the properties and defaults of Kafka's Java
// clients (3.9; where 4.0 differs it says so).
//
//	Send ──▶ partitioner ──▶ accumulator ──▶ sender ──▶ Produce   one request per leader,
//	                         a queue per         ▲                 max.in.flight of them
//	                         partition      retry┘
//
//	Subscribe ──▶ membership ──▶ assignment ──▶ committed offset or reset ──▶ Fetch ──▶ delivery
//	              Join, Sync,    one position                                 one per    to the
//	              Heartbeat      per partition                                leader     application
//
// The application is part of the process: a consumer's records are delivered to an application that
// takes ProcessTime for each, or to a real one (application.go), and what the clients were asked
// and answered goes to the history.
//
// A Consumer is made of Kafka's own parts, each of which knows only those that it needs: which
// partitions it reads and where (subscriptionState), its membership and the coordinator, the
// committed offsets, the positions that are missing or in doubt (offsetFetcher), the records
// (fetcher), and the application that works on them (processing).
//
// What it is not: no threads (Kafka's consumer sends heartbeats from a second one; here every
// timer is an event), no transactions yet, no cooperative rebalancing.
//
// Read in this order: command.go, cluster_metadata.go, retry_backoff.go; for the producer
// producer.go, partitioner.go, accumulator.go, producer_sender.go, producer_outcome.go,
// producer_sequence.go, producer_idempotence.go; for the consumer consumer.go,
// subscription_state.go, consumer_history.go, consumer_poll.go, group_coordinator.go,
// consumer_group.go, consumer_leader.go, assignor.go, consumer_heartbeat.go, consumer_offsets.go,
// consumer_validation.go, consumer_fetch.go, fetched_partition.go, consumer_deliver.go,
// application.go, consumer_processing.go, consumer_commit.go, consumer_close.go; then admin.go,
// admin_command.go, admin_partition.go, admin_configs.go, admin_topics.go, admin_offsets.go,
// admin_coordinator.go, admin_groups.go, admin_group_offsets.go.
package client
