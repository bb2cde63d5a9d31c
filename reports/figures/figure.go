package figures

import (
	"fmt"

	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// Figure is one picture of a run, drawn twice: for a wide page and for a phone.
type Figure struct {
	// Name is the file's name in figures/, without ".svg".
	Name  string
	Title string
	// Alt says in a sentence or two what there is to see, for those who cannot see it.
	Alt string
	// SVG is the wide picture, a file of its own; Narrow is the one for small screens.
	SVG, Narrow []byte
}

// figureTable lists every figure. draw returns nil when the run has nothing to show in it.
func figureTable() []struct {
	name, title string
	draw        func(*digest.Story, format) (*drawing, string)
} {
	return []struct {
		name, title string
		draw        func(*digest.Story, format) (*drawing, string)
	}{
		{"throughput", "Records per second", drawThroughput},
		{"latency", "How long a send takes", drawLatency},
		{"offsets", "Where the replicas' logs end", drawOffsets},
		{"leadership", "Who leads, and who is in sync", drawLeadership},
		{"ownership", "Who reads which partition", drawOwnership},
		{"lag", "How far groups are behind", drawLag},
		{"load", "What each partition gets", drawLoad},
	}
}

// All draws every figure that the run has data for. Equal stories give equal bytes.
func All(s *digest.Story) []Figure {
	var figures []Figure
	for _, row := range figureTable() {
		wide, alt := row.draw(s, wideFormat())
		if wide == nil {
			continue
		}
		narrow, _ := row.draw(s, narrowFormat())
		head := svgHead{id: row.name, title: row.title, alt: alt + " " + storyAlt(s)}
		figures = append(figures, Figure{
			Name: row.name, Title: row.title, Alt: head.alt,
			SVG:    wide.render(s, wideFormat(), head),
			Narrow: narrow.render(s, narrowFormat(), head),
		})
	}
	return figures
}

// storyAlt says in words what bands and marks show.
func storyAlt(s *digest.Story) string {
	const most = 8
	alt := ""
	for i, b := range s.Bands {
		if i == most {
			alt += fmt.Sprintf("%d further faults. ", len(s.Bands)-most)
			break
		}
		from, to := prose.Seconds(b.From, 1), prose.Seconds(b.To, 1)
		alt += fmt.Sprintf("%s from %s to %s. ", b.Label, from, to)
	}
	for i, m := range s.Marks {
		if i == most {
			alt += fmt.Sprintf("%d further marks. ", len(s.Marks)-most)
			break
		}
		alt += fmt.Sprintf("%s at %s. ", m.Label, prose.Seconds(m.At, 1))
	}
	if alt == "" {
		return "No faults."
	}
	return alt[:len(alt)-1]
}
