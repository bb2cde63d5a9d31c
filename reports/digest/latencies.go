package digest

import (
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
)

// latency is how long one acknowledged send took, by the time of its acknowledgement.
type latency struct {
	at, took model.Time
}

// latencies pairs the ends of sends. A process of a history has one operation open at a time.
type latencies struct {
	open    map[int]model.Time
	samples []latency
	// Of every stride sends one is kept, once there are very many.
	stride, skipped int
	// waiting is since when somebody has asked without anybody being answered: from the last
	// acknowledgement, or from the first send after it when none was open then. Never when nobody
	// asks.
	waiting model.Time
	// longest is the longest wait that became a moment.
	longest model.Time
}

const (
	latencyLimit = 1 << 21
	silence      = model.Time(1_000_000_000)
)

func newLatencies() latencies {
	return latencies{open: map[int]model.Time{}, stride: 1, waiting: model.Never}
}

// onOp takes in a line of the history. When a send is acknowledged after a long silence, it
// returns the moment that tells of it.
func (l *latencies) onOp(op *kafka.Op) (Moment, bool) {
	if op.F != kafka.FSend {
		return Moment{}, false
	}
	began, paired := l.open[op.Process]
	if op.Type == kafka.Invoke {
		l.open[op.Process] = op.Time
		l.waiting = min(l.waiting, op.Time)
		return Moment{}, false
	}
	delete(l.open, op.Process)
	if op.Type != kafka.OK || !paired {
		return Moment{}, false
	}
	l.keep(latency{op.Time, op.Time - began})
	since := l.waiting
	l.waiting = model.Never
	if len(l.open) > 0 {
		l.waiting = op.Time
	}
	return l.gap(since, op.Time, "have an acknowledgement again, after %s without one")
}

// gap tells of a time in which somebody waited and nobody was answered, when it is over: before, no
// one could know how long it would be.
func (l *latencies) gap(from, to model.Time, what string) (Moment, bool) {
	if to-from < silence {
		return Moment{}, false
	}
	l.longest = max(l.longest, to-from)
	return Moment{
		At: to, Where: "producers", Kind: "silence", Weight: prose.Headline,
		What: fmt.Sprintf(what, prose.Seconds(to-from, 2)),
	}, true
}

// lastGap tells of sends that were still waiting at the end.
func (l *latencies) lastGap(end model.Time) (Moment, bool) {
	if len(l.open) == 0 {
		return Moment{}, false
	}
	return l.gap(l.waiting, end, "have had no acknowledgement for %s, and have none now")
}

func (l *latencies) keep(s latency) {
	l.skipped++
	if l.skipped < l.stride {
		return
	}
	l.skipped = 0
	l.samples = append(l.samples, s)
	if len(l.samples) < latencyLimit {
		return
	}
	half := l.samples[:0]
	for i := 0; i < len(l.samples); i += 2 {
		half = append(half, l.samples[i])
	}
	l.samples, l.stride = half, l.stride*2
}

// Quantiles are those of one window of time.
type Quantiles struct {
	From               model.Time
	P50, P95, P99, Max model.Time
}

// QuantileWindows returns the quantiles (nearest rank) of every window that has a sample.
func QuantileWindows(samples []latency, window model.Time) []Quantiles {
	var out []Quantiles
	var took []model.Time
	for i := 0; i < len(samples); {
		slot := samples[i].at / window
		took = took[:0]
		for ; i < len(samples) && samples[i].at/window == slot; i++ {
			took = append(took, samples[i].took)
		}
		slices.Sort(took)
		rank := func(percent int) model.Time { return took[(len(took)*percent+99)/100-1] }
		out = append(out, Quantiles{slot * window, rank(50), rank(95), rank(99), took[len(took)-1]})
	}
	return out
}
