package page

import (
	"html/template"
	"strings"

	"sandcastle/reports/prose"
)

// termMarker marks the terms of the glossary in the page's texts: what one means comes up under the
// pointer, and for who has no pointer on focus or a tap.
type termMarker struct{ finder *prose.TermFinder }

func newTermMarker() termMarker { return termMarker{prose.NewTermFinder()} }

// mark is text as HTML, its terms as abbr with the meaning as title: that works without a script.
func (m termMarker) mark(text string) template.HTML {
	var b strings.Builder
	for _, p := range m.finder.Pieces(text) {
		word := template.HTMLEscapeString(p.Text)
		if p.Term == nil {
			b.WriteString(word)
			continue
		}
		b.WriteString(`<abbr class="term" tabindex="0" title="` +
			template.HTMLEscapeString(p.Term.Meaning) + `">` + word + `</abbr>`)
	}
	return template.HTML(b.String())
}

// terms writes the glossary: the script marks what it says itself.
func (w *dataWriter) terms() {
	terms := prose.Glossary()
	w.key("terms")
	w.list(len(terms), func(i int) {
		t := &terms[i]
		w.raw(`{"forms":`)
		forms := append([]string{t.Name}, t.Forms...)
		if t.Basic {
			forms = nil
		}
		w.list(len(forms), func(i int) { w.quote(forms[i]) })
		w.key("means").quote(t.Meaning).raw("}")
	})
}
