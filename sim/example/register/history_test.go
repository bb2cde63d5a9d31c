package main

import (
	"strings"
	"testing"

	"sandcastle/model"
)

func TestCheck(t *testing.T) {
	begins := func(who model.NodeID, kind string, value uint64) entry {
		return entry{client: who, op: operation{kind: kind, value: value}}
	}
	ends := func(who model.NodeID, kind string, value uint64) entry {
		return entry{client: who, op: operation{kind: kind, value: value, done: true}}
	}
	for _, tt := range []struct {
		name    string
		history []entry
		want    string // "" if the history is that of a register
	}{
		{"a read beside a write may give either", []entry{
			begins("w", write, 1), begins("a", read, 0), begins("b", read, 0),
			ends("a", read, 0), ends("b", read, 1), ends("w", write, 1),
		}, ""},
		{"an acknowledged write is read", []entry{
			begins("w", write, 1), ends("w", write, 1), begins("a", read, 0), ends("a", read, 0),
		}, "read 0, but 1 was known"},
		{"what one has read is not unread", []entry{
			begins("w", write, 1), begins("a", read, 0), ends("a", read, 1),
			begins("b", read, 0), ends("b", read, 0),
		}, "read 0, but 1 was known"},
		{"nobody reads what nobody wrote", []entry{
			begins("a", read, 0), ends("a", read, 7),
		}, "nobody has written"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := check(tt.history)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("the check says %q, it is to say %q", got, tt.want)
			}
		})
	}
}
