package broker_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/wire"
	"sandcastle/broker/wire/frametext"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// fill gives every field below v a value, every list one element.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "UnknownTags" && name != "Version" {
				fill(v.Field(i), text)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(9)
		}
	case reflect.String:
		v.SetString(text)
	case reflect.Int8:
		v.SetInt(1)
	case reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(6)
	}
}

// Every API that the broker serves has words of its own for its requests and replies, whatever is in
// them, in every version.
func TestEveryFrameIsDescribed(t *testing.T) {
	d := frametext.New()
	seen := map[string]string{}
	describe := func(name string, version int16, reply bool, frame []byte) string {
		l := kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Peer: "producer-p1", Kind: "frame", Label: model.Label{
			Name: name, Reply: reply, Versioned: true, Version: version, Correlation: 7}}}
		d.Describe(&l, frame)
		require.NotEmpty(t, l.Note.Text, "%s v%d reply=%t", name, version, reply)
		require.NotEqual(t, "cannot be read", l.Note.Text, "%s v%d reply=%t", name, version, reply)
		require.LessOrEqual(t, len(l.Note.Text), 200)
		require.True(t, utf8.ValidString(l.Note.Text))
		return l.Note.Text
	}
	id := kmsg.NewMetadataResponse()
	id.SetVersion(12)
	fill(reflect.ValueOf(&id).Elem(), "orders")
	describe("Metadata", 12, true, wire.AppendResponse(nil, &id, 7)) // says what the topic id stands for
	for _, a := range broker.APIs() {
		name := kmsg.NameForKey(a.Key)
		for version := a.Min; version <= a.Max; version++ {
			for _, text := range []string{"", "orders", "<script>", strings.Repeat("ü", 300)} {
				req := kmsg.RequestForKey(a.Key)
				req.SetVersion(version)
				resp := req.ResponseKind()
				resp.SetVersion(version)
				if text != "" {
					fill(reflect.ValueOf(req).Elem(), text)
					fill(reflect.ValueOf(resp).Elem(), text)
				}
				asked := describe(name, version, false, wire.EncodeRequest(req, 7, "client"))
				answered := describe(name, version, true, wire.AppendResponse(nil, resp, 7))
				if text == "orders" {
					seen[name], seen[name+" reply"] = asked, answered
				}
			}
		}
	}
	for _, a := range broker.APIs() {
		name := kmsg.NameForKey(a.Key)
		t.Logf("%s\n    %s\n    %s", name, seen[name], seen[name+" reply"])
	}
	require.Contains(t, seen["Produce reply"], "NOT_LEADER_OR_FOLLOWER")
	require.Contains(t, seen["Fetch"], "orders-6@6")
}
