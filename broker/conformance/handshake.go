package conformance

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// versions: a client learns what is served, also when it asks in a version from the future: then
// the answer is in version 0 and says of ApiVersions alone what is served (KIP-511).
func versions(p *player) {
	for version := range int16(4) {
		req := kmsg.NewPtrApiVersionsRequest()
		req.ClientSoftwareName, req.ClientSoftwareVersion = "conformance", "1"
		resp := p.ask(p.first(), at(version, req))
		p.served(resp.(*kmsg.ApiVersionsResponse), wire.None, 5)
	}
	c := p.dial(p.first())
	defer c.line.Close()
	c.last++
	frame := wire.EncodeRequest(at(3, kmsg.NewPtrApiVersionsRequest()), c.last, "conformance")
	frame[2], frame[3] = 0, 99 // the version
	c.line.Send(frame)
	resp := c.receive(at(0, kmsg.NewPtrApiVersionsRequest()), c.last).(*kmsg.ApiVersionsResponse)
	p.served(resp, wire.UnsupportedVersion, 1)
	p.demand(c.ask(at(0, kmsg.NewPtrApiVersionsRequest())) != nil, "the connection stays")
}

// served requires that an answer names so many of the first four APIs and ApiVersions itself.
func (p *player) served(resp *kmsg.ApiVersionsResponse, code wire.Code, want int) {
	p.Helper()
	p.code(resp.ErrorCode, code, "ApiVersions")
	found := 0
	for _, k := range resp.ApiKeys {
		p.demand(k.MinVersion <= k.MaxVersion, "API %d: v%d to v%d", k.ApiKey, k.MinVersion, k.MaxVersion)
		if k.ApiKey <= int16(kmsg.Metadata) || k.ApiKey == int16(kmsg.ApiVersions) {
			found++
		}
	}
	p.demand(found == want,
		"ApiVersions names %d of Produce, Fetch, ListOffsets, Metadata and itself, not %d", found, want)
}

// unknownAPIs: an API or a version that is not served costs the connection, without a word.
func unknownAPIs(p *player) {
	for _, frame := range [][]byte{
		{0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff}, {0xff, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff},
		{0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff}, {0, 3, 0xff, 0xff, 0, 0, 0, 1, 0xff, 0xff},
	} {
		c := p.dial(p.first())
		c.line.Send(frame)
		c.closes("an API that is not served")
		c.line.Close()
	}
}

// strangeFrames: what is no request costs the connection, and nobody else anything.
func strangeFrames(p *player) {
	whole := wire.EncodeRequest(at(9, kmsg.NewPtrMetadataRequest()), 1, "conformance")
	for _, frame := range [][]byte{
		{}, {0}, {0, 3, 0, 1}, whole[:len(whole)-3],
		{0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff},        // 2 billion topics
		{0, 18, 0, 3, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}, // tags
	} {
		c := p.dial(p.first())
		c.line.Send(frame)
		c.closes("a frame that is no request")
		c.line.Close()
	}
	p.demand(p.controller() >= 0, "others are served")
}

// pipelining: requests that do not wait for each other are answered in their order, also behind one
// that waits.
func pipelining(p *player) {
	tp := topicPartition("pipelining", 0)
	leader := p.topic(tp.Topic, 1, 1)[0]
	c := p.dial(leader)
	defer c.line.Close()
	list := []kmsg.Request{fetchRequest(tp, 0, pollWait)}
	for range 50 {
		list = append(list, at(2, kmsg.NewPtrApiVersionsRequest()))
	}
	for _, req := range list {
		c.send(req)
	}
	for i, req := range list {
		c.receive(req, int32(i+1))
	}
}
