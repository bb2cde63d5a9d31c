package palette

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// light is the linear red, green and blue of "#rrggbb".
func light(t *testing.T, hex string) [3]float64 {
	var out [3]float64
	for i := range out {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		out[i] = math.Pow((c+0.055)/1.055, 2.4)
		if c <= 0.04045 {
			out[i] = c / 12.92
		}
	}
	return out
}

func luminance(l [3]float64) float64 { return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2] }

// contrast is that of WCAG 2.
func contrast(a, b [3]float64) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// theme is a page's colours, by ink.
func theme(t *testing.T, dark bool) [Count][3]float64 {
	var out [Count][3]float64
	for i, row := range Table() {
		out[i] = light(t, row.Light)
		if dark {
			out[i] = light(t, row.Dark)
		}
	}
	return out
}

// Lines and writing stand out wherever they may lie: on the paper, and on the shading of every fault.
func TestContrast(t *testing.T) {
	for _, dark := range []bool{false, true} {
		colours := theme(t, dark)
		for _, ground := range []Ink{Paper, Down, Network, Paused} {
			for _, line := range append(Lines(), Text, Muted, Axis) {
				require.GreaterOrEqual(t, contrast(colours[line], colours[ground]), 3.0,
					"line %s on %s, dark %t", Table()[line].Class, Table()[ground].Class, dark)
			}
			for _, text := range []Ink{Text, Muted} {
				require.GreaterOrEqual(t, contrast(colours[text], colours[ground]), 4.5,
					"text %s on %s, dark %t", Table()[text].Class, Table()[ground].Class, dark)
			}
		}
		for _, ground := range []Ink{Paper, Card} { // writing of the pages
			for _, text := range []Ink{Text, Muted, Accent, OK, Bad, Doubt} {
				require.GreaterOrEqual(t, contrast(colours[text], colours[ground]), 4.5,
					"text %s on %s, dark %t", Table()[text].Variable, Table()[ground].Variable, dark)
			}
			require.GreaterOrEqual(t, contrast(colours[Grey], colours[ground]), 3.0, "grey, dark %t", dark)
		}
		for _, ground := range []Ink{Accent, Bad} { // of a button that stands out, and of the cursor's time
			require.GreaterOrEqual(t, contrast(colours[Paper], colours[ground]), 4.5, "dark %t", dark)
		}
		for _, strip := range []Ink{DownStrip, NetworkStrip, PausedStrip, BandEdge, Hatch} {
			require.GreaterOrEqual(t, contrast(colours[strip], colours[Paper]), 3.0,
				"%s, dark %t", Table()[strip].Class, dark)
		}
		require.GreaterOrEqual(t, contrast(colours[Hatch], colours[Dead]), 3.0, "dark %t", dark)
		for _, b := range Bars() {
			require.GreaterOrEqual(t, contrast(colours[OnBar], colours[b]), 4.5, Table()[b].Class)
		}
	}
}

// blindness says how a colour is seen by somebody who lacks one sort of cones (Machado, Oliveira and
// Fernandes, 2009, severity 1).
func blindness() map[string][3][3]float64 {
	return map[string][3][3]float64{
		"nothing": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"red": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216},
			{-0.003882, -0.048116, 1.051998}},
		"green": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413},
			{-0.011820, 0.042940, 0.968881}},
		"blue": {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602},
			{0.004733, 0.691367, 0.303900}},
	}
}

// lab is a colour where distances are about as they are seen (CIE 1976, D65).
func lab(l [3]float64) [3]float64 {
	f := func(v float64) float64 {
		if v = max(v, 0); v > 0.008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16.0/116
	}
	x := f((0.4124*l[0] + 0.3576*l[1] + 0.1805*l[2]) / 0.95047)
	y := f(luminance(l))
	z := f((0.0193*l[0] + 0.1192*l[1] + 0.9505*l[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// Lines of different colours are different for everybody, and so are bars: 2.3 is what can just be
// noticed.
func TestInksAreToldApartWithoutColourVision(t *testing.T) {
	for _, dark := range []bool{false, true} {
		colours := theme(t, dark)
		for lacks, m := range blindness() {
			seen := func(i Ink) [3]float64 {
				var out [3]float64
				for row := range m {
					for c, v := range colours[i] {
						out[row] += m[row][c] * v
					}
				}
				return lab(out)
			}
			for _, inks := range [][]Ink{Lines(), Bars()} {
				for i, a := range inks {
					for _, b := range inks[:i] {
						p, q := seen(a), seen(b)
						d := math.Sqrt(math.Pow(p[0]-q[0], 2) + math.Pow(p[1]-q[1], 2) + math.Pow(p[2]-q[2], 2))
						require.Greater(t, d, 14.0, "%s and %s, lacks %s, dark %t", Table()[a].Class,
							Table()[b].Class, lacks, dark)
					}
				}
			}
		}
	}
}

// A node's bar has the hue of its line, so that one node is one colour in all figures.
func TestBarsHaveTheHuesOfLines(t *testing.T) {
	colours := theme(t, false)
	hue := func(i Ink) float64 {
		c := lab(colours[i])
		return math.Atan2(c[2], c[1]) * 180 / math.Pi
	}
	bars := Bars()
	require.Len(t, bars, len(Lines()))
	for i, line := range Lines() {
		apart := math.Abs(hue(line) - hue(bars[i]))
		require.Less(t, min(apart, 360-apart), 30.0, "%s and %s", Table()[line].Class, Table()[bars[i]].Class)
	}
}

// Every ink is used, in figures or in pages, and no two are called alike.
func TestInksHaveNames(t *testing.T) {
	classes, variables := map[string]bool{}, map[string]bool{}
	for i, row := range Table() {
		require.True(t, row.Class != "" || row.Variable != "", "ink %d", i)
		require.False(t, row.Class != "" && classes[row.Class], row.Class)
		require.False(t, row.Variable != "" && variables[row.Variable], row.Variable)
		classes[row.Class], variables[row.Variable] = true, true
	}
}

func TestSheetsAreBalanced(t *testing.T) {
	for _, sheet := range []string{FigureSheet(), PageSheet()} {
		require.Equal(t, strings.Count(sheet, "{"), strings.Count(sheet, "}"))
	}
	require.Equal(t, 3, strings.Count(PageSheet(), "--blue:"), "light, dark, and dark by choice")
}
