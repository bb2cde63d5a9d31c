package main

import "testing"

const seeds = 100

func TestTheRegisterIsOne(t *testing.T) {
	if _, r, err := hunt(seeds, none); err != nil {
		t.Error(err)
		for _, e := range r.history {
			t.Log(e)
		}
	}
}

func TestMistakesAreFound(t *testing.T) {
	for _, m := range []mistake{oneAnswer, earlyAnswer} {
		if _, _, err := hunt(seeds, m); err == nil {
			t.Errorf("%d seeds do not find %s", seeds, m)
		}
	}
}

// Whatever goes wrong does not last, so clients get on. A register that never answers is never
// wrong.
func TestClientsGetOn(t *testing.T) {
	for seed := uint64(1); seed <= seeds; seed++ {
		done := map[string]int{}
		for _, e := range play(seed, none).history {
			if e.op.done {
				done[e.op.kind]++
			}
		}
		if done[write] < 20 || done[read] < 20 {
			t.Errorf("seed %d: %d writes and %d reads came to an end", seed, done[write], done[read])
		}
	}
}

func TestOneSeedGivesOneRun(t *testing.T) {
	if a, b := play(7, none), play(7, none); a.hash != b.hash || len(a.history) != len(b.history) {
		t.Error("the seed gave two runs")
	}
}
