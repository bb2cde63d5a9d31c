package palette

import (
	"fmt"
	"image/color"
	"strings"
)

// Ink is a colour with a meaning. Figures name inks; svg.go turns them into CSS classes, so that
// one figure serves light and dark pages.
type Ink uint8

const (
	Text Ink = iota
	Muted
	Grid
	Axis
	Blue
	Vermillion
	Green
	Purple
	Orange
	Sky
	Down
	Network
	Paused
	BandEdge
	DownStrip
	NetworkStrip
	PausedStrip
	Paper
	Dead
	Hatch
	OnBar
	BarSky
	BarOrange
	BarGreen
	BarPurple
	BarYellow
	BarVermillion
	Count
)

// Row is the class of an ink, and its colour on a light and on a dark page.
type Row struct{ Class, Light, dark string }

// Table gives each ink its class and its colour on a light and on a dark page. The bars' colours
// are those of Okabe and Ito, "Color Universal Design" (2008). Their yellow and sky blue are too
// faint for lines on white, so lines have colours of the same names that were searched for: they
// stand out from paper and faults, and apart from each other whatever somebody sees of colours.
func Table() [Count]Row {
	return [Count]Row{
		Text:          {"text", "#1f2328", "#e6edf3"},
		Muted:         {"muted", "#57606a", "#a3adb8"},
		Grid:          {"grid", "#e4e7eb", "#2c333b"},
		Axis:          {"axis", "#7d868f", "#7b858f"},
		Blue:          {"blue", "#004abd", "#4b92f0"},
		Vermillion:    {"verm", "#9c3e1a", "#f47b45"},
		Green:         {"green", "#2c9168", "#2cb98a"},
		Purple:        {"purp", "#7a3578", "#d67fc0"},
		Orange:        {"oran", "#b67504", "#f7cf52"},
		Sky:           {"sky", "#148bc1", "#a6e0fb"},
		Down:          {"down", "#fbe4d9", "#36231b"},
		Network:       {"net", "#e0eef8", "#1b3144"},
		Paused:        {"paus", "#f3e5ee", "#3a2637"},
		BandEdge:      {"edge", "#b07f66", "#7d5a47"},
		DownStrip:     {"downs", "#cf7650", "#b5653f"},
		NetworkStrip:  {"nets", "#5b95c4", "#3f7fb3"},
		PausedStrip:   {"pauss", "#b07a9d", "#9d6395"},
		Paper:         {"page", "#ffffff", "#0d1117"},
		Dead:          {"dead", "#d9dde2", "#3b434c"},
		Hatch:         {"hatch", "#6b747e", "#98a2ad"},
		OnBar:         {"onbar", "#10151a", "#10151a"},
		BarSky:        {"bar1", "#57b5ea", "#57b5ea"},
		BarOrange:     {"bar2", "#e7a001", "#e7a001"},
		BarGreen:      {"bar3", "#24b287", "#24b287"},
		BarPurple:     {"bar4", "#d48bb2", "#d48bb2"},
		BarYellow:     {"bar5", "#f0e442", "#f0e442"},
		BarVermillion: {"bar6", "#e8783a", "#e8783a"},
	}
}

// Lines are the colours of lines that stand side by side, such as one for each broker.
func Lines() []Ink {
	return []Ink{Blue, Vermillion, Green, Purple, Orange, Sky}
}

// Bars are the colours of bars that carry dark writing, one for each member.
func Bars() []Ink {
	return []Ink{BarSky, BarOrange, BarGreen, BarPurple, BarYellow, BarVermillion}
}

// rgba is the ink's colour on a light page, as gonum wants it.
func (i Ink) rgba() color.Color {
	var c color.RGBA
	c.A = 255
	if _, err := fmt.Sscanf(Table()[i].Light, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
		panic(fmt.Sprintf("reports: ink %d: %v", i, err))
	}
	return c
}

// Colours returns every ink's colour, computed once for each figure.
func Colours() [Count]color.Color {
	var out [Count]color.Color
	for i := range out {
		out[i] = Ink(i).rgba()
	}
	return out
}

// DarkRules is the style sheet that recolours a figure on a dark page: f- classes fill, s- classes
// stroke. It leaves paper alone.
func DarkRules() string {
	return "@media screen and (prefers-color-scheme:dark){" + DarkInks("") + "}"
}

// DarkInks are the rules themselves, each for what is inside of a selector.
func DarkInks(inside string) string {
	var b strings.Builder
	for _, i := range Table() {
		if i.Light != i.dark {
			fmt.Fprintf(&b, "%[3]s.f-%[1]s{fill:%[2]s}%[3]s.s-%[1]s{stroke:%[2]s}",
				i.Class, i.dark, inside)
		}
	}
	fmt.Fprintf(&b, "%s.paper{fill:#0d1117}", inside)
	return b.String()
}
