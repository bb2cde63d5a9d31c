package frametext

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Whatever travels in a run, the trace says something short about it.
func FuzzDescribe(f *testing.F) {
	for key := range int16(80) {
		req := kmsg.RequestForKey(key)
		if req == nil {
			continue
		}
		req.SetVersion(req.MaxVersion())
		f.Add(key, req.MaxVersion(), false, wire.EncodeRequest(req, 1, "seed"))
		resp := req.ResponseKind()
		f.Add(key, req.MaxVersion(), true, wire.AppendResponse(nil, resp, 1))
	}
	f.Fuzz(func(t *testing.T, key, version int16, reply bool, frame []byte) {
		l := kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Peer: "producer-p1", Kind: "frame", Label: model.Label{
			Name: kmsg.NameForKey(key), Reply: reply, Versioned: true, Version: version}}}
		d := New()
		for range 2 { // with and without what it remembers
			d.Describe(&l, frame)
			require.NotEmpty(t, l.Note.Text)
			require.LessOrEqual(t, len(l.Note.Text), textLimit)
		}
	})
}
