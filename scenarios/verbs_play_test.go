package scenarios

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What each verb and each setting of a client is for: a file each, under its seed and another's, twice.
func TestVerbsPlay(t *testing.T) {
	files, err := filepath.Glob("testdata/verbs/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := Parse(file, data)
			require.NoError(t, err)
			for _, seed := range append(turns(t, 1, 5), s.Seed) {
				r, err := Play(s, Options{Seed: seed, HasSeed: true, Paranoid: true})
				require.NoError(t, err)
				requireOK(t, &r.Run)
				again, err := Play(s, Options{Seed: seed, HasSeed: true})
				require.NoError(t, err)
				require.Equal(t, r.Run.TraceHash, again.Run.TraceHash)
			}
			if s.Knob.Supplied() {
				turned, err := OverrideAll(s, s.Knob.Set)
				require.NoError(t, err)
				before, err := Play(s, Options{})
				require.NoError(t, err)
				after, err := Play(turned, Options{})
				require.NoError(t, err)
				m, _ := before.Run.Measure(s.Knob.Moves)
				n, _ := after.Run.Measure(s.Knob.Moves)
				require.Less(t, n.Value, m.Value, "the knob turns it down")
			}
		})
	}
}
