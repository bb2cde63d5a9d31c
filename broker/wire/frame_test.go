package wire

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"
)

// everything serves each API that kmsg knows at all its versions.
func everything(key int16) (Range, bool) {
	req := kmsg.RequestForKey(key)
	if req == nil {
		return Range{}, false
	}
	return Range{0, req.MaxVersion()}, true
}

func TestRequestRoundTrip(t *testing.T) {
	for _, version := range []int16{3, 8, 9} { // plain header, plain header, flexible header
		req := kmsg.NewPtrProduceRequest()
		req.SetVersion(version)
		req.Acks, req.TimeoutMillis = -1, 1500
		topic := kmsg.NewProduceRequestTopic()
		topic.Topic = "orders"
		part := kmsg.NewProduceRequestTopicPartition()
		part.Partition, part.Records = 2, []byte("records")
		topic.Partitions = append(topic.Partitions, part)
		req.Topics = append(req.Topics, topic)

		got, err := ParseRequest(EncodeRequest(req, 77, "p1"), everything)

		require.NoError(t, err)
		require.Equal(t, Header{Key: 0, Version: version, Correlation: 77, ClientID: "p1"}, got.Header)
		body := got.Body.(*kmsg.ProduceRequest)
		require.Equal(t, "orders", body.Topics[0].Topic)
		require.Equal(t, []byte("records"), body.Topics[0].Partitions[0].Records)
	}
}

// The bytes of an ApiVersions v0 request and its answer, from the protocol guide: the response
// header has no tagged fields, whatever the version.
func TestAPIVersionsBytes(t *testing.T) {
	req := kmsg.NewPtrApiVersionsRequest()
	require.Equal(t, []byte{0, 18, 0, 0, 0, 0, 0, 5, 0, 2, 'm', 'e'}, EncodeRequest(req, 5, "me"))

	resp := kmsg.NewPtrApiVersionsResponse()
	resp.SetVersion(3)
	frame := AppendResponse(nil, resp, 5)
	require.Equal(t, []byte{0, 0, 0, 5, 0, 0, 1}, frame[:7], "no tag byte before the error code")
}

func TestMalformedRequests(t *testing.T) {
	whole := EncodeRequest(kmsg.NewPtrMetadataRequest(), 1, "client")
	for n := range len(whole) {
		_, err := ParseRequest(whole[:n], everything)
		require.ErrorIs(t, err, ErrMalformed, "cut to %d bytes", n)
	}

	unknown := binary.BigEndian.AppendUint16(nil, 9999)
	unknown = append(unknown, 0, 0, 0, 0, 0, 1, 0xff, 0xff)
	_, err := ParseRequest(unknown, everything)
	var unsupported *UnsupportedError
	require.ErrorAs(t, err, &unsupported)
	require.Equal(t, int16(9999), unsupported.Header.Key)
}

// An array that claims more elements than the frame has bytes must not be allocated.
func TestOversizedLengthIsRefused(t *testing.T) {
	frame := []byte{0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}
	_, err := ParseRequest(frame, everything)
	require.ErrorIs(t, err, ErrMalformed)
}

func TestDecodeResponseNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Int16Range(0, 75).Draw(t, "key")
		resp := kmsg.ResponseForKey(key)
		if resp == nil {
			return
		}
		resp.SetVersion(rapid.Int16Range(0, resp.MaxVersion()).Draw(t, "version"))
		_, _ = DecodeResponse(rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "frame"), resp)
	})
}

func FuzzParseRequest(f *testing.F) {
	for key := int16(0); key < 80; key++ {
		if req := kmsg.RequestForKey(key); req != nil {
			req.SetVersion(req.MaxVersion())
			f.Add(EncodeRequest(req, 1, "seed"))
			req.SetVersion(0)
			f.Add(EncodeRequest(req, 1, ""))
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		req, err := ParseRequest(frame, everything)
		if err == nil && req.Body == nil {
			t.Fatal("a request without a body")
		}
	})
}

func TestCodesHaveKafkasNames(t *testing.T) {
	require.Equal(t, "NOT_LEADER_OR_FOLLOWER", NotLeaderOrFollower.String())
	require.Equal(t, "ERROR_1234", Code(1234).String())
	require.True(t, NotEnoughReplicas.Retriable())
	require.False(t, MessageTooLarge.Retriable())
	require.False(t, None.Retriable())
}
