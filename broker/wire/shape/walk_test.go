package shape

import (
	"reflect"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"
)

// body is a request or a response of kmsg.
type body interface {
	Key() int16
	SetVersion(int16)
	GetVersion() int16
	MaxVersion() int16
	ReadFrom([]byte) error
	AppendTo([]byte) []byte
}

// each calls f with every request and response that kmsg knows, at every version.
func each(f func(m *Message, b body)) {
	for key := range int16(kmsg.MaxKey + 1) {
		req := kmsg.RequestForKey(key)
		if req == nil {
			continue
		}
		for v := range req.MaxVersion() + 1 {
			req := kmsg.RequestForKey(key)
			req.SetVersion(v)
			f(Request(key), req)
			resp := req.ResponseKind()
			resp.SetVersion(v)
			f(Response(key), resp)
		}
	}
}

// full sets every field of v, with n elements in each array.
func full(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Name == "UnknownTags" {
				v.Field(i).Addr().Interface().(*kmsg.Tags).Set(99, []byte("tag"))
			} else if f.Name != "Version" && f.IsExported() {
				full(v.Field(i), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			full(v.Index(i), n)
		}
	case reflect.Array:
	case reflect.String:
		v.SetString("orders")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Uint16, reflect.Uint8:
		v.SetUint(1)
	default:
		v.SetInt(1)
	}
}

// What kmsg writes, empty or full, is walked over to its last byte; cut off anywhere it is
// malformed.
func TestEveryMessage(t *testing.T) {
	count := 0
	each(func(m *Message, b body) {
		for n := range 4 {
			version := b.GetVersion()
			if n > 0 {
				full(reflect.ValueOf(b).Elem(), n-1)
			}
			b.SetVersion(version)
			bytes := b.AppendTo(nil)
			w := walker{b: bytes, version: int8(version), flexible: version >= int16(m.flexible)}
			require.Equal(t, len(bytes), w.walk(m.ops, 0), "%T v%d", b, version)
			for _, cut := range []int{len(bytes) - 1, len(bytes) / 2, 0} {
				if cut >= 0 && cut < len(bytes) {
					_, ok := m.Walk(version, bytes[:cut])
					require.False(t, ok, "%T v%d, %d bytes of %d", b, version, cut, len(bytes))
				}
			}
			count++
		}
	})
	require.Greater(t, count, 2000)
}

// Where the walk says that a message is whole, kmsg reads it; and what kmsg allocates for it keeps in
// proportion to its bytes.
func TestWhatIsWalkedOverIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Int16Range(0, kmsg.MaxKey).Draw(t, "key")
		req := kmsg.RequestForKey(key)
		if req == nil {
			return
		}
		var b body = req
		m := Request(key)
		if rapid.Bool().Draw(t, "response") {
			b, m = req.ResponseKind(), Response(key)
		}
		full(reflect.ValueOf(b).Elem(), rapid.IntRange(0, 3).Draw(t, "elements"))
		b.SetVersion(rapid.Int16Range(0, b.MaxVersion()).Draw(t, "version"))
		bytes := b.AppendTo(nil)
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			if len(bytes) > 0 {
				at := rapid.IntRange(0, len(bytes)-1).Draw(t, "at")
				bytes[at] = rapid.SampledFrom([]byte{0, 1, 2, 3, 0x7f, 0x80, 0xff}).Draw(t, "byte")
			}
		}
		requireProportion(t, m, b, bytes)
	})
}

type failer interface {
	Errorf(format string, args ...any)
	FailNow()
}

// mostPerByte is what kmsg may allocate for a byte of a message.
const mostPerByte = 200

// requireProportion decodes what the walk lets pass, and wants what is allocated to be bounded.
func requireProportion(t failer, m *Message, b body, bytes []byte) {
	elements, ok := m.Walk(b.GetVersion(), bytes)
	if !ok {
		return
	}
	require.LessOrEqual(t, elements, len(bytes))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := b.ReadFrom(bytes)
	runtime.ReadMemStats(&after)
	require.NoError(t, err, "%T v%d", b, b.GetVersion())
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(mostPerByte*len(bytes)+16<<10))
}

// Whatever a peer sends, walking over it ends, and what is decoded of it costs memory in proportion.
func FuzzWalk(f *testing.F) {
	each(func(m *Message, b body) {
		full(reflect.ValueOf(b).Elem(), 1)
		if b.GetVersion() == b.MaxVersion() {
			f.Add(b.Key(), b.GetVersion(), m == Response(b.Key()), b.AppendTo(nil))
		}
	})
	f.Fuzz(func(t *testing.T, key, version int16, response bool, bytes []byte) {
		req := kmsg.RequestForKey(key)
		if req == nil || version < 0 || version > req.MaxVersion() {
			return
		}
		var b body = req
		m := Request(key)
		if response {
			b, m = req.ResponseKind(), Response(key)
		}
		b.SetVersion(version)
		requireProportion(t, m, b, bytes)
	})
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile(text)
	}
}
