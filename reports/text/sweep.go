package text

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// SweepLines tells a sweep in plain text: for each measure its least, median and greatest value
// under every setting.
func SweepLines(s *digest.Sweep) []string {
	lines := []string{"sweep     " + s.Scenario + seedText(s), "runs      " + runText(s)}
	for _, a := range s.Axes {
		values := make([]string, len(a.Values))
		for i, v := range a.Values {
			values[i] = digest.ValueText(v)
		}
		lines = append(lines, "setting   "+a.Name+" = "+strings.Join(values, ", "))
	}
	for _, name := range s.Measures {
		lines = append(lines, "")
		lines = append(lines, table(s, name)...)
		for _, line := range s.Series() {
			for _, row := range prose.Rows(s.KneeText(line, name), fitsTerminal) {
				lines = append(lines, "  "+row)
			}
		}
	}
	return lines
}

// fitsTerminal reports whether a row fits a terminal of 80 columns.
func fitsTerminal(row string) bool { return utf8.RuneCountInString(row) <= 76 }

func seedText(s *digest.Sweep) string {
	switch n := len(s.Seeds); n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(", seed %d", s.Seeds[0])
	default:
		return fmt.Sprintf(", seeds %d to %d", s.Seeds[0], s.Seeds[n-1])
	}
}

// runText counts the runs by verdict.
func runText(s *digest.Sweep) string {
	counts, missing := s.Verdicts()
	total := missing
	var words []string
	for _, v := range []kafka.Verdict{
		kafka.VerdictOK, kafka.VerdictUnjudged, kafka.VerdictViolated, kafka.VerdictUndecided,
		kafka.VerdictUnsettled, kafka.VerdictEmpty, kafka.VerdictCrashed, kafka.VerdictUnequal,
	} {
		if n := counts[v]; n > 0 {
			total += n
			words = append(words, fmt.Sprintf("%d %s", n, v))
		}
	}
	if missing > 0 {
		words = append(words, fmt.Sprintf("%d not played", missing))
	}
	return fmt.Sprintf("%d: %s", total, strings.Join(words, ", "))
}

// table is one measure under every setting. Columns are as wide as what stands in them.
func table(s *digest.Sweep, measure string) []string {
	about, unit := digest.AboutMeasure(measure)
	rows := [][]string{{"", "min", "median", "max"}}
	rows[0][0] = lastKeys(s.Axes)
	for i := range s.Points {
		p := &s.Points[i]
		row := []string{pointName(p), "–", "–", "–"}
		if sp := p.Spread(measure); sp.N > 0 {
			row = []string{pointName(p), unit.Format(sp.Min), unit.Format(sp.Median), unit.Format(sp.Max)}
		}
		rows = append(rows, row)
	}
	return append([]string{measure + ": " + about}, columns(rows)...)
}

func lastKeys(axes []digest.SweepAxis) string {
	words := make([]string, len(axes))
	for i, a := range axes {
		words[i] = digest.LastKey(a.Name)
	}
	return strings.Join(words, ", ")
}

func pointName(p *digest.SweepPoint) string {
	if len(p.Values) == 0 {
		return "as it is written"
	}
	words := make([]string, len(p.Values))
	for i, v := range p.Values {
		words[i] = digest.ValueText(v)
	}
	return strings.Join(words, ", ")
}

// columns lines up rows: the first column to the left, the others to the right.
func columns(rows [][]string) []string {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, len(rows))
	for r, row := range rows {
		var b strings.Builder
		b.WriteString(" ")
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString(" " + cell + pad)
			} else {
				b.WriteString("   " + pad + cell)
			}
		}
		lines[r] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// SweepCSV is the table for other programs: a line for each measure under each setting, values in
// the measure's unit.
func SweepCSV(s *digest.Sweep) []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	head := []string{}
	for _, a := range s.Axes {
		head = append(head, a.Name)
	}
	rows := [][]string{append(head, "measure", "unit", "runs", "min", "median", "max")}
	for _, name := range s.Measures {
		_, unit := digest.AboutMeasure(name)
		for i := range s.Points {
			p := &s.Points[i]
			sp := p.Spread(name)
			row := append([]string{}, p.Values...)
			row = append(row, name, string(unit), strconv.Itoa(sp.N), "", "", "")
			if sp.N > 0 {
				for j, v := range []int64{sp.Min, sp.Median, sp.Max} {
					row[len(row)-3+j] = strconv.FormatInt(v, 10)
				}
			}
			rows = append(rows, row)
		}
	}
	if err := w.WriteAll(rows); err != nil {
		panic(fmt.Sprintf("reports: writing to memory: %v", err))
	}
	return []byte(b.String())
}
