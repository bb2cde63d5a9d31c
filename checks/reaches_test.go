package checks

import (
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Kept as differences, the steps say what they said.
func TestReachesPassWhatTheStepsPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r reaches
		var steps []reach
		now, to := model.Time(0), kafka.Offset(0)
		for range rapid.IntRange(0, 3*reachesApart).Draw(t, "steps") {
			now += model.Time(rapid.IntRange(0, 1_000_000).Draw(t, "time"))
			to += kafka.Offset(rapid.IntRange(0, 5).Draw(t, "records"))
			r.add(reach{now, to})
			steps = append(steps, reach{now, to})
		}
		for o := kafka.Offset(-1); o <= to+1; o++ {
			i := sort.Search(len(steps), func(i int) bool { return steps[i].to > o })
			at, passed := r.passed(o)
			require.Equal(t, i < len(steps), passed)
			if passed {
				require.Equal(t, steps[i].at, at)
			}
		}
	})
}
