package palette

import (
	"fmt"
	"strings"
)

// FigureSheet is the style sheet of a figure that stands alone: it recolours it on a dark page.
// Class f-blue fills with the ink of class blue, s-blue strokes with it, and paper is the ground.
func FigureSheet() string {
	return "@media screen and (prefers-color-scheme:dark){" + darkInks("") +
		".paper{fill:" + Table()[Paper].Dark + "}}"
}

// PageSheet is the beginning of a page's style sheet: every ink as a variable such as --blue, and
// the rules that recolour the figures in the page. It is dark where the reader chose that, by the
// attribute data-theme of the page's root, or where the system asks for it and nothing is chosen.
func PageSheet() string {
	const system, chosen = ":root:not([data-theme])", ":root[data-theme=dark]"
	dark := func(root string) string {
		// :where weighs nothing, so that a page's own rules for its figures come before these.
		return root + "{color-scheme:dark;" + variables(true) + "}" + darkInks(":where("+root+") ")
	}
	return ":root{color-scheme:light;" + variables(false) + "}\n" +
		"@media screen and (prefers-color-scheme:dark){" + dark(system) + "}\n" +
		"@media screen{" + dark(chosen) + "}\n"
}

// variables are the inks of pages.
func variables(dark bool) string {
	var all []string
	for _, row := range Table() {
		colour := row.Light
		if dark {
			colour = row.Dark
		}
		if row.Variable != "" {
			all = append(all, "--"+row.Variable+":"+colour)
		}
	}
	return strings.Join(all, ";")
}

// darkInks are the rules that recolour figures, each for what is inside of a selector.
func darkInks(inside string) string {
	var b strings.Builder
	for _, row := range Table() {
		if row.Class != "" && row.Light != row.Dark {
			fmt.Fprintf(&b, "%[3]s.f-%[1]s{fill:%[2]s}%[3]s.s-%[1]s{stroke:%[2]s}",
				row.Class, row.Dark, inside)
		}
	}
	return b.String()
}
