package reports

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
)

// pageFiles are the parts of report.html: its text, its style and its script.
//
//go:embed page.html page_story.html page.css page_*.js
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
		text, err := pageFiles.ReadFile("page_" + name + ".js")
		if err != nil {
			return "", fmt.Errorf("page_%s.js: %w", name, err)
		}
		b.Write(text)
	}
	b.WriteString("})();\n")
	return template.JS(b.String()), nil
}

// pageStyle is the style sheet: the page's own, and how figures look on a dark page, whether the
// system or the reader asks for it.
func pageStyle() (template.CSS, error) {
	text, err := pageFiles.ReadFile("page.css")
	if err != nil {
		return "", fmt.Errorf("page.css: %w", err)
	}
	system := "@media screen and (prefers-color-scheme:dark){" +
		darkInks(":root:not([data-theme]) ") + "}"
	chosen := "@media screen{" + darkInks(":root[data-theme=dark] ") + "}"
	return template.CSS(string(text) + system + chosen), nil
}

// pageTemplate is the page's text.
func pageTemplate() (*template.Template, error) {
	page, err := template.New("page.html").ParseFS(pageFiles, "page.html", "page_story.html")
	if err != nil {
		return nil, fmt.Errorf("page.html: %w", err)
	}
	return page, nil
}
