package figures

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"strings"

	"gonum.org/v1/plot/vg"

	"sandcastle/reports/palette"
)

// printedAs is how gonum's vgsvg writes c: with a truncation that may miss a value by one.
func printedAs(c color.Color) string {
	r, g, b, alpha := c.RGBA()
	a := 255.0 / float64(alpha)
	return fmt.Sprintf("#%02X%02X%02X", int(float64(r)*a), int(float64(g)*a), int(float64(b)*a))
}

// finishSVG makes a figure of what gonum drew: colours become classes over plain attributes, the
// font a generic one, paths shorter, and the whole gets a title and a description for those who
// cannot see it.
func finishSVG(raw []byte, f svgHead) []byte {
	start := bytes.Index(raw, []byte("<g transform="))
	if start < 0 {
		panic("reports: gonum's SVG has no outer group")
	}
	var b bytes.Buffer
	b.Grow(len(raw))
	f.writeTo(&b)
	rewriteStyles(&b, raw[start:], inkClasses())
	return b.Bytes()
}

// svgHead is what opens a figure.
type svgHead struct {
	id, title, alt string
	w, h           vg.Length
}

// styleOpen and styleClose surround the style sheet of a figure that stands alone; pages have it
// once.
const (
	styleOpen  = "<style>"
	styleClose = "</style>\n"
)

func (f svgHead) writeTo(b *bytes.Buffer) {
	w, h := int(f.w.Points()), int(f.h.Points())
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" `+
		`viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t %s-d" `+
		`font-family="Arial, Helvetica, 'Liberation Sans', sans-serif">`+"\n", w, h, w, h, f.id, f.id)
	fmt.Fprintf(b, "<title id=\"%s-t\">%s</title>\n<desc id=\"%s-d\">%s</desc>\n",
		f.id, html.EscapeString(f.title), f.id, html.EscapeString(f.alt))
	fmt.Fprintf(b, "%s%s%s", styleOpen, palette.FigureSheet(), styleClose)
	fmt.Fprintf(b, `<rect class="paper" width="%d" height="%d" fill="#ffffff"/>`+"\n", w, h)
}

// WithoutStyle is the figure as it stands inside a page that has the style sheet.
func WithoutStyle(svg []byte) []byte {
	before, rest, ok := bytes.Cut(svg, []byte(styleOpen))
	_, after, ok2 := bytes.Cut(rest, []byte(styleClose))
	if !ok || !ok2 {
		panic("reports: figure without a style sheet")
	}
	return append(bytes.Clone(before), after...)
}

// inkClasses finds an ink's class by the colour that gonum prints.
func inkClasses() map[string]string {
	classes := make(map[string]string, palette.Count)
	for i, row := range palette.Table() {
		if row.Class == "" {
			continue
		}
		name := printedAs(palette.Ink(i).RGBA())
		if other, dup := classes[name]; dup {
			panic(fmt.Sprintf("reports: inks %s and %s look alike", other, row.Class))
		}
		classes[name] = row.Class
	}
	return classes
}

// rewriteStyles copies svg and turns every style attribute into plain attributes and a class.
// Text is escaped by gonum, so the patterns occur in tags only.
func rewriteStyles(b *bytes.Buffer, svg []byte, classes map[string]string) {
	for {
		i := bytes.IndexByte(svg, '"')
		if i < 0 {
			b.Write(svg)
			return
		}
		end := i + 1 + bytes.IndexByte(svg[i+1:], '"')
		value := string(svg[i+1 : end])
		switch {
		case bytes.HasSuffix(svg[:i], []byte("style=")):
			b.Write(bytes.TrimRight(svg[:i-len("style=")], "\n\t "))
			writeStyle(b, value, classes)
		case bytes.HasSuffix(svg[:i], []byte(" d=")):
			b.Write(svg[:i+1])
			writePath(b, value)
			b.WriteByte('"')
		default:
			b.Write(svg[:end+1])
		}
		svg = svg[end+1:]
	}
}

func writeStyle(b *bytes.Buffer, value string, classes map[string]string) {
	var class []string
	for _, item := range strings.Split(value, ";") {
		key, v, _ := strings.Cut(item, ":")
		switch key {
		case "font-family", "font-variant", "font-weight", "font-style":
			continue
		case "fill", "stroke":
			if name, ok := classes[v]; ok {
				class = append(class, key[:1]+"-"+name)
				v = strings.ToLower(v)
			}
		case "font-size":
			v = strings.TrimSuffix(v, "px")
		}
		fmt.Fprintf(b, ` %s="%s"`, key, v)
	}
	if class != nil {
		fmt.Fprintf(b, ` class="%s"`, strings.Join(class, " "))
	}
}

// writePath copies path data and shortens lines that run straight up or across.
func writePath(b *bytes.Buffer, d string) {
	var lastX, lastY string
	for len(d) > 0 {
		op := d[0]
		end := strings.IndexAny(d[1:], "MLZACQ") + 1
		if end == 0 {
			end = len(d)
		}
		args := d[1:end]
		d = d[end:]
		x, y, _ := strings.Cut(args, ",")
		switch {
		case op == 'L' && x == lastX:
			b.WriteString("V" + y)
		case op == 'L' && y == lastY:
			b.WriteString("H" + x)
		default:
			b.WriteByte(op)
			b.WriteString(args)
		}
		lastX, lastY = x, y
	}
}
