package order

import "sandcastle/model/kafka"

// G0 finds cycles of operations of which each sent the record before one of the next (Adya's G0, a
// dirty write), where a is kafka.G0; where it is kafka.G0Process or kafka.G0Realtime, those that
// take the order of processes or of time as well. Kafka allows them: transactions do not isolate
// writes.
func (d *Dependencies) G0(a kafka.Anomaly, found func(Case)) {
	d.cycles(a, "", found)
	if a == kafka.G0Realtime { // what a process does one after the other is also so by the clock
		d.cycles(kafka.G0Process, kafka.G0Process, found)
	}
}
