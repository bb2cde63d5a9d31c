package scenarios

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The examples that the README shows to writers: each holds under two of five seeds, asks its question, and is linked.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("testdata/examples/*.yaml")
	require.NoError(t, err)
	require.Len(t, files, 3)
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			require.Contains(t, string(readme), "("+file+")")
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := Parse(file, data)
			require.NoError(t, err)
			require.NotEmpty(t, s.Why)
			require.NotEmpty(t, s.Predict.Choices)
			for _, seed := range turns(t, 1, 5) {
				r, err := Play(s, Options{Seed: seed, HasSeed: true})
				require.NoError(t, err)
				requireOK(t, &r.Run)
			}
		})
	}
}
