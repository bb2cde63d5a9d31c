package order

import "sandcastle/model/kafka"

// CycleExists tells which isolation level the cycles rule out, under the names that Elle gives to
// that: each is a less precise name of a cycle, and follows from it. PL-1 is Adya's read
// uncommitted, PL-2 read committed, and the strong ones keep real time too.
func (d *Dependencies) CycleExists(a kafka.Anomaly, found func(Case)) {
	for _, c := range cyclesBehind(a) {
		d.cycles(c, c, found)
	}
}

func cyclesBehind(a kafka.Anomaly) []kafka.Anomaly {
	switch a {
	case kafka.PL1CycleExists:
		return []kafka.Anomaly{kafka.G0}
	case kafka.PL2CycleExists:
		return []kafka.Anomaly{kafka.G1c}
	case kafka.StrongPL1CycleExists:
		return []kafka.Anomaly{kafka.G0Process, kafka.G0Realtime}
	default:
		return []kafka.Anomaly{kafka.G1cProcess, kafka.G1cRealtime}
	}
}
