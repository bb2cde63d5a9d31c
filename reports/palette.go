package reports

import (
	"fmt"
	"image/color"
	"strings"
)

// ink is a colour with a meaning. Figures name inks; svg.go turns them into CSS classes, so that
// one figure serves light and dark pages.
type ink uint8

const (
	inkText ink = iota
	inkMuted
	inkGrid
	inkAxis
	inkBlue
	inkVermillion
	inkGreen
	inkPurple
	inkOrange
	inkSky
	inkDown
	inkNetwork
	inkPaused
	inkBandEdge
	inkDownStrip
	inkNetworkStrip
	inkPausedStrip
	inkPaper
	inkDead
	inkHatch
	inkOnBar
	inkBarSky
	inkBarOrange
	inkBarGreen
	inkBarPurple
	inkBarYellow
	inkBarVermillion
	inks
)

// inkRow is the class of an ink, and its colour on a light and on a dark page.
type inkRow struct{ class, light, dark string }

// inkTable gives each ink its class and its colour on a light and on a dark page. The bars' colours
// are those of Okabe and Ito, "Color Universal Design" (2008). Their yellow and sky blue are too
// faint for lines on white, so lines have colours of the same names that were searched for: they
// stand out from paper and faults, and apart from each other whatever somebody sees of colours.
func inkTable() [inks]inkRow {
	return [inks]inkRow{
		inkText:          {"text", "#1f2328", "#e6edf3"},
		inkMuted:         {"muted", "#57606a", "#a3adb8"},
		inkGrid:          {"grid", "#e4e7eb", "#2c333b"},
		inkAxis:          {"axis", "#7d868f", "#7b858f"},
		inkBlue:          {"blue", "#004abd", "#4b92f0"},
		inkVermillion:    {"verm", "#9c3e1a", "#f47b45"},
		inkGreen:         {"green", "#2c9168", "#2cb98a"},
		inkPurple:        {"purp", "#7a3578", "#d67fc0"},
		inkOrange:        {"oran", "#b67504", "#f7cf52"},
		inkSky:           {"sky", "#148bc1", "#a6e0fb"},
		inkDown:          {"down", "#fbe4d9", "#36231b"},
		inkNetwork:       {"net", "#e0eef8", "#1b3144"},
		inkPaused:        {"paus", "#f3e5ee", "#3a2637"},
		inkBandEdge:      {"edge", "#b07f66", "#7d5a47"},
		inkDownStrip:     {"downs", "#cf7650", "#b5653f"},
		inkNetworkStrip:  {"nets", "#5b95c4", "#3f7fb3"},
		inkPausedStrip:   {"pauss", "#b07a9d", "#9d6395"},
		inkPaper:         {"page", "#ffffff", "#0d1117"},
		inkDead:          {"dead", "#d9dde2", "#3b434c"},
		inkHatch:         {"hatch", "#6b747e", "#98a2ad"},
		inkOnBar:         {"onbar", "#10151a", "#10151a"},
		inkBarSky:        {"bar1", "#57b5ea", "#57b5ea"},
		inkBarOrange:     {"bar2", "#e7a001", "#e7a001"},
		inkBarGreen:      {"bar3", "#24b287", "#24b287"},
		inkBarPurple:     {"bar4", "#d48bb2", "#d48bb2"},
		inkBarYellow:     {"bar5", "#f0e442", "#f0e442"},
		inkBarVermillion: {"bar6", "#e8783a", "#e8783a"},
	}
}

// lineInks are the colours of lines that stand side by side, such as one for each broker.
func lineInks() []ink {
	return []ink{inkBlue, inkVermillion, inkGreen, inkPurple, inkOrange, inkSky}
}

// barInks are the colours of bars that carry dark writing, one for each member.
func barInks() []ink {
	return []ink{inkBarSky, inkBarOrange, inkBarGreen, inkBarPurple, inkBarYellow, inkBarVermillion}
}

// rgba is the ink's colour on a light page, as gonum wants it.
func (i ink) rgba() color.Color {
	var c color.RGBA
	c.A = 255
	if _, err := fmt.Sscanf(inkTable()[i].light, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
		panic(fmt.Sprintf("reports: ink %d: %v", i, err))
	}
	return c
}

// inkColours returns every ink's colour, computed once for each figure.
func inkColours() [inks]color.Color {
	var out [inks]color.Color
	for i := range out {
		out[i] = ink(i).rgba()
	}
	return out
}

// printedAs is how gonum's vgsvg writes c: with a truncation that may miss a value by one.
func printedAs(c color.Color) string {
	r, g, b, alpha := c.RGBA()
	a := 255.0 / float64(alpha)
	return fmt.Sprintf("#%02X%02X%02X", int(float64(r)*a), int(float64(g)*a), int(float64(b)*a))
}

// darkRules is the style sheet that recolours a figure on a dark page: f- classes fill, s- classes
// stroke. It leaves paper alone.
func darkRules() string {
	return "@media screen and (prefers-color-scheme:dark){" + darkInks("") + "}"
}

// darkInks are the rules themselves, each for what is inside of a selector.
func darkInks(inside string) string {
	var b strings.Builder
	for _, i := range inkTable() {
		if i.light != i.dark {
			fmt.Fprintf(&b, "%[3]s.f-%[1]s{fill:%[2]s}%[3]s.s-%[1]s{stroke:%[2]s}",
				i.class, i.dark, inside)
		}
	}
	fmt.Fprintf(&b, "%s.paper{fill:#0d1117}", inside)
	return b.String()
}
