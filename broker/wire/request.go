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

// ParseRequest decodes a request frame, without length. served tells the versions of an API. The
// body keeps references into frame. lastClient is the client id of the connection's last request,
// if there was one.
//
// An API or version that is not served gives *UnsupportedError: the caller answers ApiVersions with
// UNSUPPORTED_VERSION and closes the connection for every other API, as Kafka does (SocketServer
// and RequestContext.parseRequest, 3.9). Everything else that does not parse gives ErrMalformed.
func ParseRequest(
	frame []byte,
	served func(key int16) (Range, bool),
	lastClient string,
) (Request, error) {
	h, rest, err := parseHeader(frame, lastClient)
	if err != nil {
		return Request{}, err
	}
	versions, ok := served(h.Key)
	if !ok || h.Version < versions.Min || h.Version > versions.Max {
		return Request{}, &UnsupportedError{h}
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
	return Request{Header: h, Body: body, Elements: elements}, nil
}

// errCounts says that a message ends before what it says is in it.
var errCounts = errors.New("it counts more than it holds")

func malformed(key, version int16, err error) error {
	return fmt.Errorf("%w: %s v%d: %v", ErrMalformed, kmsg.NameForKey(key), version, err)
}
