// Package replica is the replicas that a broker holds: their logs and roles, the requests that are
// about their records, how they are copied, and what is done for their logs.
//
//	          requests                                     timers
//	             │                                           │
//	             ▼                                           ▼
//	Set ── api_*.go ──▶ Partition ──▶ broker/log      log_tasks.go: retention, flushes,
//	             │        ▲  ▲  ▲                     checkpoints; log_cleaning.go
//	 deadlines.go│        │  │  └── isr.go (ISR, high watermark) ──▶ isr_store.go
//	             │        │  └───── fetcher.go ──▶ leaders on other brokers
//	             └─ fetch_session.go, fetch_target.go (what is read of whom)
//
// What a broker gives its replicas stands in environment.go, in small interfaces. What a leader
// wants changed (an ISR) leaves by one door, isr_store.go, behind which are isr_by_zookeeper.go and
// isr_by_controller.go.
//
// A fetcher copies what this broker follows from one leader: fetcher.go (which partitions, in which
// state), fetcher_request.go (the fetches and their session), fetcher_truncation.go (how a log is
// made to agree; the table of what the variants of Kafka's history differ in), fetcher_reset.go
// (offsets that the leader does not have), replication_quota.go (how fast at most).
//
// What nobody asked for but must be done for the logs, retention, flushes and checkpoints, is in
// log_tasks.go and the files that it names; log_dir.go ends the broker when its disk fails, and
// clean_shutdown.go leaves the logs so that the next start need not scan them.
//
// The log holds record batches alone; message_sets.go is where they meet the formats of old
// clients.
//
// What it is not: it knows no connections of clients, only who waits for a reply, and no metadata
// but what Cluster and Peers say.
//
// Read in this order: environment.go, set.go, partition.go, isr.go, api_leader_and_isr.go,
// api_produce.go, validation.go, api_fetch.go, fetch_session.go, fetcher.go and its neighbours,
// log_tasks.go, log_flush.go, log_dir.go, clean_shutdown.go.
package replica
