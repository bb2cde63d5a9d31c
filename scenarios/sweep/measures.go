package sweep

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model/kafka"
)

// Measure is a line of the table of measures as people read it: one of them, or many alike.
type Measure struct {
	Names []string // as in send.ok, send.ok.PARTITION
	About string
}

// Measures are the measures: each alone, but for those of which there are many alike.
func Measures() []Measure {
	var rows []Measure
	findings := Measure{About: "how often the checks found it"}
	notes := Measure{About: "how often the trace notes it, of a partition as isr-shrunk.orders-0"}
	others := Measure{About: "other operations of clients"}
	for _, k := range kafka.MeasureKinds() {
		operation, _, _ := strings.Cut(k.Name, ".")
		_, isNote := kafka.ParseNoteKind(k.Name)
		switch {
		case isNote:
			notes.Names = append(notes.Names, k.Name)
		case slices.Contains(kafka.Anomalies(), kafka.Anomaly(k.Name)):
			findings.Names = append(findings.Names, k.Name)
		case slices.Contains([]string{"txn", "subscribe", "assign", "crash"}, operation):
			others.Names = append(others.Names, k.Name)
		default:
			rows = append(rows, Measure{measureNames(k), k.About})
		}
	}
	return append(rows, findings, notes, others)
}

// measureNames are a measure's own name and that of its family, as in send.ok and
// send.ok.PARTITION.
func measureNames(k kafka.MeasureKind) []string {
	var names []string
	if !k.Only {
		names = append(names, k.Name)
	}
	if k.Of != "" {
		names = append(names, k.Name+"."+strings.ToUpper(k.Of))
	}
	return names
}

// MeasureList is the table in plain text, for a command's help.
func MeasureList() string {
	const width = 96
	var b strings.Builder
	for _, row := range Measures() {
		if len(row.Names) <= 2 {
			name := row.Names[0]
			if len(row.Names) == 2 {
				name += "[" + strings.TrimPrefix(row.Names[1], name) + "]"
			}
			fmt.Fprintf(&b, "  %-27s %s\n", name, row.About)
			continue
		}
		fmt.Fprintf(&b, "\n  %s:\n", row.About)
		line := "   "
		for _, name := range row.Names {
			if len(line)+1+len(name) > width {
				b.WriteString(line + "\n")
				line = "   "
			}
			line += " " + name
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}
