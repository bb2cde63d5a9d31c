// Package broker is a Kafka broker as one pure state machine: Broker.Step takes an event and says
// what it wants. The simulator plays it over virtual time; broker/host plays the same code over
// sockets. This room takes requests in and sends replies out; what they are about is in the rooms
// below.
//
//	         frames           ┌──────────────────────────── Broker ───────────────────────────┐
//	clients ────────▶ connection.go ▶ api.go ─┬▶ broker/replica ──▶ broker/log ──▶ disk
//	                          │               ├▶ broker/group       (coordinator)
//	                          │               ├▶ broker/controller  (when this broker is it)
//	                          │               └▶ api_*.go ──▶ broker/config
//	ZooKeeper ◀────── session.go  (registration, configurations, producer ids)
//	                          └────────────────────────────────────────────────────────────────┘
//
// The walk of a produced record, each room once:
//
//  1. broker/host's socket, or sim's link, has a frame: Step takes it as an event.
//  2. broker: connection.go queues it behind the request of its connection that is in work.
//  3. broker/wire parses the request, of which the row in api.go says who answers; and, for the
//     next step, the batch with its CRC.
//  4. broker/replica: HandleProduce finds the Partition that this broker leads, validates the batch
//     and appends it; what followers fetch lets replica/isr.go raise the high watermark over it.
//  5. broker/log gives it offsets and writes it into the active segment. From there it is read into
//     the Fetches that wait for its partition: a follower's at once, a consumer's when the high
//     watermark has passed it.
//  6. broker/client: the consumer finds it in that answer and hands it to its application.
//
// Metadata enters by one door: LeaderAndIsr, UpdateMetadata and StopReplica, sent by the
// controller, and are kept in metadata_cache.go and in each Partition; fence.go keeps out what
// controllers of the past say. Each API's contract opens the file of the room that answers it.
//
// Settings come in layers (broker/config); configs.go reads and writes those that ZooKeeper holds,
// config_changes.go hears of changes. Work of several steps, such as the registration, is a
// value (broker/chain) that says where it stands.
//
// What it is not: it holds no sockets, files or clocks, starts no goroutine, and knows neither
// scenarios nor checkers.
//
// Read in this order: broker.go, connection.go, api.go, metadata_cache.go, api_metadata.go,
// session.go, registration.go, briefing.go, identity.go, fence.go, configs.go, offsets_topic.go,
// shutdown.go; then broker/replica.
package broker
