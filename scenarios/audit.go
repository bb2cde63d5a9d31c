package scenarios

import (
	"fmt"

	"sandcastle/checks/canary"
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

// blindFindings are the checks that did not notice what was planted for them, one finding for all.
func blindFindings(blind []canary.Blind) []kafka.Finding {
	if len(blind) == 0 {
		return nil
	}
	f := kafka.Finding{Anomaly: kafka.BlindCheck, Count: len(blind)}
	for _, b := range blind {
		f.Witnesses = append(f.Witnesses, kafka.Witness{Op: -1, Who: b.Check, Text: b.Planted})
	}
	f.Explanation = blind[0].String()
	return []kafka.Finding{f}
}
