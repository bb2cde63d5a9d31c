package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

// A dial that nobody answers ends after the time for setting a connection up, long before the
// request.
func TestDialTimeout(t *testing.T) {
	p := newPeer(t, LinksConfig{})
	var got error
	l := p.links.To("a:9092")
	l.Send(p.out.At(0), metadata(9), time.Hour,
		func(_ *model.Effects, _ kmsg.Response, err error) { got = err })
	effects := p.took()
	require.Equal(t, model.EffectSetTimer, effects[1].Kind)
	require.Equal(t, model.Time(10*time.Second), effects[1].At)
	p.now = effects[1].At
	p.event(model.Event{Kind: model.TimerFired, Timer: effects[1].Timer})
	require.Equal(t, ErrNotSent, got)
	require.Equal(t, model.EffectClose, p.took()[0].Kind)
	require.Equal(t, uint(1), l.Failures())
}

// Connect dials once, and again when the back-off is over.
func TestConnect(t *testing.T) {
	p := newPeer(t, LinksConfig{})
	l := p.links.To("a:9092")
	l.Connect(p.out.At(0))
	l.Connect(p.out.At(0))
	effects := p.took()
	require.Len(t, effects, 2, "a dial and its timer")
	p.event(model.Event{Kind: model.ConnClosed, Conn: effects[0].Conn, Text: "refused"})
	require.Equal(t, uint(1), l.Failures())
	p.took()
	l.Connect(p.out.At(0))
	effects = p.took()
	require.Equal(t, model.EffectSetTimer, effects[0].Kind)
	p.now = effects[0].At
	p.event(model.Event{Kind: model.TimerFired, Timer: effects[0].Timer})
	effects = p.took()
	require.Equal(t, model.EffectDial, effects[0].Kind)
	p.event(model.Event{Kind: model.ConnOpened, Conn: effects[0].Conn})
	require.True(t, l.Open())
	require.Zero(t, l.Failures())
	require.Empty(t, p.took(), "nothing to send")
}
