// Package metrics exports to Prometheus what brokers count, under the names that the JMX exporter
// gives to Apache Kafka's own metrics, so that a dashboard made for Kafka shows these brokers too.
//
//	GET /metrics ─▶ exporter.Collect ─▶ Cluster.Meters ─▶ sample: a metric for each count
//	GET /healthz ─▶ 200 when every broker of this process serves
//
// What it is not: nothing is counted here. Brokers count (broker.Meters), and are asked for it only
// when somebody asks.
package metrics
