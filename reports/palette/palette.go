package palette

import (
	"fmt"
	"image/color"
)

// Ink is a colour with a meaning. In a figure it is also a CSS class, so that one figure serves
// light and dark pages; in a page it is a variable of the style sheet.
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
	BarBlue
	BarVermillion
	BarGreen
	BarPurple
	BarOrange
	BarSky
	// The inks below are those of the pages alone.
	Card
	Line
	Faint
	Accent
	OK
	Bad
	Doubt
	Grey
	Other
	Count
)

// Row is how an ink is called and what it looks like.
type Row struct {
	Class       string // in figures, "" for an ink of pages alone
	Variable    string // in the style sheets of pages, without "--"; "" for an ink of figures alone
	Light, Dark string // "#rrggbb" on a light and on a dark page
}

// Table is the palette. Lines have colours after those of Okabe and Ito, "Color Universal Design"
// (2008), that were searched for: they stand out from paper and faults, and apart from each other
// whatever somebody sees of colours. Bars carry dark writing, so each has the hue of the line of
// its name, but lighter.
func Table() [Count]Row {
	return [Count]Row{
		Text:          {"text", "text", "#1f2328", "#e6edf3"},
		Muted:         {"muted", "dim", "#57606a", "#a3adb8"},
		Grid:          {"grid", "", "#e4e7eb", "#2c333b"},
		Axis:          {"axis", "", "#7d868f", "#7b858f"},
		Blue:          {"blue", "blue", "#004abd", "#4b92f0"},
		Vermillion:    {"verm", "vermillion", "#9c3e1a", "#f47b45"},
		Green:         {"green", "green", "#2c9168", "#2cb98a"},
		Purple:        {"purp", "purple", "#7a3578", "#d67fc0"},
		Orange:        {"oran", "orange", "#b67504", "#f7cf52"},
		Sky:           {"sky", "sky", "#148bc1", "#a6e0fb"},
		Down:          {"down", "down", "#fbe4d9", "#36231b"},
		Network:       {"net", "network", "#e0eef8", "#1b3144"},
		Paused:        {"paus", "paused", "#f3e5ee", "#3a2637"},
		BandEdge:      {"edge", "", "#b07f66", "#7d5a47"},
		DownStrip:     {"downs", "", "#cf7650", "#b5653f"},
		NetworkStrip:  {"nets", "", "#5b95c4", "#3f7fb3"},
		PausedStrip:   {"pauss", "", "#b07a9d", "#9d6395"},
		Paper:         {"page", "paper", "#ffffff", "#0d1117"},
		Dead:          {"dead", "", "#d9dde2", "#3b434c"},
		Hatch:         {"hatch", "", "#6b747e", "#98a2ad"},
		OnBar:         {"onbar", "", "#10151a", "#10151a"},
		BarBlue:       {"bar1", "", "#6f9bf2", "#6f9bf2"},
		BarVermillion: {"bar2", "", "#ee7e4c", "#ee7e4c"},
		BarGreen:      {"bar3", "", "#24b287", "#24b287"},
		BarPurple:     {"bar4", "", "#c984c4", "#c984c4"},
		BarOrange:     {"bar5", "", "#f0c030", "#f0c030"},
		BarSky:        {"bar6", "", "#9be0f7", "#9be0f7"},
		Card:          {"", "card", "#f6f8fa", "#161b22"},
		Line:          {"", "line", "#d8dee4", "#3a424c"},
		Faint:         {"", "faint", "#eceff2", "#1d232b"},
		Accent:        {"", "accent", "#0a5ea8", "#6cb6ff"},
		OK:            {"", "ok", "#00754f", "#3fcf9c"},
		Bad:           {"", "bad", "#b3420a", "#ff9a66"},
		Doubt:         {"", "doubt", "#7a5200", "#f0b429"},
		Grey:          {"", "grey", "#6e7781", "#8b949e"},
		Other:         {"", "other", "#eceff2", "#242b33"},
	}
}

// Lines are the colours of lines that stand side by side, such as one for each broker.
func Lines() []Ink {
	return []Ink{Blue, Vermillion, Green, Purple, Orange, Sky}
}

// Bars are the colours of bars that carry dark writing, in the order of the lines of the same hue.
func Bars() []Ink {
	return []Ink{BarBlue, BarVermillion, BarGreen, BarPurple, BarOrange, BarSky}
}

// RGBA is the ink's colour on a light page.
func (i Ink) RGBA() color.RGBA {
	c := color.RGBA{A: 255}
	if _, err := fmt.Sscanf(Table()[i].Light, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
		panic(fmt.Sprintf("reports: ink %d: %v", i, err))
	}
	return c
}
