package rundir

import (
	"fmt"

	"sandcastle/checks"
	"sandcastle/model/kafka"
	"sandcastle/reports/page"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

// writeLinearizability draws Porcupine's page for the first partition that is not linearizable.
func writeLinearizability(d *dir, result *scenarios.Result) error {
	for _, f := range result.Run.Findings {
		if !text.HasDrawing(f) {
			continue
		}
		key, ok := partitionOf(f, result.History)
		if !ok {
			return nil
		}
		drawn, err := Linearizability(result.History, key)
		if err != nil {
			return err
		}
		return d.write(text.LinearizabilityPage, drawn)
	}
	return nil
}

// Linearizability is Porcupine's page for a partition of a history, closed to everything that is
// not in it.
func Linearizability(h kafka.History, key kafka.TopicPartition) ([]byte, error) {
	drawn, err := checks.Visualize(h, key)
	if err == nil {
		drawn, err = page.WithPolicy(drawn)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.LinearizabilityPage, err)
	}
	return drawn, nil
}

// partitionOf is the partition of a finding's first witness.
func partitionOf(f kafka.Finding, h kafka.History) (kafka.TopicPartition, bool) {
	for _, w := range f.Witnesses {
		if w.Op < 0 || w.Op >= len(h) {
			continue
		}
		for _, mop := range h[w.Op].Value {
			if mop.F == kafka.FSend {
				return mop.Key, true
			}
			if len(mop.Polled) > 0 {
				return mop.Polled[0].Key, true
			}
		}
	}
	return kafka.TopicPartition{}, false
}
