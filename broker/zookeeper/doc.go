// Package zookeeper is ZooKeeper as Kafka needs it: a Server that is a process, and a Session that
// a broker embeds. They speak ZooKeeper's own protocol (3.8), so either end can be the real one.
//
//	broker ─ Session ──frames (jute)──▶ Server ─▶ txn log ─flush▶ apply ─▶ tree, watches, replies
//	         session.go                 server.go  txn_log.go     txn.go   tree.go watch.go
//	         reconnects, pings,         one write after the other, each durable before it is seen
//	         watches                    reads wait behind the writes of their own connection
//
// Decide, then apply: a request becomes a txn, the txn is written to the log and flushed, and only
// apply changes the tree, at run time and at recovery alike. Whether a txn succeeds is decided when
// it is applied, in the order of the log. One flush covers all txns that came in during the
// previous one, and what was recovered is flushed before anyone sees it.
//
// What it is not: an ensemble (there is one server), and no access control: every node is
// world:anyone, and auth requests are accepted and ignored.
//
// Read in this order: jute.go, code.go, message.go, tree.go, txn.go, txn_log.go, server.go,
// server_session.go, watch.go; then session.go, session_requests.go.
package zookeeper
