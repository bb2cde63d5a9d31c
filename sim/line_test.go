package sim

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// Whoever follows all lines sees those of the trace, in its order; frames are described for him, also
// those that are kept back or lost, and none of it changes the run.
func TestOnLineSeesTheTrace(t *testing.T) {
	run := func(follow bool) (trace, seen []byte, kinds map[string]int, hash uint64) {
		var out bytes.Buffer
		cfg := Config{Seed: 7}
		if !follow {
			cfg.Trace = &out
		}
		cfg.Describe = func(l *model.TraceLine, frame []byte) { l.Text, l.Empty = string(frame), true }
		w, a, b := pair(t, cfg, plain)
		kinds = map[string]int{}
		if follow {
			w.OnLine(func(l *model.TraceLine) {
				seen = append(l.AppendJSON(seen), '\n')
				if l.Text == "hello" {
					kinds[l.Kind]++
				}
			})
		}
		a.step, b.step = onDo, onDo
		held := w.AddFilter(func(_, _ model.NodeID, _ model.Label, frame []byte) (Verdict, time.Duration) {
			if string(frame) == "hello" {
				return Hold, 0
			}
			return Pass, 0
		})
		send(w, "a", 1, "good morning")
		send(w, "a", 1, "hello")
		w.Run(w.Now().Add(time.Second))
		w.Discard(held)
		send(w, "a", 1, "good night")
		w.Run(w.Now().Add(time.Second))
		w.End()
		return out.Bytes(), seen, kinds, w.Hash()
	}
	trace, _, _, alone := run(false)
	_, seen, kinds, followed := run(true)
	require.NotEmpty(t, seen)
	require.True(t, bytes.HasSuffix(trace, seen), "what came before somebody followed is missing, no more")
	require.Contains(t, string(trace), `"empty":true,"text":"good night"`)
	require.Equal(t, map[string]int{model.TraceHeld: 1, model.TraceLost: 1}, kinds)
	require.Equal(t, alone, followed)
}
