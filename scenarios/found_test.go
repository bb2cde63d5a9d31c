package scenarios

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// What random scenarios found once holds: each file is a case that failed, made small, with what is true
// now as its claim.
func TestFound(t *testing.T) {
	files, err := filepath.Glob("testdata/found/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := Parse(file, data)
			require.NoError(t, err)
			r, err := Play(s, Options{Paranoid: true})
			require.NoError(t, err)
			if r.Run.Verdict != kafka.VerdictEmpty { // some never get to a record
				requireOK(t, &r.Run)
			}
		})
	}
}
