// Package config is what can be set of a broker and of a topic, under Kafka's names, and what holds
// when several layers set the same.
//
//	broker.tsv, topic.tsv  what each setting that Kafka has may be: definition.go
//	broker_properties.go   brokerTable, those that have an effect ──▶ Broker ─┐
//	topic.go               topicTable                             ──▶ Topic  ─┴─▶ Settings
//	synonym.go             topicSynonyms: the broker's names of a topic's defaults
//	value.go, version.go   how a setting is read, by Kafka's rules
//	property.go            how it gets into its field
//	validation.go          what settings must be together
//
// Settings are described (describe.go) and altered (alteration.go) over Kafka's protocol. The
// layers, from the bottom: Kafka's default, the file (Broker.Set), all brokers' settings in
// ZooKeeper, this broker's there, and for a topic its own. The tables of what there is to set are
// literals, or lines of a file, that nothing changes. A setting without a row in brokerTable,
// topicTable or HostProperties is accepted, checked, kept and described, and has no effect;
// whoever adds its effect adds the row.
//
// What it is not: it reads no file and speaks to no ZooKeeper; the room broker does, and hands in
// what was read. The variants of Kafka's history (variants.go) are no settings of Kafka's.
//
// Read in this order: definition.go, value.go, broker.go, property.go, broker_properties.go,
// topic.go, synonym.go, settings.go, topics.go, validation.go, describe.go, alteration.go,
// version.go, listener.go, variants.go.
package config
