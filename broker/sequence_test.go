package broker

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// Steps that end at once and steps that wait come in one order, and the sequence says where it
// stands.
func TestSequence(t *testing.T) {
	var resume func(*model.Effects)
	var order []string
	at := func(name string, waits bool) step {
		return step{
			name: name,
			do: func(out *model.Effects, next func(*model.Effects)) {
				order = append(order, name)
				if resume = next; !waits {
					next(out)
				}
			},
		}
	}
	s := &sequence{
		name:  "breakfast",
		steps: []step{at("sit", false), at("order", true), at("eat", false), at("pay", true)},
		done:  func(*model.Effects) { order = append(order, "leave") },
	}
	s.run((&model.Effects{}).At(0))
	require.Equal(t, "breakfast: step 2 of 4, order", s.String())
	resume((&model.Effects{}).At(0))
	require.Equal(t, "breakfast: step 4 of 4, pay", s.String())
	resume((&model.Effects{}).At(0))
	require.Equal(t, "breakfast: done", s.String())
	require.Equal(t, []string{"sit", "order", "eat", "pay", "leave"}, order)
	require.Panics(t, func() { resume((&model.Effects{}).At(0)) })
}
