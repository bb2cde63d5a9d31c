package wire

import "github.com/twmb/franz-go/pkg/kmsg"

// responses reads the responses that come to a process. Those of which there are many share their
// memory, so there is one at a time.
type responses struct {
	keepsRecords bool // LinksConfig.KeepsRecords
	produce      *kmsg.ProduceResponse
	fetch        *kmsg.FetchResponse
}

// read decodes the frame of the response to a request, and returns its correlation id. The response
// is nil when the frame is too short for one.
func (rs *responses) read(frame []byte, to kmsg.Request) (kmsg.Response, int32, error) {
	if resp, correlation, ok := rs.plain(frame, to); ok {
		return resp, correlation, nil
	}
	resp := to.ResponseKind()
	resp.SetVersion(to.GetVersion())
	correlation, err := DecodeResponse(frame, resp)
	return resp, correlation, err
}

// plain reads the answer to a Produce or a Fetch that is like most; false for any other.
func (rs *responses) plain(frame []byte, to kmsg.Request,
) (resp kmsg.Response, correlation int32, ok bool) {
	var body []byte
	var err error
	switch to.Key() {
	case int16(kmsg.Produce):
		if rs.produce == nil {
			rs.produce = kmsg.NewPtrProduceResponse()
		}
		rs.produce.Version = to.GetVersion()
		if correlation, body, err = responseBody(frame, rs.produce); err == nil {
			ok = readPlainProduceResponse(body, rs.produce)
		}
		return rs.produce, correlation, ok
	case int16(kmsg.Fetch):
		if rs.fetch == nil || rs.keepsRecords {
			rs.fetch = kmsg.NewPtrFetchResponse()
		}
		rs.fetch.Version = to.GetVersion()
		if correlation, body, err = responseBody(frame, rs.fetch); err == nil {
			ok = readPlainFetchResponse(body, rs.fetch)
		}
		return rs.fetch, correlation, ok
	default:
		return nil, 0, false
	}
}

// spent tells whether resp, which nobody looks at any more, was read from a frame that is of no use
// any more either.
func (rs *responses) spent(resp kmsg.Response) bool {
	switch resp := resp.(type) {
	case *kmsg.ProduceResponse:
		return resp == rs.produce
	case *kmsg.FetchResponse:
		return resp == rs.fetch && !rs.keepsRecords
	default:
		return false
	}
}
