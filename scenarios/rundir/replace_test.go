package rundir

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/scenarios"
)

// Every file that a run writes is one that may be replaced, in a directory that all may read.
func TestARunReplacesWhatARunHasWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	for range 2 {
		_, err := Play(lesson(t, "names-by-partition"), scenarios.Options{}, dir, nobody{})
		require.NoError(t, err)
		require.NoError(t, Redraw(dir, ""))
		other, err := otherFile(dir)
		require.NoError(t, err)
		require.Empty(t, other)
		beside, err := os.ReadDir(filepath.Dir(dir))
		require.NoError(t, err)
		require.Len(t, beside, 1, "nothing half-written is left")
	}
	info, err := os.Stat(dir)
	require.NoError(t, err)
	umask := fs.FileMode(0o755)
	probe := filepath.Join(t.TempDir(), "probe")
	require.NoError(t, os.Mkdir(probe, 0o755))
	if p, err := os.Stat(probe); err == nil {
		umask = p.Mode().Perm()
	}
	require.Equal(t, umask, info.Mode().Perm())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "report.html.new"), nil, 0o644))
	require.NoError(t, CheckReplaceable(dir), "a crash may leave this")
}

// Before anything is played, a directory is refused that holds anything of somebody else's.
func TestNothingOfOthersIsReplaced(t *testing.T) {
	t.Parallel()
	whole := runDirOf(t, lesson(t, "names-by-partition"))
	for name, row := range map[string]struct{ content, says string }{
		"thesis.md":          {"mine", `holds a run and "thesis.md"`},
		"figures/mine.png":   {"mine", `holds a run and "figures/mine.png"`},
		"figures/old/a.svg":  {"mine", `holds a run and "figures/old"`},
		"seed-2/run.json":    {"{}", `holds a run and "seed-2"`},
		"run.json":           {`{"name": "another program's"}`, "holds no run"},
		".hidden":            {"", `holds a run and ".hidden"`},
		"history.ndjson.bak": {"", `holds a run and "history.ndjson.bak"`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyRun(t, whole)
			file := filepath.Join(dir, filepath.FromSlash(name))
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(row.content), 0o644))
			played := false
			_, err := Play(lesson(t, "names-by-partition"),
				scenarios.Options{Progress: func(_, _ model.Time) { played = true }}, dir, nobody{})
			var input *model.InputError
			require.ErrorAs(t, err, &input)
			require.ErrorContains(t, err, row.says)
			require.False(t, played)
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, row.content, string(data))
		})
	}
}

// What comes while a run is played is not replaced either.
func TestWhatComesMeanwhileStays(t *testing.T) {
	t.Parallel()
	dir := runDirOf(t, lesson(t, "names-by-partition"))
	thesis := filepath.Join(dir, "thesis.md")
	_, err := Play(lesson(t, "names-by-partition"), scenarios.Options{
		Progress: func(_, _ model.Time) { _ = os.WriteFile(thesis, nil, 0o644) },
	}, dir, nobody{})
	require.ErrorContains(t, err, `holds a run and "thesis.md"`)
	require.FileExists(t, thesis)
}

// A crash between the two renames leaves the older run aside: who looks for it puts it back.
func TestTheOlderRunSurvivesACrash(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(dir string) error{
		"read":   func(dir string) error { _, err := Read(dir); return err },
		"report": func(dir string) error { return Redraw(dir, "") },
		"run":    CheckReplaceable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := runDirOf(t, lesson(t, "names-by-partition"))
			require.NoError(t, os.Rename(dir, asideOf(dir)))
			require.NoError(t, look(dir))
			require.True(t, holdsRun(dir))
			require.NoDirExists(t, asideOf(dir))
		})
	}
	// One that cannot take the place leaves the older where it is.
	dir := runDirOf(t, lesson(t, "names-by-partition"))
	require.ErrorContains(t, replace(dir, filepath.Join(t.TempDir(), "not", "there")), "moving the run")
	require.True(t, holdsRun(dir))
}

// The directory where the user stands is not taken from under him.
func TestTheWorkingDirectoryIsNotReplaced(t *testing.T) {
	at, err := os.Getwd()
	require.NoError(t, err)
	for _, dir := range []string{".", "./", at, filepath.Dir(at), ".."} {
		_, err := create(dir, nobody{})
		require.ErrorContains(t, err, "the directory that you are in: give --out a directory below it")
	}
}

// A link to a directory stays one, and the run is where it leads.
func TestALinkIsFollowed(t *testing.T) {
	t.Parallel()
	dir := runDirOf(t, lesson(t, "names-by-partition"))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	before, err := os.Stat(filepath.Join(dir, "trace.ndjson"))
	require.NoError(t, err)
	_, err = Play(lesson(t, "names-by-partition"), scenarios.Options{}, link, nobody{})
	require.NoError(t, err)
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
	after, err := os.Stat(filepath.Join(dir, "trace.ndjson"))
	require.NoError(t, err)
	require.False(t, os.SameFile(before, after))
}
