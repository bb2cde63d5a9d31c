package kafka

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDamageRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Min(0)
		d := Damage{
			Kind:     DamageKind(rapid.IntRange(1, int(damageKinds)-1).Draw(t, "kind")),
			File:     rapid.SampledFrom([]string{"orders-0", "a-0/7.log", "meta.properties"}).Draw(t, "file"),
			Position: number.Draw(t, "position"), Bytes: number.Draw(t, "bytes"),
			Count:  number.Draw(t, "count"),
			Offset: Offset(rapid.Int64Min(-1).Draw(t, "offset")),
			End:    Offset(rapid.Int64Min(-1).Draw(t, "end")),
			To:     rapid.SampledFrom([]string{"", "7.log.12.aside"}).Draw(t, "to"),
			Reason: rapid.StringMatching(`[ -~]*`).Draw(t, "reason"),
		}
		back, ok := ParseDamage(d.String())
		require.True(t, ok, d.String())
		require.Equal(t, d, back)
	})
	for _, text := range []string{
		"", "cut", "cut a", "lost a: b", "none a: b", "cut a bytes=many: b", "cut a way=1: b",
	} {
		_, ok := ParseDamage(text)
		require.False(t, ok, text)
	}
}

// A note of damage that is no partition's says nothing of one.
func TestDamageOfNoPartition(t *testing.T) {
	d := Damage{Kind: DamageIgnored, File: "meta.properties", Offset: NoOffset, End: NoOffset,
		Reason: "torn"}
	n := d.Note(TopicPartition{})
	require.Equal(t, "damage-found (ignored meta.properties: torn)", n.String())
	require.Equal(t, `,"text":"ignored meta.properties: torn"`, string(n.AppendJSON(nil)))
}
