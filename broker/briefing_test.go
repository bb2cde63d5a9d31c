package broker

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// A connection whose request waits until the broker knows who leads is busy, so that a host lets its
// sender wait too; what brokers say to each other does not wait.
func TestRequestThatIsHeldKeepsItsConnectionBusy(t *testing.T) {
	b := &Broker{cfg: &config.Broker{SocketRequestMax: 1 << 20},
		conns: map[model.ConnID]*connection{2: {id: 2}}}
	b.registered.phase = serving
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(9)
	var out model.Effects
	require.False(t, b.Busy(2))
	b.onFrame(model.Event{
		Kind: model.FrameReceived, Conn: 2, Data: wire.EncodeRequest(req, 1, "a client"),
	}, &out)
	require.Empty(t, out.List)
	require.True(t, b.Busy(2))
	update := kmsg.NewPtrUpdateMetadataRequest()
	require.False(t, b.briefing.holds(wire.EncodeRequest(update, 1, "broker-1")))
}
