package rundir

import (
	"fmt"
	"sort"

	"sandcastle/checks"
	"sandcastle/model/kafka"
	"sandcastle/reports/page"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

// writeLinearizability draws Porcupine's page for the first partition that is not linearizable.
func writeLinearizability(d *dir, result *scenarios.Result) error {
	name, drawn, err := linearizability(result.Run.Findings, result.History)
	if err != nil || drawn == nil {
		return err
	}
	return d.write(name, drawn)
}

// linearizability is that page and its name, nil when there is nothing to draw.
func linearizability(findings []kafka.Finding, h kafka.Operations) (string, []byte, error) {
	for _, f := range findings {
		if !text.HasDrawing(f) {
			continue
		}
		key, ok := partitionOf(f, h)
		if !ok {
			break
		}
		drawn, err := checks.Visualize(h, key)
		if err == nil {
			drawn, err = page.WithPolicy(drawn)
		}
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", text.LinearizabilityPage, err)
		}
		return text.LinearizabilityPage, drawn, nil
	}
	return "", nil, nil
}

// partitionOf is the partition of a finding's first witness.
func partitionOf(f kafka.Finding, h kafka.Operations) (kafka.TopicPartition, bool) {
	for _, w := range f.Witnesses {
		at := sort.Search(h.Len(), func(i int) bool { return h.At(i).Index >= w.Op })
		if w.Op < 0 || at == h.Len() || h.At(at).Index != w.Op {
			continue
		}
		for _, mop := range h.At(at).Value {
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
