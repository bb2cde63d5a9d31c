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

// inkTable gives each ink its class and its colour on a light and on a dark page. The data
// colours are those of Okabe and Ito, "Color Universal Design" (2008), lightened for dark pages.
func inkTable() [inks]struct{ class, light, dark string } {
	return [inks]struct{ class, light, dark string }{
		inkText:          {"text", "#1f2328", "#e6edf3"},
		inkMuted:         {"muted", "#57606a", "#a3adb8"},
		inkGrid:          {"grid", "#e4e7eb", "#2c333b"},
		inkAxis:          {"axis", "#8c959f", "#6e7781"},
		inkBlue:          {"blue", "#0072b2", "#4aa8e8"},
		inkVermillion:    {"verm", "#d55e00", "#ff8a4c"},
		inkGreen:         {"green", "#009e73", "#2cc79a"},
		inkPurple:        {"purp", "#b5588d", "#e29bc4"},
		inkOrange:        {"oran", "#e69f00", "#f0b429"},
		inkSky:           {"sky", "#56b4e9", "#8fd0f7"},
		inkDown:          {"down", "#fbe4d9", "#36231b"},
		inkNetwork:       {"net", "#e0eef8", "#1b3144"},
		inkPaused:        {"paus", "#f3e5ee", "#3a2637"},
		inkBandEdge:      {"edge", "#c9a08b", "#7d5a47"},
		inkDownStrip:     {"downs", "#e39b7b", "#b5653f"},
		inkNetworkStrip:  {"nets", "#86b8dc", "#3f7fb3"},
		inkPausedStrip:   {"pauss", "#c58fb2", "#92598a"},
		inkPaper:         {"page", "#ffffff", "#0d1117"},
		inkDead:          {"dead", "#d9dde2", "#3b434c"},
		inkHatch:         {"hatch", "#9aa3ad", "#7d8792"},
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
