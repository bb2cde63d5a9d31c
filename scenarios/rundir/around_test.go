package rundir

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/scenarios"
)

// pageAt plays a lesson into a directory and returns its page.
func pageAt(t *testing.T, name, dir string) string {
	t.Helper()
	_, err := Play(lesson(t, name), scenarios.Options{Program: "./bin/sandcastle"}, dir, nobody{})
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	return string(page)
}

// A run alone leads to what is there, and says how the rest is made.
func TestARunAloneLinksToWhatIsThere(t *testing.T) {
	root := t.TempDir()
	at := func(name string) string {
		return filepath.Join(root, Below(name, lesson(t, name).Seed))
	}
	const twin = "tools/break-it-first-power-loss"
	alone := pageAt(t, "tools/break-it-first", at("tools/break-it-first"))
	require.Contains(t, alone, "./bin/sandcastle run "+twin+" --seed ")
	require.Contains(t, alone, "./bin/sandcastle course --out ")
	require.Contains(t, alone, "./bin/sandcastle run tools/break-it-first --seed ")
	second := pageAt(t, twin, at(twin))
	require.Contains(t, second, `<a href="../../break-it-first/seed-`)
	require.NoError(t, os.WriteFile(filepath.Join(root, "index.html"), nil, 0o644))
	require.NoError(t, Redraw(at(twin), ""))
	redrawn, err := os.ReadFile(filepath.Join(at(twin), "report.html"))
	require.NoError(t, err)
	require.Contains(t, string(redrawn), `<a href="../../../index.html#tools-break-it-first">Course</a>`)
	elsewhere := pageAt(t, twin, filepath.Join(t.TempDir(), "mine"))
	require.NotContains(t, elsewhere, `href="..`)
	for dir, page := range map[string]string{at("tools/break-it-first"): alone, at(twin): string(redrawn)} {
		for _, m := range regexp.MustCompile(`<a href="([^"#]+)`).FindAllStringSubmatch(page, -1) {
			require.FileExists(t, filepath.Join(dir, filepath.FromSlash(m[1])))
		}
	}
}

func TestRootOfRuns(t *testing.T) {
	for _, c := range []struct{ dir, root string }{
		{"out/log/reading/seed-1", "out"}, {"/tmp/x/log/reading/seed-3", "/tmp/x"}, {"log/reading/seed-1", "."},
		{"mine", ""}, {"out/log/readings/seed-1", ""},
	} {
		require.Equal(t, c.root, rootOf("log/reading", c.dir), c.dir)
	}
}
