package wire

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire/shape"
)

// Range is the versions of one API that somebody serves or speaks, both ends included.
type Range struct {
	Min, Max int16
}

// Request is one decoded request.
type Request struct {
	Header
	Body kmsg.Request
	// Elements is how many topics, partitions and the like it names, together.
	Elements int
	// Lent says that Body is good until the next request is read, and that nothing in it points into
	// the frame, or only Records. Other bodies are for ever, and keep references into the frame.
	Lent bool
}

// MaxElements bounds the elements of arrays and the tagged fields of one request, together: what an
// answer to it costs grows with them, a microsecond or two for each, and a request can hold tens of
// millions. Kafka has no such limit. The largest that a client has reason to send names every
// partition of a large cluster, of which Kafka's may have 200,000.
const MaxElements = 250_000

// UnsupportedError says that a well-formed header names an API or a version that is not served.
type UnsupportedError struct {
	Header Header
}

// Error implements error.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("unsupported request: key %d version %d", e.Header.Key, e.Header.Version)
}

// Requests reads the requests that come on one connection. Those of which there are many share
// their memory, so there is one at a time.
type Requests struct {
	served  func(key int16) (Range, bool)
	client  string // the client id of the last request
	produce *kmsg.ProduceRequest
	fetch   *kmsg.FetchRequest
}

// NewRequests returns a reader for a connection; served tells the versions of an API.
func NewRequests(served func(key int16) (Range, bool)) Requests { return Requests{served: served} }

// ParseRequest decodes a single request frame, as Requests.Parse does.
func ParseRequest(frame []byte, served func(key int16) (Range, bool)) (Request, error) {
	rs := NewRequests(served)
	return rs.Parse(frame)
}

// Parse decodes a request frame, without length.
//
// An API or version that is not served gives *UnsupportedError: the caller answers ApiVersions with
// UNSUPPORTED_VERSION and closes the connection for every other API, as Kafka does (SocketServer
// and RequestContext.parseRequest, 3.9). Everything else that does not parse gives ErrMalformed.
func (rs *Requests) Parse(frame []byte) (Request, error) {
	h, rest, err := parseHeader(frame, rs.client)
	if err != nil {
		return Request{}, err
	}
	versions, ok := rs.served(h.Key)
	if !ok || h.Version < versions.Min || h.Version > versions.Max {
		return Request{}, &UnsupportedError{h}
	}
	if r, ok := rs.plain(h, rest); ok {
		rs.client = h.ClientID
		return r, nil
	}
	body := kmsg.RequestForKey(h.Key)
	if body == nil {
		return Request{}, &UnsupportedError{h}
	}
	body.SetVersion(h.Version)
	if body.IsFlexible() {
		if rest, err = skipTags(rest); err != nil {
			return Request{}, err
		}
	}
	elements, ok := shape.Request(h.Key).Walk(h.Version, rest)
	switch {
	case !ok:
		err = errCounts
	case elements > MaxElements:
		err = fmt.Errorf("it names %d things, %d are allowed", elements, MaxElements)
	default:
		err = body.ReadFrom(rest)
	}
	if err != nil {
		return Request{}, malformed(h.Key, h.Version, err)
	}
	rs.client = h.ClientID
	return Request{Header: h, Body: body, Elements: elements}, nil
}

// keptElements is how many elements a request may have whose memory is kept for the next.
const keptElements = 1000

// plain reads a Produce or a Fetch that is like most; false for any other request.
func (rs *Requests) plain(h Header, rest []byte) (r Request, ok bool) {
	if h.Key > int16(kmsg.Fetch) || len(rest) == 0 || rest[0] != 0 { // tagged fields
		return Request{}, false
	}
	r.Header, r.Lent = h, true
	if h.Key == int16(kmsg.Fetch) {
		if rs.fetch == nil {
			rs.fetch = kmsg.NewPtrFetchRequest()
		}
		rs.fetch.Version, r.Body = h.Version, rs.fetch
		r.Elements, ok = readPlainFetchRequest(rest[1:], rs.fetch)
	} else {
		if rs.produce == nil {
			rs.produce = kmsg.NewPtrProduceRequest()
		}
		rs.produce.Version, r.Body = h.Version, rs.produce
		r.Elements, ok = readPlainProduceRequest(rest[1:], rs.produce)
	}
	if r.Elements > keptElements {
		rs.fetch, rs.produce = nil, nil
	}
	return r, ok && r.Elements <= MaxElements
}

// errCounts says that a message ends before what it says is in it.
var errCounts = errors.New("it counts more than it holds")

func malformed(key, version int16, err error) error {
	return fmt.Errorf("%w: %s v%d: %v", ErrMalformed, kmsg.NameForKey(key), version, err)
}
