package scenarios

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What operators do to a cluster under load: each file under two of five seeds, with every invariant checked after
// every event.
func TestOperators(t *testing.T) {
	files, err := filepath.Glob("testdata/operators/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := Parse(file, data)
			require.NoError(t, err)
			for _, seed := range turns(t, 2, 5) {
				r, err := Play(s, Options{Seed: seed, HasSeed: true, Paranoid: true})
				require.NoError(t, err)
				requireOK(t, &r.Run)
			}
		})
	}
}
