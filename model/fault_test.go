package model

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawFault draws a fault with the fields that the form of its verb has.
func drawFault(t *rapid.T) Fault {
	node := rapid.SampledFrom([]NodeID{"broker-1", "consumer-billing-2", "a"})
	kinds := append(FaultKinds(), FaultKind{Verb: "cut-tail"})
	kind := rapid.SampledFrom(kinds).Draw(t, "kind")
	f := Fault{Verb: kind.Verb, Until: Time(rapid.Int64Range(0, 1<<40).Draw(t, "until"))}
	why := rapid.SampledFrom([]string{"", "it does not run", "a: b"})
	if rapid.IntRange(0, 4).Draw(t, "nobody") == 0 && kind.Form != FormReason {
		f.Detail, f.Failed = rapid.SampledFrom([]string{"leader(t-0)", "brokers, a"}).Draw(t, "roles"), NobodyNow
		return f
	}
	f.Node = node.Draw(t, "node")
	switch kind.Form {
	case FormNode:
		f.Detail = rapid.SampledFrom([]string{"", "full", "orders-0 last 3"}).Draw(t, "detail")
	case FormReason:
		f.Detail = rapid.SampledFrom([]string{"", "its disk has failed", "a: b"}).Draw(t, "reason")
		return f
	case FormMessage:
		f.Message = rapid.SampledFrom([]string{"Fetch", "Fetch reply", "zk.multi reply"}).Draw(t, "message")
	}
	if kind.Form != FormNode {
		f.Peer = node.Draw(t, "peer")
	}
	if kind.Form == FormLink || kind.Form == FormMessage || kind.Form == FormNode && f.Node != "" {
		f.By = time.Duration(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "by"))
	}
	f.Failed = why.Draw(t, "failed")
	return f
}

func TestFaultsParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFault(t)
		back, ok := ParseFault(f.String())
		require.True(t, ok, f.String())
		require.Equal(t, f, back, f.String())
	})
	for _, bad := range []string{
		"", " ", "cut", "cut a", "reset a > b", "slow a > b by nothing", "kill a until tomorrow", "drop Fetch a",
	} {
		_, ok := ParseFault(bad)
		require.False(t, ok, bad)
	}
}

func TestFaultsPrint(t *testing.T) {
	for want, f := range map[string]Fault{
		"kill broker-1":                  {Verb: FaultKill, Node: "broker-1"},
		"kill broker-1 until 17s":        {Verb: FaultKill, Node: "broker-1", Until: Time(17 * time.Second)},
		"halt broker-1: the disk":        {Verb: FaultHalt, Node: "broker-1", Detail: "the disk"},
		"disk broker-1 full":             {Verb: FaultDisk, Node: "broker-1", Detail: "full"},
		"slow a > b by 50ms":             {Verb: FaultSlow, Node: "a", Peer: "b", By: 50 * time.Millisecond},
		"reset a - b":                    {Verb: FaultReset, Node: "a", Peer: "b"},
		"drop Fetch reply a > b":         {Verb: FaultDrop, Node: "a", Peer: "b", Message: "Fetch reply"},
		"kill leader(t-0): " + NobodyNow: {Verb: FaultKill, Detail: "leader(t-0)", Failed: NobodyNow},
	} {
		require.Equal(t, want, f.String())
	}
}

// What a trace could show of a fault moves its hash; when it is planned to end does not.
func TestFaultsHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawFault(t), drawFault(t)
		a.Until, b.Until = 0, 0
		require.Equal(t, a == b, a.Sum(1) == b.Sum(1), "%s, %s", a, b)
		c := a
		c.Until = 7
		require.Equal(t, a.Sum(1), c.Sum(1))
	})
}

func TestEveryFaultHasOneRow(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range FaultKinds() {
		require.False(t, seen[k.Verb], k.Verb)
		seen[k.Verb] = true
		require.False(t, k.Begins && k.Ends, k.Verb)
		require.Equal(t, k, FaultKindOf(FaultKinds(), k.Verb))
		if k.Begins || k.Ends {
			require.NotEqual(t, PictureFlag, k.Picture, "%s lasts and cannot be drawn", k.Verb)
		}
	}
	require.Equal(t, FaultKind{Verb: "lead"}, FaultKindOf(FaultKinds(), "lead"))
}
