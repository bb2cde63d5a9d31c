package reports

import (
	"fmt"

	"sandcastle/reports/digest"
	"sandcastle/reports/figures"
	"sandcastle/reports/page"
)

// Write draws s and hands every file to write: figures/*.svg, then report.html. Names use '/'.
// The first error of write ends it.
func Write(
	s *digest.Story, lesson digest.Lesson, write func(name string, data []byte) error,
) error {
	drawn := figures.All(s)
	for _, f := range drawn {
		name := "figures/" + f.Name + ".svg"
		if err := write(name, f.SVG); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	report, err := page.Report(s, lesson, drawn)
	if err != nil {
		return err
	}
	if err := write("report.html", report); err != nil {
		return fmt.Errorf("report.html: %w", err)
	}
	return nil
}
