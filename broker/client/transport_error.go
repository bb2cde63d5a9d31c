package client

import (
	"errors"

	"sandcastle/broker/wire"
)

// transportError is Kafka's name for a request that ended without an answer, and whether the
// broker may have seen it.
func transportError(err error) (name string, sent bool) {
	var unsupported *wire.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return wire.UnsupportedVersion.String(), false
	case errors.Is(err, wire.ErrNotSent):
		return wire.NetworkException.String(), false
	case errors.Is(err, wire.ErrTimedOut):
		return wire.RequestTimedOut.String(), true
	default:
		return wire.NetworkException.String(), true
	}
}
