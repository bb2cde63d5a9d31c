package broker_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/wire"
)

// What a request costs for each thing that it names, at two lengths of its first list: no API takes
// longer for a thing because others are named beside it.
func BenchmarkRequestOfManyThings(b *testing.B) {
	for _, a := range broker.APIs() {
		for _, n := range []int{2_000, 60_000} {
			req := fullRequest(a.Key, a.Max)
			if !lengthen(reflect.ValueOf(req).Elem(), n) {
				continue
			}
			frame := wire.EncodeRequest(req, 1, "probe")
			b.Run(fmt.Sprintf("%s/things=%d", kmsg.NameForKey(a.Key), n), func(b *testing.B) {
				var spent time.Duration
				for b.Loop() {
					c := hostileCluster(b)
					l := c.Dial(1)
					c.Run(time.Millisecond)
					from := time.Now()
					l.SendFrame(frame)
					c.Run(50 * time.Millisecond)
					spent += time.Since(from)
					require.NotNil(b, c.Broker(1))
				}
				b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N*n), "ns/thing")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// lengthen gives the first list of req n elements with names of their own; false if it has none.
func lengthen(req reflect.Value, n int) bool {
	for i := range req.NumField() {
		list := req.Field(i)
		if list.Kind() != reflect.Slice || list.Type().Elem().Kind() == reflect.Uint8 || list.Len() == 0 {
			continue
		}
		long := reflect.MakeSlice(list.Type(), n, n)
		for j := range n {
			long.Index(j).Set(list.Index(0))
			rename(long.Index(j), fmt.Sprint("name-", j))
		}
		list.Set(long)
		return true
	}
	return false
}

// rename gives an element of a list its name: itself, or the first text in it.
func rename(e reflect.Value, name string) {
	switch {
	case e.Kind() == reflect.String:
		e.SetString(name)
	case e.Type() == reflect.TypeFor[*string]():
		e.Set(reflect.ValueOf(&name))
	case e.Kind() == reflect.Struct:
		for i := range e.NumField() {
			if k := e.Field(i).Kind(); k == reflect.String || e.Field(i).Type() == reflect.TypeFor[*string]() {
				rename(e.Field(i), name)
				return
			}
		}
	}
}
