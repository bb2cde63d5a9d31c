package scenarios

import (
	"fmt"
	"strconv"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/measure"
)

// CheckMeasure returns the unit of the measure called name, or an error with the nearest name.
func CheckMeasure(name string) (kafka.Unit, error) {
	unit, ok := kafka.UnitOf(name)
	if ok {
		return unit, nil
	}
	e := &model.InputError{
		Problem: fmt.Sprintf("no run has a number called %q", name),
		Hint:    "`sandcastle sweep --help` lists them",
	}
	if near := kafka.NearestMeasure(name); near != "" {
		e.Hint = "did you mean " + strconv.Quote(near) + "?"
	}
	return unit, e
}

// parseMeasured reads a value of a unit, as in 20ms or 1MiB.
func parseMeasured(unit kafka.Unit, text string) (int64, error) {
	switch unit {
	case kafka.UnitTime:
		d, err := parseDuration(text)
		return int64(d), err
	case kafka.UnitBytes:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		return parseSize(text)
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			err = fmt.Errorf("%q is no whole number", text)
		}
		return n, err
	}
}

// measureKind reads the name of a measure.
func measureKind() kind[string] {
	return scalar(map[string]any{"type": "string"}, func(s string) (string, error) {
		_, err := CheckMeasure(s)
		return s, err
	})
}

// counters sums the run up, under the names of kafka.MeasureKinds.
func (p *player) counters() map[string]int64 {
	counters := measure.OfHistory(p.recorder.History(), model.Time(p.s.Duration))
	p.notes.Add(counters)
	p.load.Add(counters, p.world.Nodes(), p.cluster.Brokers)
	for _, id := range p.cluster.Brokers {
		if b := p.cluster.Broker(id); b != nil {
			size, scanned := b.Replicas().Bytes()
			counters["log.bytes"] += size
			counters["log.bytes.scanned"] += scanned
		}
	}
	return counters
}

// watchLoad looks at every node each second, until the workload ends.
func (p *player) watchLoad() {
	const second = time.Second
	p.world.At(p.world.Now().Add(second), func() {
		if p.world.Now() <= model.Time(p.s.Duration) {
			p.load.Look(p.world)
			p.watchLoad()
		}
	})
}
