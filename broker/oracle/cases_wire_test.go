package oracle

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func header(key, version int16, corr int32, client string, flexible bool) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(key))
	b = binary.BigEndian.AppendUint16(b, uint16(version))
	b = binary.BigEndian.AppendUint32(b, uint32(corr))
	b = binary.BigEndian.AppendUint16(b, uint16(len(client)))
	b = append(b, client...)
	if flexible {
		b = append(b, 0)
	}
	return b
}

func framed(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func (cs *script) wireCases() {
	for v := int16(0); v <= 4; v++ {
		cs.add(fmt.Sprintf("api-versions/v%d", v), func(r *player) {
			req := kmsg.NewPtrApiVersionsRequest()
			req.ClientSoftwareName, req.ClientSoftwareVersion = "diff", "1.0"
			r.ask(req, v)
		})
	}
	cs.add("api-versions/bad-client-name", func(r *player) {
		req := kmsg.NewPtrApiVersionsRequest()
		req.ClientSoftwareName, req.ClientSoftwareVersion = "bad name!", "1.0"
		r.ask(req, 3)
	})
	cs.add("api-versions/empty-client-name", func(r *player) { r.ask(kmsg.NewPtrApiVersionsRequest(), 3) })
	cs.add("api-versions/from-the-future", func(r *player) {
		r.raw(
			"v99",
			framed(append(header(18, 99, 7, "diff", true), 5, 'd', 'i', 'f', 'f', 2, '1', 0)),
			5*time.Second,
			14,
		)
	})
	wait := 3 * time.Second
	for _, c := range []struct {
		name string
		b    []byte
	}{
		{"unknown-api-key", framed(header(999, 0, 7, "diff", false))},
		{"negative-api-key", framed(header(-1, 0, 7, "diff", false))},
		{"unsupported-version/metadata-v99", framed(append(header(3, 99, 7, "diff", true), 0, 0, 0, 0))},
		{"unsupported-version/metadata-negative", framed(header(3, -1, 7, "diff", false))},
		{"unsupported-version/produce-v99", framed(append(header(0, 99, 7, "diff", true), 0, 0, 0, 0))},
		{"zero-length-frame", []byte{0, 0, 0, 0}},
		{"negative-length", []byte{0xff, 0xff, 0xff, 0xff}},
		{"length-beyond-socket-request-max-bytes", []byte{0x7f, 0xff, 0xff, 0xff}},
		{"short-header", framed([]byte{0, 3})},
		{"header-without-client-id", framed(header(3, 1, 7, "", false)[:8])},
		{"null-client-id", framed(append(append(header(3, 1, 7, "", false)[:8], 0xff, 0xff), 0, 0, 0, 0))},
		{"client-id-beyond-frame", framed(append(header(3, 1, 7, "", false)[:8], 0x7f, 0xff, 'a'))},
		{"metadata-truncated-body", framed(append(header(3, 1, 7, "diff", false), 0, 0, 0, 1, 0, 9, 'a'))},
		{"metadata-array-too-long", framed(append(header(3, 1, 7, "diff", false), 0x7f, 0xff, 0xff, 0xff))},
		{"metadata-negative-array", framed(append(header(3, 1, 7, "diff", false), 0xff, 0xff, 0xff, 0xfe))},
		{"metadata-empty-body", framed(header(3, 1, 7, "diff", false))},
		{"produce-null-topic-name", framed(append(header(0, 2, 7, "diff", false), 0, 1, 0, 0, 0x10, 0, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0))},
		{"join-group-null-group", framed(append(header(11, 0, 7, "diff", false), 0xff, 0xff, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))},
		{"api-versions-trailing-bytes", framed(append(header(18, 0, 7, "diff", false), 1, 2, 3))},
		{"heartbeat-trailing-bytes", framed(append(header(12, 0, 7, "diff", false), 0, 1, 'g', 0, 0, 0, 0, 0, 1, 'm', 9, 9, 9))},
		{"list-groups-trailing-bytes", framed(append(header(16, 0, 7, "diff", false), 1, 2, 3))},
	} {
		cs.add("wire/"+c.name, func(r *player) { r.raw(c.name, c.b, wait, 6) })
	}
	cs.add("wire/pipelined", func(r *player) {
		c := r.def()
		a, b := metadata(), kmsg.NewPtrListGroupsRequest()
		ca := c.send(a, 9)
		cb := c.send(b, 4)
		resp, how := c.recv(a, ca)
		r.note("first", how)
		_ = resp
		_, how = c.recv(b, cb)
		r.note("second", how)
	})
	cs.add("wire/not-served", func(r *player) {
		for _, k := range []int16{24, 25, 26, 27, 28, 49, 51, 55, 57, 58, 64, 65, 66, 67, 68, 69, 71, 72, 74, 75, 76, 77} {
			if span, ok := r.t.versions[k]; ok {
				r.note(kmsg.NameForKey(k), fmt.Sprintf("served %d-%d", span[0], span[1]))
			} else {
				r.note(kmsg.NameForKey(k), "not served")
			}
		}
	})
}
