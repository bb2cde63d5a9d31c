package chain

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// Steps that end at once and steps that wait come in one order, and the chain says where it stands.
func TestChain(t *testing.T) {
	var resume Next
	var order []string
	at := func(name string, waits bool) Step {
		return Do(name, func(out *model.Effects, then Next) {
			order = append(order, name)
			if resume = then; !waits {
				then(out)
			}
		})
	}
	c := New("breakfast", at("sit", false), at("order", true), at("eat", false))
	c.Add(at("pay", true))
	out := (&model.Effects{}).At(0)
	c.Run(out, func(*model.Effects) { order = append(order, "leave") })
	require.Equal(t, "breakfast, step 2 of 4: order", c.String())
	resume(out)
	require.Equal(t, "breakfast, step 4 of 4: pay", c.String())
	resume(out)
	require.Equal(t, "breakfast, done", c.String())
	require.Equal(t, []string{"sit", "order", "eat", "pay", "leave"}, order)
	require.PanicsWithValue(t, "chain: step 4 ended twice: breakfast, done", func() { resume(out) })
}

// The last of many steps that wait for nothing is called from no deeper than the first.
func TestManyStepsAreNotDeep(t *testing.T) {
	var depths []int
	c := New("count")
	for range 1000 {
		c.Add(Action("one", func(*model.Effects) {
			depths = append(depths, runtime.Callers(0, make([]uintptr, 100_000)))
		}))
	}
	c.Run(&model.Effects{}, func(*model.Effects) {})
	require.Len(t, depths, 1000)
	require.Equal(t, depths[0], depths[999])
}
