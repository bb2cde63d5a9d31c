// Package oracle asks Apache Kafka. It has tests only: they send the same raw requests to Apache
// Kafka 3.9, to Apache Kafka 4.x and to a broker of ours, each a process of its own on loopback,
// and compare what comes back field by field.
//
//	exchanges ──▶ player ──▶ Kafka 3.9 ─┐
//	(cases_*)        ├─────▶ ours       ├──▶ compare ──▶ differences.tsv ──▶ pass or fail
//	                 └─────▶ Kafka 4.x ─┘
//
// Our broker is to answer as Kafka 3.9. What it does not stands in testdata/differences.tsv with
// its reason, and in README.md for who reads; TestOracle fails on a difference that is not in the
// list, and on an entry of the list that no longer differs. Kafka 4.x is asked to tell an oddity of
// one version from what all have.
//
// `make test-oracle` runs it, which needs Java and Maven and takes about five minutes. Without them
// it says so and compares nothing.
//
// What differs in every run (ids, times, member names) is put into words that do not: id of a
// topic, T+1000 for a second after the run's beginning, member1. Messages for people may have other
// words, but must be there or not as Kafka's are.
//
// What it is not: no client library is in between, only the framing and kmsg's codec; and it is one
// broker, so what takes several is not asked.
//
// Read in this order: cases_test.go and a file of cases, player_test.go, fields_test.go,
// compare_test.go, differences_test.go, kafka_test.go, oracle_test.go.
package oracle
