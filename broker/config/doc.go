// Package config is what can be set of a broker and of a topic, under Kafka's names, and what holds
// when several layers set the same.
//
//	broker_properties.go  brokerTable   ──▶ Broker ─┐
//	topic.go              topicTable    ──▶ Topic  ─┴─▶ Settings ──▶ described, altered
//	synonym.go            topicSynonyms: the broker's names of a topic's defaults
//	value.go              how a setting is read and written
//
// The layers, from the bottom: Kafka's default, the file (Broker.Set), all brokers' settings in
// ZooKeeper, this broker's there, and for a topic its own. The tables of what there is to set are
// literals that nothing changes.
//
// What it is not: it reads no file and speaks to no ZooKeeper; the room broker does, and hands in
// what was read. The variants of Kafka's history (variants.go) are no settings of Kafka's.
//
// Read in this order: broker.go, broker_properties.go, value.go, topic.go, synonym.go, settings.go,
// topics.go, describe.go, alteration.go, listener.go, variants.go.
package config
