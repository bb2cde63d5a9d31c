package wire

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire/shape"
)

// MaxFrame is socket.request.max.bytes: the largest frame that a broker accepts, without its
// length.
const MaxFrame = 100 << 20

// ErrMalformed is returned for a frame that cannot be read as what it claims to be.
var ErrMalformed = errors.New("malformed frame")

// Header is what precedes every request body (request header v0 to v2).
type Header struct {
	Key         int16
	Version     int16
	Correlation int32
	ClientID    string
}

const apiVersionsKey = 18

// parseHeader splits a request frame into its header and the rest. The rest still begins with the
// tagged fields when the API is flexible at this version. lastClient spares a copy when the client
// id is the same as before.
func parseHeader(frame []byte, lastClient string) (Header, []byte, error) {
	if len(frame) < 10 {
		return Header{}, nil, fmt.Errorf(
			"%w: a request of %d bytes has no header",
			ErrMalformed,
			len(frame),
		)
	}
	h := Header{
		Key:         int16(binary.BigEndian.Uint16(frame)),
		Version:     int16(binary.BigEndian.Uint16(frame[2:])),
		Correlation: int32(binary.BigEndian.Uint32(frame[4:])),
	}
	idLen := int(int16(binary.BigEndian.Uint16(frame[8:])))
	rest := frame[10:]
	if idLen < -1 || idLen > len(rest) {
		return Header{}, nil, fmt.Errorf("%w: client id of %d bytes", ErrMalformed, idLen)
	}
	if idLen > 0 {
		if h.ClientID = lastClient; string(rest[:idLen]) != lastClient {
			h.ClientID = string(rest[:idLen])
		}
		rest = rest[idLen:]
	}
	return h, rest, nil
}

// skipTags drops the tagged fields of a flexible header.
func skipTags(b []byte) ([]byte, error) {
	count, n := binary.Uvarint(b)
	if n <= 0 {
		return nil, fmt.Errorf("%w: tagged fields", ErrMalformed)
	}
	b = b[n:]
	for ; count > 0; count-- {
		_, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, fmt.Errorf("%w: tagged fields", ErrMalformed)
		}
		b = b[n:]
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, fmt.Errorf("%w: tagged fields", ErrMalformed)
		}
		b = b[n+int(size):]
	}
	return b, nil
}

// EncodeRequest returns the frame, without length, of req at the version that is set on it.
func EncodeRequest(req kmsg.Request, correlation int32, clientID string) []byte {
	return AppendRequest(make([]byte, 0, SizeHint(req)), req, correlation, clientID)
}

// AppendRequest appends to b the frame, without length, of req at the version that is set on it.
func AppendRequest(b []byte, req kmsg.Request, correlation int32, clientID string) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(req.Key()))
	b = binary.BigEndian.AppendUint16(b, uint16(req.GetVersion()))
	b = binary.BigEndian.AppendUint32(b, uint32(correlation))
	b = binary.BigEndian.AppendUint16(b, uint16(len(clientID)))
	b = append(b, clientID...)
	if req.IsFlexible() {
		b = append(b, 0) // no tagged fields
	}
	done := false
	switch req := req.(type) {
	case *kmsg.FetchRequest:
		b, done = appendFetchRequest(b, req)
	case *kmsg.ProduceRequest:
		b, done = appendProduceRequest(b, req)
	}
	if done {
		return b
	}
	return req.AppendTo(b)
}

// AppendResponse appends to b the frame, without length, of resp at the version that is set on it.
func AppendResponse(b []byte, resp kmsg.Response, correlation int32) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(correlation))
	// The response header of ApiVersions stays v0 whatever the body's version, because a client that
	// guessed the version wrong must be able to read it (KIP-511).
	if resp.IsFlexible() && resp.Key() != apiVersionsKey {
		b = append(b, 0)
	}
	done := false
	switch resp := resp.(type) {
	case *kmsg.FetchResponse:
		b, done = appendFetchResponse(b, resp)
	case *kmsg.ProduceResponse:
		b, done = appendProduceResponse(b, resp)
	}
	if done {
		return b
	}
	return resp.AppendTo(b)
}

// SizeHint estimates how long the frame of a request or response of kmsg gets, so that encoding
// allocates once.
func SizeHint(message any) int {
	size := 128 // headers, the client's id, and a topic's name
	switch m := message.(type) {
	case *kmsg.ProduceRequest:
		for i := range m.Topics {
			for j := range m.Topics[i].Partitions {
				size += 32 + len(m.Topics[i].Partitions[j].Records)
			}
		}
	case *kmsg.ProduceResponse:
		for i := range m.Topics {
			size += 48 * len(m.Topics[i].Partitions)
		}
	case *kmsg.FetchResponse:
		for i := range m.Topics {
			for j := range m.Topics[i].Partitions {
				size += 48 + len(m.Topics[i].Partitions[j].RecordBatches)
			}
		}
	}
	return size
}

// DecodeResponse reads a response frame into resp, which must be of the request's kind and version,
// and returns the correlation id.
func DecodeResponse(frame []byte, resp kmsg.Response) (int32, error) {
	correlation, body, err := responseBody(frame, resp)
	if err != nil {
		return correlation, err
	}
	err = errCounts
	if _, ok := shape.Response(resp.Key()).Walk(resp.GetVersion(), body); ok {
		err = resp.ReadFrom(body)
	}
	if err != nil {
		return correlation, malformed(resp.Key(), resp.GetVersion(), err)
	}
	return correlation, nil
}

// responseBody cuts off the header of a response.
func responseBody(frame []byte, resp kmsg.Response) (correlation int32, body []byte, err error) {
	if len(frame) < 4 {
		return 0, nil, fmt.Errorf("%w: a response of %d bytes has no header", ErrMalformed, len(frame))
	}
	correlation, body = int32(binary.BigEndian.Uint32(frame)), frame[4:]
	if resp.IsFlexible() && resp.Key() != apiVersionsKey {
		body, err = skipTags(body)
	}
	return correlation, body, err
}

// FrameBody cuts off the header of a request or a reply of a version; flexible reports whether that
// has tagged fields. ok is false for a frame that ends before what it says is in it.
func FrameBody(frame []byte, key, version int16, reply, flexible bool) (body []byte, ok bool) {
	rest := frame
	of := shape.Request(key)
	if reply {
		if len(frame) < 4 {
			return nil, false
		}
		rest = frame[4:]
		flexible = flexible && key != apiVersionsKey
		of = shape.Response(key)
	} else {
		if len(frame) < 10 {
			return nil, false
		}
		id := max(0, int(int16(binary.BigEndian.Uint16(frame[8:]))))
		if id > len(frame)-10 {
			return nil, false
		}
		rest = frame[10+id:]
	}
	if flexible {
		var err error
		if rest, err = skipTags(rest); err != nil {
			return nil, false
		}
	}
	_, ok = of.Walk(version, rest)
	return rest, ok
}
