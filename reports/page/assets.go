package page

import (
	"embed"
	"fmt"
	"html/template"

	"sandcastle/reports/palette"
)

// pageFiles are the parts of report.html: its text and its style.
//
//go:embed report.html story.html report.css
var pageFiles embed.FS

// reportScript is the page's script, bundled from the modules in script/ by the test that holds it
// to them: go test ./reports/page -run Bundle -rewrite.
//
//go:embed report.js
var reportScript string

// pageStyle is the style sheet: the palette's, then the page's own.
func pageStyle() (template.CSS, error) {
	text, err := pageFiles.ReadFile("report.css")
	if err != nil {
		return "", fmt.Errorf("report.css: %w", err)
	}
	return template.CSS(palette.PageSheet() + string(text)), nil
}

// pageTemplate is the page's text.
func pageTemplate() (*template.Template, error) {
	marked := template.FuncMap{"terms": newTermMarker().mark}
	page, err := template.New("report.html").Funcs(marked).
		ParseFS(pageFiles, "report.html", "story.html")
	if err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	return page, nil
}
