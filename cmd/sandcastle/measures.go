package main

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model/kafka"
)

// measureRow is a line of the table of measures as people read it.
type measureRow struct {
	names []string // with what may follow them in brackets
	about string
}

// measureRows are the measures: each alone, but for those of which there are many alike.
func measureRows() []measureRow {
	var rows []measureRow
	findings := measureRow{about: "how often the checks found it"}
	notes := measureRow{about: "how often the trace notes it, of a partition as isr-shrunk.orders-0"}
	others := measureRow{about: "other operations of clients"}
	for _, k := range kafka.MeasureKinds() {
		operation, _, _ := strings.Cut(k.Name, ".")
		_, isNote := kafka.ParseNoteKind(k.Name)
		switch {
		case isNote:
			notes.names = append(notes.names, k.Name)
		case slices.Contains(kafka.Anomalies(), kafka.Anomaly(k.Name)):
			findings.names = append(findings.names, k.Name)
		case slices.Contains([]string{"txn", "subscribe", "assign", "crash"}, operation):
			others.names = append(others.names, k.Name)
		default:
			rows = append(rows, measureRow{measureNames(k), k.About})
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

// measureList is the table for the command's help.
func measureList() string {
	const width = 96
	var b strings.Builder
	for _, row := range measureRows() {
		if len(row.names) <= 2 {
			name := row.names[0]
			if len(row.names) == 2 {
				name += "[" + strings.TrimPrefix(row.names[1], name) + "]"
			}
			fmt.Fprintf(&b, "  %-24s %s\n", name, row.about)
			continue
		}
		fmt.Fprintf(&b, "\n  %s:\n", row.about)
		line := "   "
		for _, name := range row.names {
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
