package reports

import "fmt"

// Write draws s and hands every file to write: figures/*.svg, then report.html. Names use '/'.
// The first error of write ends it.
func Write(s *Story, lesson Lesson, write func(name string, data []byte) error) error {
	figures := Figures(s)
	for _, f := range figures {
		name := "figures/" + f.Name + ".svg"
		if err := write(name, f.SVG); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	page, err := Page(s, lesson, figures)
	if err != nil {
		return err
	}
	if err := write("report.html", page); err != nil {
		return fmt.Errorf("report.html: %w", err)
	}
	return nil
}
