package figures

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"sandcastle/reports/palette"
)

// scaleFigure is where scenarios/BENCHMARKS.md finds the figure of the cost of an event.
const scaleFigure = "../testdata/scale.svg"

// TestScaleFigure draws the figure from what BenchmarkEventCost printed into the file that
// SANDCASTLE_SCALE names: `make scale`.
func TestScaleFigure(t *testing.T) {
	path := os.Getenv("SANDCASTLE_SCALE")
	if path == "" {
		t.Skip("for `make scale`, which measures first and sets SANDCASTLE_SCALE")
	}
	points := readScale(t, path)
	brokers, partitions := plotter.XYs{}, plotter.XYs{}
	for _, p := range points {
		if p.partitions == 10 {
			brokers = append(brokers, plotter.XY{X: p.brokers, Y: p.cost})
		}
		if p.brokers == 3 {
			partitions = append(partitions, plotter.XY{X: p.partitions, Y: p.cost})
		}
	}
	require.GreaterOrEqual(t, len(brokers), 3, "too few points in %s", path)
	require.GreaterOrEqual(t, len(partitions), 3, "too few points in %s", path)
	p := plot.New()
	p.Y.Label.Text = "cost of one event, ns of wall time"
	p.Legend.Padding, p.Y.Label.Padding, p.X.Label.Padding = vg.Points(3), vg.Points(6), vg.Points(4)
	p.X.Label.Text = "brokers (with 10 partitions), or partitions (on 3 brokers)"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, scaleTicks{}
	p.Y.Min = 0
	addCurve(t, p, brokers, palette.Blue, "brokers, 10 partitions")
	addCurve(t, p, partitions, palette.Vermillion, "partitions, 3 brokers")
	p.Y.Max *= 1.3
	p.Legend.Top, p.Legend.Left = true, true
	require.NoError(t, os.MkdirAll(filepath.Dir(scaleFigure), 0o755))
	require.NoError(t, p.Save(16*vg.Centimeter, 9*vg.Centimeter, scaleFigure))
}

// scaleMeasure is one line of the benchmark.
type scaleMeasure struct{ brokers, partitions, cost float64 }

// readScale takes the median of what was measured at each size.
func readScale(t *testing.T, path string) []scaleMeasure {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	line := regexp.MustCompile(`brokers=(\d+)/partitions=(\d+)\S*\s.*?([\d.]+) ns/event`)
	var points []scaleMeasure
	for in := bufio.NewScanner(f); in.Scan(); {
		m := line.FindStringSubmatch(in.Text())
		if m == nil {
			continue
		}
		var p scaleMeasure
		for i, field := range []*float64{&p.brokers, &p.partitions, &p.cost} {
			*field, err = strconv.ParseFloat(m[i+1], 64)
			require.NoError(t, err)
		}
		points = append(points, p)
	}
	slices.SortFunc(points, func(a, b scaleMeasure) int {
		return cmp.Or(cmp.Compare(a.brokers, b.brokers), cmp.Compare(a.partitions, b.partitions),
			cmp.Compare(a.cost, b.cost))
	})
	var medians []scaleMeasure
	for len(points) > 0 {
		n := 1
		for n < len(points) && points[n].brokers == points[0].brokers &&
			points[n].partitions == points[0].partitions {
			n++
		}
		medians = append(medians, points[n/2])
		points = points[n:]
	}
	return medians
}

func addCurve(t *testing.T, p *plot.Plot, at plotter.XYs, i palette.Ink, name string) {
	line, dots, err := plotter.NewLinePoints(at)
	require.NoError(t, err)
	line.Color, line.Width = i.RGBA(), vg.Points(2)
	dots.Color, dots.Shape, dots.Radius = i.RGBA(), draw.CircleGlyph{}, vg.Points(3)
	p.Add(line, dots)
	p.Legend.Add(name, line, dots)
}

// scaleTicks marks 3, 10, 30, 100, ….
type scaleTicks struct{}

func (scaleTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for ten := 1.0; ten <= high; ten *= 10 {
		for _, v := range []float64{ten, 3 * ten} {
			if v >= low*0.999 && v <= high*1.001 {
				ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprint(int(v))})
			}
		}
	}
	return ticks
}
