package wire

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire/shape"
)

// manyTags is the count of 2³²−1 tagged fields.
const manyTags = "\xff\xff\xff\xff\x0f"

// Counts of what is not there are refused before anything is made of them, in requests and in
// answers: kmsg would count 2³²−1 tagged fields down for most of a minute.
func TestCountsOfWhatIsNotThere(t *testing.T) {
	for name, frame := range map[string]string{
		"Metadata v12, tags":          "\x00\x03\x00\x0c\x00\x00\x00\x07\x00\x01x\x00" + "\x00\x00\x00" + manyTags,
		"ApiVersions v3, tags":        "\x00\x12\x00\x03\x00\x00\x00\x07\x00\x01x\x00" + "\x02a\x02b" + manyTags,
		"Metadata v12, tags of topic": "\x00\x03\x00\x0c\x00\x00\x00\x07\x00\x01x\x00" + "\x02" + string(make([]byte, 16)) + "\x00" + manyTags,
		"Metadata v12, topics":        "\x00\x03\x00\x0c\x00\x00\x00\x07\x00\x01x\x00" + manyTags,
		"Metadata v1, topics":         "\x00\x03\x00\x01\x00\x00\x00\x07\x00\x01x" + "\x7f\xff\xff\xff",
		"Produce v9, bytes": "\x00\x00\x00\x09\x00\x00\x00\x07\x00\x01x\x00" +
			"\x00\x00\x01\x00\x00\x00\x00\x02\x02a\x02\x00\x00\x00\x00" + manyTags,
	} {
		_, err := ParseRequest([]byte(frame), everything)
		require.ErrorIs(t, err, ErrMalformed, name)
		require.ErrorContains(t, err, "it counts more than it holds", name)
	}
	resp := kmsg.NewPtrMetadataResponse()
	resp.SetVersion(12)
	frame := AppendResponse(nil, resp, 1)
	_, err := DecodeResponse(append(frame[:len(frame)-1], manyTags...), resp)
	require.ErrorIs(t, err, ErrMalformed)
	_, ok := FrameBody(append(frame[:len(frame)-1], manyTags...), 3, 12, true, true)
	require.False(t, ok)
}

// A request that is whole may still name more than a broker can be asked for at once.
func TestRequestsOfTooMuch(t *testing.T) {
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(1)
	req.Topics = make([]kmsg.MetadataRequestTopic, MaxElements+1)
	name := ""
	for i := range req.Topics {
		req.Topics[i].Topic = &name
	}
	_, err := ParseRequest(EncodeRequest(req, 1, "c"), everything)
	require.ErrorContains(t, err, "it names 250001 things, 250000 are allowed")
	req.Topics = req.Topics[:MaxElements]
	got, err := ParseRequest(EncodeRequest(req, 1, "c"), everything)
	require.NoError(t, err)
	require.Equal(t, MaxElements, got.Elements)

	numbers := kmsg.NewPtrElectLeadersRequest()
	topic := kmsg.NewElectLeadersRequestTopic()
	topic.Partitions = make([]int32, 10*MaxElements)
	numbers.Topics = append(numbers.Topics, topic)
	_, err = ParseRequest(EncodeRequest(numbers, 1, "c"), everything)
	require.ErrorContains(t, err, "250000 are allowed", "partitions that are bare numbers")
}

// benchmarkDecoding compares what a request costs with the walk over it to what kmsg alone takes.
func benchmarkDecoding(b *testing.B, req kmsg.Request, version int16) {
	req.SetVersion(version)
	frame := EncodeRequest(req, 1, "bench")
	b.Run("kmsg", func(b *testing.B) {
		for b.Loop() {
			body := kmsg.RequestForKey(req.Key())
			body.SetVersion(version)
			_, rest, _ := parseHeader(frame, "bench")
			rest, _ = skipTags(rest)
			if err := body.ReadFrom(rest); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("walk", func(b *testing.B) {
		m := shape.Request(req.Key())
		_, rest, _ := parseHeader(frame, "bench")
		rest, _ = skipTags(rest)
		for b.Loop() {
			if _, ok := m.Walk(version, rest); !ok {
				b.Fatal("malformed")
			}
		}
	})
	b.Run("both", func(b *testing.B) {
		for b.Loop() {
			if _, err := ParseRequest(frame, everything); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkParseProduce(b *testing.B) {
	req := kmsg.NewPtrProduceRequest()
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic = "orders"
	part := kmsg.NewProduceRequestTopicPartition()
	part.Records = binary.BigEndian.AppendUint64(nil, 1)
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
	benchmarkDecoding(b, req, 9)
}

func BenchmarkParseFetch(b *testing.B) {
	req := kmsg.NewPtrFetchRequest()
	topic := kmsg.NewFetchRequestTopic()
	for range 10 {
		topic.Partitions = append(topic.Partitions, kmsg.NewFetchRequestTopicPartition())
	}
	req.Topics = append(req.Topics, topic)
	benchmarkDecoding(b, req, 16)
}
