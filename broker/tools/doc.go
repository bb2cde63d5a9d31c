// Package tools is what kcat and Kafka's own command-line tools do, done with the clients of this
// project on the real host: topics and groups looked after, lines turned into records and records
// into lines, against any Kafka cluster.
//
//	lines ─▶ recordSource ─▶ delivery ─▶ client.Producer ─┐              ┌─▶ acknowledgements
//	                                                      ├─▶ reach ─▶ host.Node ─▶ cluster
//	Admin ─▶ client.Admin ────────────────────────────────┤              │
//	reading ─▶ client.Consumer ───────────────────────────┘   sink ◀─────┘
//	                                                            └─▶ outbox ─▶ records, line by line
//
// Client processes are pure and take one event at a time; the goroutines here carry lines to them
// and away. Memory stays bounded on both ways: a delivery lets only so many bytes be on their way,
// and a sink that has no room pauses its consumer.
//
// What it is not: it parses no command line (cmd/sandcastle does).
//
// Read in this order: bootstrap.go, admin.go, topic.go, group.go with group_*.go; produce.go with
// produce_*.go; consume.go with consume_*.go; outbox.go (a slow pipe), reach.go (who cannot be
// reached), refused.go.
package tools
