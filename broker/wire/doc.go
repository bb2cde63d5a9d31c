// Package wire turns Kafka's bytes into requests, responses and record batches, and back.
//
//	frame   = length (4 bytes, cut off by the host) + header + body
//	header  = api key, version, correlation id, client id [, tagged fields]     frame.go
//	body    = kmsg's generated types                                            request.go
//	          Produce and Fetch in place, in memory used before                 plain.go
//	records = record batch v2 inside Produce and Fetch bodies                   batch*.go, record*.go
//	          with its records under gzip, snappy, lz4 or zstd                  compress*.go
//	          or, of clients before 0.11, messages of magic 0 or 1              message_set*.go
//
//	Links ── one Link per address ── dial, ApiVersions, pipelining, timeouts    links.go, link.go
//
// Bodies are encoded and decoded by franz-go's kmsg; headers, batches and connections are ours. It
// decides nothing: which versions a broker serves stands in package broker, what a client sends in
// package client, and what frames mean in words, for the trace, in package frametext.
//
// Nothing here trusts its input: every decoder returns an error for bytes that do not parse, and a
// fuzz test holds it to that.
//
// Read in this order: errors.go, frame.go, request.go, batch.go, compress.go, link.go, links.go.
package wire
