package broker_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// requireServing wants broker 1 to answer on a connection of its own.
func (c *cluster) requireServing() {
	c.T.Helper()
	require.NotNil(c.T, c.Broker(1), "it has ended itself")
	l := c.Dial(1)
	l.Call(latest(kmsg.NewPtrMetadataRequest()))
	l.Close()
}

// hostileCluster is one broker that leads a partition and coordinates groups.
func hostileCluster(t brokertest.Reporter) *cluster {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	c.MustProduce(tp("orders", 0), "a")
	c.FindCoordinator("billing")
	return c
}

// filler chooses the values of a request, each by the name of its field.
type filler struct {
	length  func(field string) int
	number  func(field string) int64
	text    func(field string) string
	bytes   func(field string) []byte
	isNull  func(field string) bool
	boolean func(field string) bool
}

// fill sets every field of v.
func (f *filler) fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Pointer:
		if f.isNull(name) {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), name)
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.Name == "Version" || field.Name == "UnknownTags" || !field.IsExported() {
				continue
			}
			f.fill(v.Field(i), field.Name)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(f.bytes(name))
			return
		}
		n := f.length(name)
		v.Set(reflect.MakeSlice(v.Type(), n, max(n, 10)))
		for i := range v.Len() {
			f.fill(v.Index(i), name)
		}
	case reflect.Array: // a topic id
	case reflect.String:
		v.SetString(f.text(name))
	case reflect.Bool:
		v.SetBool(f.boolean(name))
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := f.number(name)
		if v.OverflowInt(n) {
			n >>= 64 - v.Type().Bits()
		}
		v.SetInt(n)
	default:
		panic("unexpected kind of field " + name + ": " + v.Kind().String())
	}
}

// fullRequest is a request in which everything is there once.
func fullRequest(key, version int16) kmsg.Request {
	req := kmsg.RequestForKey(key)
	f := filler{
		length: func(string) int { return 1 },
		number: func(string) int64 { return 1 },
		text: func(field string) string {
			if strings.Contains(field, "Group") {
				return "billing"
			}
			return "orders"
		},
		bytes:   func(string) []byte { return batch("a") },
		isNull:  func(string) bool { return false },
		boolean: func(string) bool { return true },
	}
	f.fill(reflect.ValueOf(req).Elem(), "")
	req.SetVersion(version)
	return req
}

// Every API at every version, with everything in it, is answered or refused, and cut off anywhere
// it costs at most the connection.
func TestFullAndTruncatedRequests(t *testing.T) {
	c := hostileCluster(t)
	for _, a := range broker.APIs() {
		for v := a.Min; v <= a.Max; v++ {
			frame := wire.EncodeRequest(fullRequest(a.Key, v), 1, "probe")
			for _, n := range cuts(len(frame)) {
				l := c.Dial(1)
				l.SendFrame(slices.Clone(frame[:n]))
				c.Run(10 * time.Millisecond)
				require.LessOrEqual(t, len(l.Replies), 1, "%s v%d", kmsg.NameForKey(a.Key), v)
				l.Close()
			}
			require.NotNil(t, c.Broker(1), "%s v%d", kmsg.NameForKey(a.Key), v)
		}
	}
	c.requireServing()
}

// cuts are lengths at which a frame of n bytes is cut: all within the header, some behind it, and
// the whole.
func cuts(n int) []int {
	out := []int{n}
	for i := 0; i < n; i += max(1, min(i/12, 9)) {
		out = append(out, i)
	}
	return out
}

// A number that says how many elements follow is not believed.
func TestOversizedArrays(t *testing.T) {
	c := hostileCluster(t)
	for _, frame := range [][]byte{
		{0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff},                      // Metadata v1
		{0, 3, 0, 9, 0, 0, 0, 1, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0xff, 0x0f},             // Metadata v9
		{0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0, 1, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0}, // Produce v3
		{0, 18, 0, 3, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f},               // tags
		{0, 18, 0, 3, 0, 0, 0, 1, 0x7f, 0xff},                                             // client id
		{0, 18, 0, 3, 0, 0, 0, 1, 0x80, 0},
		{0, 3}, {},
	} {
		l := c.Dial(1)
		l.SendFrame(frame)
		c.Eventually(time.Second, "the connection closes", func() bool { return l.Closed })
		require.Empty(t, l.Replies)
	}
	c.requireServing()
}

// wild draws every field of a request from values that are plausible, at a border or out of range.
func wild(t *rapid.T) *filler {
	numbers := rapid.SampledFrom([]int64{
		-1 << 63, -1 << 31, -3, -2, -1, 0, 1, 2, 3, 5, 100, 1<<15 - 1, 1<<31 - 1, 1<<63 - 1,
	})
	texts := rapid.SampledFrom([]string{
		"orders", "billing", "orders", "new", "", "..", "a/b", "../../x", kafka.OffsetsTopic, "range", "consumer",
		"segment.bytes", "100", strings.Repeat("x", 300), "\x00\xff",
	})
	lengths := rapid.SampledFrom([]int{0, 1, 1, 1, 2, 3})
	flag := func(field string) bool { return rapid.Bool().Draw(t, field) }
	return &filler{
		length: func(field string) int { return lengths.Draw(t, field) },
		number: func(field string) int64 {
			n := numbers.Draw(t, field)
			if field == "ControllerEpoch" {
				// Each election is one epoch further: from far ahead it would take all day to come back.
				n = min(n, 5)
			}
			return n
		},
		text:    func(field string) string { return texts.Draw(t, field) },
		bytes:   func(field string) []byte { return wildBytes(t, field) },
		isNull:  flag,
		boolean: flag,
	}
}

// wildBytes is a record batch, one with a few bytes changed, nothing, or noise.
func wildBytes(t *rapid.T, field string) []byte {
	switch rapid.IntRange(0, 4).Draw(t, field) {
	case 0:
		return nil
	case 1:
		return rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, field)
	case 2:
		return mutated(t, batch("a", "b"))
	default:
		return batch("a")
	}
}

// mutated changes a few bytes of b.
func mutated(t *rapid.T, b []byte) []byte {
	for range rapid.IntRange(1, 4).Draw(t, "changes") {
		if len(b) > 0 {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
	}
	return b
}

// Requests that are well-formed and mean anything at all, also those that only a controller or a
// replica sends, and frames with a few bytes changed: the broker lives and answers others.
func TestWildRequests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := hostileCluster(t)
		table := broker.APIs()
		for range rapid.IntRange(1, 12).Draw(t, "requests") {
			a := rapid.SampledFrom(table).Draw(t, "api")
			req := kmsg.RequestForKey(a.Key)
			wild(t).fill(reflect.ValueOf(req).Elem(), kmsg.NameForKey(a.Key))
			req.SetVersion(rapid.Int16Range(a.Min, a.Max).Draw(t, "version"))
			frame := wire.EncodeRequest(req, 1, "probe")
			if rapid.IntRange(0, 3).Draw(t, "mutate") == 0 {
				frame = mutated(t, frame)
			}
			l := c.Dial(1)
			l.SendFrame(frame)
			c.Run(time.Duration(rapid.IntRange(0, 300).Draw(t, "pause")) * time.Millisecond)
			if rapid.Bool().Draw(t, "hang up") {
				l.Close()
			}
		}
		c.requireServing()
		c.Run(10 * time.Second) // every wait ends
		c.requireServing()
	})
}

// Whatever bytes come, the broker lives and serves others.
func FuzzBroker(f *testing.F) {
	for _, a := range broker.APIs() {
		frame := wire.EncodeRequest(fullRequest(a.Key, a.Max), 1, "probe")
		f.Add(frame)
		f.Add(frame[:len(frame)/2])
		f.Add(append(frame, 0xff, 0xff, 0x7f))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		c := hostileCluster(t)
		c.Dial(1).SendFrame(frame)
		c.Run(time.Second)
		c.requireServing()
	})
}
