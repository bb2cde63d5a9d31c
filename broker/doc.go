// Package broker is a Kafka broker as one pure state machine: Broker.Step takes an event and says
// what it wants. The simulator plays it over virtual time; broker/host plays the same code over
// sockets.
//
//	          frames            ┌───────────────────────────── Broker ─────────────────────────────┐
//	clients ──────────▶ connection.go ▶ api.go ▶ api_*.go ▶ partition.go ▶ broker/log ▶ disk
//	                            │                    │            ▲  ▲
//	                            │                    │            │  └── isr.go (ISR, high watermark)
//	                            │                    │            └───── fetcher.go ──▶ other brokers
//	                            │                    ├▶ broker/group       (coordinator)
//	                            │                    └▶ broker/controller  (when this broker is it)
//	ZooKeeper ◀──────── registration.go  (session, /brokers/ids, topic configurations)
//	                            └──────────────────────────────────────────────────────────────────┘
//
// Metadata enters by one door: LeaderAndIsr, UpdateMetadata and StopReplica, sent by the
// controller, and are kept in metadata_cache.go and in each Partition. What the broker wants
// changed (an ISR) leaves by one door: isr_store.go, behind which are isr_by_zookeeper.go and
// isr_by_controller.go.
//
// A fetcher copies what this broker follows from one leader: fetcher.go (which partitions, in which
// state), fetcher_request.go (the fetches and their session), fetcher_truncation.go (how a log is
// made to agree; the table of what the variants of Kafka's history differ in), fetcher_reset.go
// (offsets that the leader does not have), replication_quota.go (how fast at most).
//
// What nobody asked for but must be done for the logs, retention, flushes and checkpoints, is in
// log_tasks.go and the files that it names; log_dir.go ends the broker when its disk fails, and
// shutdown.go in good order. Settings come in layers: config.go from the file, dynamic_config.go
// from ZooKeeper, topic_configs.go for one topic; config_changes.go hears of changes.
//
// The log holds record batches alone; message_sets.go is where they meet the formats of old
// clients.
//
// What it is not: it holds no sockets, files or clocks, starts no goroutine, and knows neither
// scenarios nor checkers.
//
// Read in this order: config.go, broker.go, connection.go, api.go, partition.go, isr.go,
// api_produce.go, validation.go, api_fetch.go, fetch_session.go, fetcher.go and its neighbours,
// api_leader_and_isr.go, registration.go, offsets_topic.go, log_tasks.go, log_flush.go, log_dir.go,
// shutdown.go, dynamic_config.go.
package broker
