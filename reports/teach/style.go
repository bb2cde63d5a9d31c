package teach

import (
	"strings"

	"charm.land/lipgloss/v2"

	"sandcastle/model"
	"sandcastle/reports/text"
)

// styleOf is how an ink looks: the terminal's own sixteen colours, so that a reader's theme holds.
func styleOf(ink text.Ink) lipgloss.Style {
	s := lipgloss.NewStyle()
	switch ink {
	case text.InkFaint:
		return s.Faint(true)
	case text.InkStrong:
		return s.Bold(true)
	case text.InkClient:
		return s.Foreground(lipgloss.Cyan)
	case text.InkBroker:
		return s.Foreground(lipgloss.Blue)
	case text.InkKeeper:
		return s.Foreground(lipgloss.Magenta)
	case text.InkFault:
		return s.Foreground(lipgloss.Red).Bold(true)
	case text.InkChange:
		return s.Foreground(lipgloss.Green)
	default:
		return s
	}
}

// inked is a line as a terminal shows it. What a scenario has in it of a terminal's commands is
// only printed.
func inked(l text.Line) string {
	var b strings.Builder
	for _, span := range l {
		if span.Ink == text.InkDrawn {
			b.WriteString(span.Text)
			continue
		}
		span.Text = model.Printable(span.Text)
		if span.Ink == text.InkPlain {
			b.WriteString(span.Text)
		} else {
			b.WriteString(styleOf(span.Ink).Render(span.Text))
		}
	}
	return b.String()
}

// plain are lines of one ink.
func plain(ink text.Ink, lines ...string) []text.Line {
	out := make([]text.Line, len(lines))
	for i, l := range lines {
		out[i] = text.Line{{Text: l, Ink: ink}}
	}
	return out
}

// ASCII draws with the letters of ASCII alone, cell by cell.
func ASCII(text string) string {
	return strings.NewReplacer(
		"│", "|", "─", "-", "━", "=", "┼", "+", "├", "|", "┤", "|",
		"▶", ">", "◀", "<", "✗", "x", "◆", "*", "•", "o", "·", ".",
		"╎", ":", "⋮", ":", "○", "o", "…", "~", "–", "-", "→", ">",
		"←", "<", "↔", "=", "↑", "^", "↓", "v", "×", "x", "▸", ">",
		"−", "-", "µ", "u", "└", "`",
	).Replace(text)
}
