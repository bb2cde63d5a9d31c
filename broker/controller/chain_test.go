package controller

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/chain"
	"sandcastle/model"
)

// A chain says in a line where it stands, at every depth; a lazy step says what it became; and a
// step that ends twice is a bug that the chain names.
func TestChainPrintsWhereItStands(t *testing.T) {
	var out model.Effects
	var resume []chain.Next
	wait := func(_ *model.Effects, then chain.Next) { resume = append(resume, then) }
	inner := chain.NewLazy("inner", func() chain.Step { return chain.New("delete topics", chain.Do("orders", wait)) })
	c := chain.New("broker change", chain.Do("brokers [1] started", wait), inner,
		chain.Action("send", func(*model.Effects) {}))
	q := &eventQueue{}
	require.Equal(t, "no event is running", q.String())
	q.add(out.At(0), event{work: c})
	q.add(out.At(0), event{work: chain.Do("ISR change", wait)})
	require.Equal(t, "broker change, step 1 of 3: brokers [1] started; 1 events are waiting", q.String())
	require.Equal(t, "inner", inner.String())

	resume[0](out.At(0))
	require.Equal(t, "broker change, step 2 of 3: delete topics, step 1 of 1: orders", c.String())
	require.PanicsWithValue(t, "chain: step 1 ended twice: "+c.String(),
		func() { resume[0](out.At(0)) })

	resume[1](out.At(0))
	require.Equal(t, "broker change, done", c.String())
	require.Equal(t, "ISR change; 0 events are waiting", q.String())
	resume[2](out.At(0))
	require.False(t, q.running())
	require.PanicsWithValue(t,
		"controller: the end of an event that was not running; no event is running",
		func() { resume[2](out.At(0)) })
}

// An update of states counts what is left and its rounds.
func TestStateUpdatePrintsItsRound(t *testing.T) {
	u := &stateUpdate{name: "elect leaders", left: make([]*partition, 3), round: 2}
	require.Equal(t, "elect leaders: 3 partitions left, round 2", u.String())
}
