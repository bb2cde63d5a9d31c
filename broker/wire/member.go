package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire/shape"
)

// ReadSubscription reads a member's metadata, which its client put into JoinGroup, and
// ReadAssignment its share, which the group's leader put into SyncGroup. A broker takes both for
// bytes, so whoever reads them cannot know that they are sound. The error is ErrMalformed.
func ReadSubscription(b []byte, m *kmsg.ConsumerMemberMetadata) error {
	return readMember(b, shape.Subscription(), m)
}

// ReadAssignment is described with ReadSubscription.
func ReadAssignment(b []byte, m *kmsg.ConsumerMemberAssignment) error {
	return readMember(b, shape.Assignment(), m)
}

func readMember(b []byte, of *shape.Message, m interface{ ReadFrom([]byte) error }) error {
	if len(b) < 2 {
		return fmt.Errorf("%w: %d bytes have no version", ErrMalformed, len(b))
	}
	version := int16(binary.BigEndian.Uint16(b))
	if _, ok := of.Walk(version, b); !ok {
		return fmt.Errorf("%w: version %d: %v", ErrMalformed, version, errCounts)
	}
	return m.ReadFrom(b)
}
