package page

import (
	"flag"
	"os"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "write the script's bundle anew")

// bundle joins a module of script/ and all that it imports. What it exports is then a global value
// of the given name.
func bundle(t *testing.T, entry, global string, target api.Target) string {
	t.Helper()
	built := api.Build(api.BuildOptions{
		EntryPoints: []string{"script/" + entry}, Bundle: true, Format: api.FormatIIFE,
		GlobalName: global, Target: target, Charset: api.CharsetUTF8, LogLevel: api.LogLevelSilent,
	})
	require.Empty(t, built.Errors)
	require.Empty(t, built.Warnings)
	require.Len(t, built.OutputFiles, 1)
	return string(built.OutputFiles[0].Contents)
}

// The bundle in the page is what its modules give. After a change in script/:
// go test ./reports/page -run Bundle -rewrite.
func TestBundleIsThatOfTheModules(t *testing.T) {
	got := bundle(t, "main.js", "", api.ES2022)
	if *rewrite {
		require.NoError(t, os.WriteFile("report.js", []byte(got), 0o644))
	}
	want, err := os.ReadFile("report.js")
	require.NoError(t, err)
	require.True(t, string(want) == got, "go test ./reports/page -run Bundle -rewrite makes it anew")
}
