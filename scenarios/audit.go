package scenarios

import (
	"fmt"

	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// worldFindings is what the simulated world found out about itself, one finding for all.
func worldFindings(breaches []sim.Breach) []kafka.Finding {
	if len(breaches) == 0 {
		return nil
	}
	f := kafka.Finding{Anomaly: kafka.BrokenWorld, Count: len(breaches)}
	for _, b := range breaches {
		f.Witnesses = append(f.Witnesses, kafka.Witness{
			Op: -1, At: b.At, Who: string(b.Node), Text: b.What,
		})
	}
	f.Explanation = fmt.Sprintf("%s: %s", breaches[0].Node, breaches[0].What)
	return []kafka.Finding{f}
}
