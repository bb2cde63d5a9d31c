package kafka

import "regexp"

// measureWord is the place of a measure in a text, such as {lost-write}.
var measureWord = regexp.MustCompile(`\{([^{}\s]+)\}`)

// MeasureWords returns the names that stand in braces in a text.
func MeasureWords(text string) []string {
	var names []string
	for _, m := range measureWord.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// Fill puts the measures of the run into a text, each in place of its name in braces; "no number"
// stands for what could not be measured.
func (r *Run) Fill(text string) string {
	return measureWord.ReplaceAllStringFunc(text, func(word string) string {
		m, ok := r.Measure(word[1 : len(word)-1])
		if !ok {
			return "no number"
		}
		return m.String()
	})
}
