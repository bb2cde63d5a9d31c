package replica

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// parked notes by turn who gave up.
type parked struct{ late []uint64 }

func (p *parked) onDeadline(_ *model.Effects, turn uint64) { p.late = append(p.late, turn) }

// Requests give up when their time is over, the earliest first and those of one time in the order in
// which they came, however long each of them wants to wait.
func TestDeadlinesGoOffInOrder(t *testing.T) {
	type waiting struct {
		at   model.Time
		turn uint64
	}
	rapid.Check(t, func(t *rapid.T) {
		d := deadlines{armed: model.Never}
		waits := rapid.SliceOfN(rapid.Int64Range(0, 40), 1, 9).Draw(t, "waits")
		var now model.Time
		var got parked
		var want []uint64
		var open []waiting // as they are to give up
		for turn := range uint64(60) {
			now = now.Add(time.Duration(rapid.Int64Range(0, 5).Draw(t, "pause")))
			out := (&model.Effects{}).At(now)
			if d.armed <= now {
				d.onTimer(out)
			}
			for len(open) > 0 && open[0].at <= now {
				want, open = append(want, open[0].turn), open[1:]
			}
			require.Equal(t, want, got.late)
			w := waiting{now.Add(time.Duration(rapid.SampledFrom(waits).Draw(t, "wait"))), turn}
			d.add(out, w.at.Sub(now), &got, turn)
			at, _ := slices.BinarySearchFunc(open, w, func(a, b waiting) int {
				return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.turn, b.turn))
			})
			open = slices.Insert(open, at, w)
			require.Equal(t, open[0].at, d.armed)
		}
	})
}
