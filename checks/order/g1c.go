package order

import "sandcastle/model/kafka"

// G1c finds cycles of operations of which some read what the one before sent (Adya's G1c, circular
// information flow), where a is kafka.G1c, and those that take the order of processes or of time as
// well for kafka.G1cProcess and kafka.G1cRealtime. A cycle of reads alone breaks Kafka's promise,
// at read_committed: what a transaction sends is read when it has ended, and what it read was sent
// before. One that takes the order of records in a log (Jepsen's :ww-deps) is allowed.
func (d *Dependencies) G1c(a kafka.Anomaly, found func(Case)) {
	d.cycles(a, "", found)
	if a == kafka.G1cRealtime {
		d.cycles(kafka.G1cProcess, kafka.G1cProcess, found)
	}
}
