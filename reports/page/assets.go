package page

import (
	"embed"
	"fmt"
	"html/template"
	"strings"

	"sandcastle/reports/palette"
)

// pageFiles are the parts of report.html: its text, its style and its script.
//
//go:embed report.html story.html report.css script/*.js
var pageFiles embed.FS

// scripts are the parts of the page's script in the order in which they are read. Each is named
// for what it draws or knows.
func scripts() []string {
	return []string{"dom", "data", "axis", "filter", "diagram", "arrows", "tracks", "overview",
		"steps", "detail", "link", "tabs", "main"}
}

// pageScript is the script of the page. Its parts share one scope, and nothing outside sees them.
func pageScript() (template.JS, error) {
	var b strings.Builder
	b.WriteString("(() => {\n\"use strict\";\n")
	for _, name := range scripts() {
		text, err := pageFiles.ReadFile("script/" + name + ".js")
		if err != nil {
			return "", fmt.Errorf("script/%s.js: %w", name, err)
		}
		b.Write(text)
	}
	b.WriteString("})();\n")
	return template.JS(b.String()), nil
}

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
	page, err := template.New("report.html").ParseFS(pageFiles, "report.html", "story.html")
	if err != nil {
		return nil, fmt.Errorf("report.html: %w", err)
	}
	return page, nil
}
