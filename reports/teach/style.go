package teach

import (
	"strings"

	"charm.land/lipgloss/v2"

	"sandcastle/reports"
)

// styleOf is how an ink looks: the terminal's own sixteen colours, so that a reader's theme holds.
func styleOf(ink reports.Ink) lipgloss.Style {
	s := lipgloss.NewStyle()
	switch ink {
	case reports.InkFaint:
		return s.Faint(true)
	case reports.InkStrong:
		return s.Bold(true)
	case reports.InkClient:
		return s.Foreground(lipgloss.Cyan)
	case reports.InkBroker:
		return s.Foreground(lipgloss.Blue)
	case reports.InkKeeper:
		return s.Foreground(lipgloss.Magenta)
	case reports.InkFault:
		return s.Foreground(lipgloss.Red).Bold(true)
	case reports.InkChange:
		return s.Foreground(lipgloss.Green)
	default:
		return s
	}
}

// inked is a line as a terminal shows it.
func inked(l reports.Line) string {
	var b strings.Builder
	for _, span := range l {
		if span.Ink == reports.InkPlain {
			b.WriteString(span.Text)
		} else {
			b.WriteString(styleOf(span.Ink).Render(span.Text))
		}
	}
	return b.String()
}

// plain are lines of one ink.
func plain(ink reports.Ink, lines ...string) []reports.Line {
	out := make([]reports.Line, len(lines))
	for i, l := range lines {
		out[i] = reports.Line{{Text: l, Ink: ink}}
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
