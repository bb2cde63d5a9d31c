package sweep

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/scenarios"
)

func lesson(t *testing.T) *scenarios.Scenario {
	s, err := scenarios.Lesson("names-by-partition")
	require.NoError(t, err)
	return s
}

// watch counts what a sweep reports.
type watch struct {
	remarks []string
	played  int
	of      int
	playing atomic.Int64
}

func (w *watch) Remark(text string)      { w.remarks = append(w.remarks, text) }
func (w *watch) Playing(_, _ model.Time) { w.playing.Add(1) }
func (w *watch) Played(n, of int)        { w.played, w.of = n, of }

// A sweep plays each setting under each seed, and plays nothing twice unless it is to play afresh.
func TestSweepPlaysWhatIsNotThere(t *testing.T) {
	t.Parallel()
	o := Options{
		Set: []string{"producers[0].linger=0ms,5ms"}, Seeds: "1..2", Jobs: 2, Plot: true,
		Measure: []string{"ack.p50"}, Out: filepath.Join(t.TempDir(), "sweep"),
	}
	play := func() (*Outcome, *watch) {
		p, err := New(lesson(t), o)
		require.NoError(t, err)
		w := &watch{}
		outcome, err := p.Play(context.Background(), w)
		require.NoError(t, err)
		return outcome, w
	}
	first, w := play()
	require.Equal(t, []int{4, 4}, []int{w.played, w.of})
	require.Positive(t, w.playing.Load())
	require.Empty(t, w.remarks)
	require.Len(t, first.Runs, 4)
	require.FileExists(t, first.File)
	require.FileExists(t, first.FigureFile)
	require.Contains(t, first.Figure.Alt, "Median of ack.p50")

	again, w := play()
	require.Equal(t, first.Lines, again.Lines)
	require.Zero(t, w.played)
	require.Equal(t, []string{"4 of 4 runs are in " + first.File + " already"}, w.remarks)

	o.Afresh = true
	again, w = play()
	require.Equal(t, first.Lines, again.Lines)
	require.Equal(t, 4, w.played)
	require.Empty(t, w.remarks)
}

// A context that has ended begins no run, and what is there is written all the same.
func TestSweepInterrupted(t *testing.T) {
	t.Parallel()
	p, err := New(lesson(t), Options{Jobs: 1, Out: filepath.Join(t.TempDir(), "sweep")})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o, err := p.Play(ctx, &watch{})
	require.NoError(t, err)
	require.True(t, o.Interrupted)
	require.Empty(t, o.Runs)
	require.FileExists(t, o.File)
}

func TestBadSweeps(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "mine.txt"), nil, 0o644))
	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "runs.ndjson"), []byte("{\"engine\":\"sandcastle-0\",\"scenario\":\"x\",\"sum\":\"1\",\"verdict\":\"ok\"}\n{\"seed\":\n"), 0o644))
	for _, row := range []struct {
		o    Options
		want string
	}{
		{Options{Set: []string{"producers[0].lingr=1ms,2ms"}, Jobs: 1}, `did you mean "producers[0].linger"?`},
		{Options{Set: []string{"producers[0].linger=1ms,2"}, Jobs: 1}, `setting producers[0].linger=2: "2" is no time`},
		{Options{Set: []string{"linger"}, Jobs: 1}, `--set: "linger" sweeps nothing`},
		{Options{Measure: []string{"ack.p5"}, Jobs: 1}, `--measure: no run has a number called "ack.p5" (did you mean "ack.p50"?)`},
		{Options{Seeds: "5..1", Jobs: 1}, "--seeds 5..1: the last is before the first"},
		{Options{Seeds: "7..18446744073709551616", Jobs: 1}, "write the first and the last"},
		{Options{Seeds: "a..b", Jobs: 1}, "--seeds a..b: write the first and the last, as in 1..20"},
		{Options{Seeds: "0..18446744073709551615", Jobs: 1}, "at most 100000 are played at once"},
		{Options{Set: []string{"cluster.brokers=1,2"}, Seeds: "1..100000", Jobs: 1}, "2 settings under 100000 seeds are 200000 runs"},
		{Options{Jobs: 0}, "--jobs 0: at least one run has to be played at a time"},
		{Options{Shard: "3/2", Jobs: 1}, "--shard 3/2: write the part and how many parts there are, as in 2/3"},
		{Options{Plot: true, Jobs: 1}, "--plot draws one or two settings, and there are 0: give --set"},
		{Options{Out: full, Jobs: 1}, "is not empty and holds no sweep"},
		{Options{Out: broken, Jobs: 1}, "runs.ndjson:2: no run of a sweep"},
	} {
		p, err := New(lesson(t), row.o)
		if err == nil {
			_, err = p.Play(context.Background(), &watch{})
		}
		var input *model.InputError
		require.ErrorAs(t, err, &input, "%v", row.o)
		require.ErrorContains(t, err, row.want)
	}
}

// Each measure there is stands in one row, and in the list for people.
func TestMeasuresAreAllListed(t *testing.T) {
	rows := map[string]int{}
	for _, m := range Measures() {
		require.NotEmpty(t, m.About)
		for _, name := range m.Names {
			rows[name]++
			require.Contains(t, MeasureList(), m.Names[0])
		}
	}
	for name, n := range rows {
		require.Equal(t, 1, n, name)
	}
	require.Contains(t, rows, "ack.p50")
}
