package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

const testTimer = 9

// peer is the other end of a link, played by hand.
type peer struct {
	t     *testing.T
	links *Links
	out   model.Effects
	now   model.Time
}

func newPeer(t *testing.T, cfg LinksConfig) *peer {
	cfg.TimerKind = testTimer
	return &peer{t: t, links: NewLinks(cfg)}
}

// took returns the effects since the last call.
func (p *peer) took() []model.Effect {
	list := append([]model.Effect{}, p.out.List...)
	p.out.Reset()
	return list
}

func (p *peer) event(e model.Event) {
	require.True(p.t, p.links.HandleEvent(e, p.out.At(p.now)), "%s was not taken", e)
}

// requests picks the frames out of effects and parses them.
func (p *peer) requests(effects []model.Effect) []Request {
	var out []Request
	for _, e := range effects {
		if e.Kind == model.EffectSend {
			req, err := ParseRequest(e.Data, everything)
			require.NoError(p.t, err)
			out = append(out, req)
		}
	}
	return out
}

func (p *peer) answer(conn model.ConnID, resp kmsg.Response, correlation int32) {
	p.event(
		model.Event{Kind: model.FrameReceived, Conn: conn, Data: AppendResponse(nil, resp, correlation)},
	)
}

func metadata(version int16) *kmsg.MetadataRequest {
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(version)
	return req
}

func TestLinkHandshakeThenRequests(t *testing.T) {
	p := newPeer(t, LinksConfig{ClientID: "me", Handshake: true})
	var got []kmsg.Response
	p.links.To("a:9092").Send(p.out.At(0), metadata(12), time.Second,
		func(_ *model.Effects, resp kmsg.Response, err error) {
			require.NoError(t, err)
			got = append(got, resp)
		})
	effects := p.took()
	require.Equal(t, model.EffectDial, effects[0].Kind)
	require.Equal(t, "a:9092", effects[0].Addr)
	conn := effects[0].Conn
	require.EqualValues(t, 1, conn%2, "ids of dialled connections are odd")

	p.event(model.Event{Kind: model.ConnOpened, Conn: conn})
	reqs := p.requests(p.took())
	require.Len(t, reqs, 1)
	require.EqualValues(t, 18, reqs[0].Key)
	require.EqualValues(t, 3, reqs[0].Version)

	// The peer knows only version 0 of ApiVersions, and says so in version 0.
	refusal := kmsg.NewPtrApiVersionsResponse()
	refusal.ErrorCode = int16(UnsupportedVersion)
	p.answer(conn, refusal, reqs[0].Correlation)
	reqs = p.requests(p.took())
	require.EqualValues(t, 0, reqs[0].Version)

	versions := kmsg.NewPtrApiVersionsResponse()
	key := kmsg.NewApiVersionsResponseApiKey()
	key.ApiKey, key.MaxVersion = 3, 9
	versions.ApiKeys = append(versions.ApiKeys, key)
	p.answer(conn, versions, reqs[0].Correlation)
	reqs = p.requests(p.took())
	require.EqualValues(t, 3, reqs[0].Key)
	require.EqualValues(t, 9, reqs[0].Version, "lowered to what the peer serves")

	resp := kmsg.NewPtrMetadataResponse()
	resp.SetVersion(9)
	resp.ControllerID = 4
	p.answer(conn, resp, reqs[0].Correlation)
	require.Len(t, got, 1)
	require.EqualValues(t, 4, got[0].(*kmsg.MetadataResponse).ControllerID)
	require.True(t, p.links.To("a:9092").Idle())
}

// A request that is not answered in time closes the connection; what was written has an unknown
// outcome, what was not is known never to have left.
func TestLinkTimeout(t *testing.T) {
	p := newPeer(t, LinksConfig{MaxInFlight: 1})
	var errs []error
	done := func(_ *model.Effects, _ kmsg.Response, err error) { errs = append(errs, err) }
	l := p.links.To("a:9092")
	l.Send(p.out.At(0), metadata(9), time.Second, done)
	l.Send(p.out.At(0), metadata(9), 2*time.Second, done)
	conn := p.took()[0].Conn
	p.event(model.Event{Kind: model.ConnOpened, Conn: conn})
	require.Len(t, p.requests(p.took()), 1, "one in flight")

	p.now = model.Time(time.Second)
	p.event(model.Event{Kind: model.TimerFired, Timer: model.Timer{Kind: testTimer, ID: 1}})

	require.Equal(t, []error{ErrTimedOut, ErrNotSent}, errs)
	require.Equal(t, model.EffectClose, p.took()[0].Kind)

	// The next request waits for the back-off before it dials.
	l.Send(p.out.At(p.now), metadata(9), time.Second, done)
	effects := p.took()
	require.Len(t, effects, 1)
	require.Equal(t, model.EffectSetTimer, effects[0].Kind)
	require.Equal(t, p.now.Add(50*time.Millisecond), effects[0].At)
	p.now = effects[0].At
	p.event(model.Event{Kind: model.TimerFired, Timer: effects[0].Timer})
	require.Equal(t, model.EffectDial, p.took()[0].Kind)
}

func TestLinkDisconnect(t *testing.T) {
	p := newPeer(t, LinksConfig{})
	var errs []error
	l := p.links.To("a:9092")
	for range 3 {
		l.Send(p.out.At(0), metadata(9), time.Second,
			func(_ *model.Effects, _ kmsg.Response, err error) { errs = append(errs, err) })
	}
	conn := p.took()[0].Conn
	p.event(model.Event{Kind: model.ConnOpened, Conn: conn})
	require.Len(t, p.requests(p.took()), 3, "pipelined")
	p.event(model.Event{Kind: model.ConnClosed, Conn: conn, Text: "reset"})
	require.Equal(t, []error{ErrDisconnected, ErrDisconnected, ErrDisconnected}, errs)
	require.False(
		t,
		p.links.HandleEvent(model.Event{Kind: model.FrameReceived, Conn: conn}, p.out.At(0)),
		"a dead connection is nobody's",
	)
}

// Bytes that are no reply, or the reply to another request, end the connection.
func TestLinkRefusesNonsense(t *testing.T) {
	for name, frame := range map[string][]byte{
		"short": {1, 2}, "other correlation": {0, 0, 0, 99, 0, 0, 0, 0}, "cut": {0, 0, 0, 1, 0},
	} {
		p := newPeer(t, LinksConfig{})
		var got error
		p.links.To("a:9092").Send(p.out.At(0), metadata(0), time.Second,
			func(_ *model.Effects, _ kmsg.Response, err error) { got = err })
		conn := p.took()[0].Conn
		p.event(model.Event{Kind: model.ConnOpened, Conn: conn})
		p.event(model.Event{Kind: model.FrameReceived, Conn: conn, Data: frame})
		require.ErrorIs(t, got, ErrMalformed, name)
	}
}
