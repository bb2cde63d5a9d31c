package logs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// What is told from timestamps is as certain as the clocks were right, and stays so when they are right again.
func TestWrongClocksMakeAgesUncertain(t *testing.T) {
	var c clocks
	now := model.Time(100 * time.Second)
	require.Equal(t, now, c.latest(now))
	c.observe(0, &model.Fault{Verb: model.FaultKill, Node: "broker-1"})
	c.observe(0, &model.Fault{Verb: model.FaultShiftClock, Node: "broker-1", By: -3 * time.Second})
	c.observe(0, &model.Fault{Verb: model.FaultShiftClock, Node: "broker-2", By: time.Second})
	require.Equal(t, 4*time.Second, c.off(now))
	require.Equal(t, now.Add(8*time.Second), c.latest(now))
	require.Equal(t, now.Add(-3*time.Second), c.shows(now, 1))
	require.Equal(t, now, c.shows(now, 3))
	require.Equal(t, now.Add(time.Millisecond), c.mostSince(0, now, 1))
	require.Equal(t, now.Add(time.Second+time.Millisecond), c.mostSince(0, now, 2))
	c.heal(now, "broker-2")
	require.Equal(t, now, c.shows(now, 2))
	require.Equal(t, now.Add(time.Second+time.Millisecond), c.mostSince(now, now, 2))
	require.Equal(t, now+1, c.mostSince(now+1, now+1, 2))
	c.observe(now, &model.Fault{Verb: model.FaultDriftClock, Node: "broker-1", Detail: "-200ppm"})
	require.Equal(t, 4*time.Second+200*time.Microsecond, c.off(now.Add(time.Second)))
}
