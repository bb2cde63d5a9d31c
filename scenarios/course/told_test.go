package course

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

// What is predicted is not told before. These tests walk a lesson as a student does: past its card in
// the index, over its page, through the terminal, up to the question; and look there for the words of
// its answer.

// element is a tag of a page with its classes and id.
type element struct{ name, class, id string }

// shownText is the text of a page of which some elements are hidden.
func shownText(t *testing.T, page []byte, hidden func(element) bool) string {
	page = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>`).ReplaceAll(page, nil)
	empty := regexp.MustCompile(`<(meta|link|br|hr|img|input)\b([^>]*[^/>])?>`)
	_, root, found := bytes.Cut(empty.ReplaceAll(page, []byte("<$1$2/>")), []byte("<!DOCTYPE html>"))
	require.True(t, found, "no doctype")
	root = regexp.MustCompile(` (hidden|selected|checked)([ >])`).ReplaceAll(root, []byte(` $1=""$2`))
	d := xml.NewDecoder(bytes.NewReader(root))
	d.Entity = xml.HTMLEntity
	var b strings.Builder
	depth, from := 0, 0 // from is the depth at which something hidden began
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			e := element{name: token.Name.Local}
			for _, a := range token.Attr {
				switch a.Name.Local {
				case "class":
					e.class = a.Value
				case "id":
					e.id = a.Value
				case "title", "aria-label", "alt":
					if from == 0 {
						b.WriteString(" " + a.Value + " ")
					}
				}
			}
			if from == 0 && hidden(e) {
				from = depth
			}
		case xml.EndElement:
			if from == depth {
				from = 0
			}
			depth--
			b.WriteByte(' ')
		case xml.CharData:
			if from == 0 {
				b.Write(token)
			}
		}
	}
}

func hasClass(e element, class string) bool { return slices.Contains(strings.Fields(e.class), class) }

// cardOf is what the index shows of a lesson before anything is opened.
func cardOf(t *testing.T, index []byte, name string) string {
	place := bytes.Index(index, []byte(`<p class="name">`+name+`</p>`))
	require.Positive(t, place, name)
	from := bytes.LastIndex(index[:place], []byte("<article"))
	to := place + bytes.Index(index[place:], []byte("</article>"))
	card := append([]byte("<!DOCTYPE html>"), index[from:to]...)
	return shownText(t, append(card, "</article>"...), func(e element) bool { return e.name == "details" })
}

// pageOf is what a report shows while its question is open.
func pageOf(t *testing.T, page []byte) string {
	return shownText(t, page, func(e element) bool {
		return hasClass(e, "unless-veiled") || hasClass(e, "no-js") || hasClass(e, "legend") || e.id == "help"
	})
}

// walkTo is what teach and the page tell step by step up to the question, with what teach draws.
func walkTo(l *Lesson) (sentences []string) {
	c := text.NewColumns(l.Story, l.Lesson)
	sentences = c.Introduction(l.Lesson.For(l.Story), text.ColumnsLeast-1) // without the legend
	for i, stop := range c.Stops() {
		switch stop.Kind {
		case text.StopPrediction:
			return sentences
		case text.StopStep:
			sentences = append(sentences, text.StepSentence(stop.Moment), stop.Moment.Say)
			for _, line := range c.Draw(text.Place{Stop: i}, 100, 12) {
				// a message that is lost is no record
				sentences = append(sentences, strings.ReplaceAll(line.String(), " is lost", ""))
			}
		}
	}
	return sentences
}

// word is what counts as one: letters and digits, and what joins them in names such as
// NOT_ENOUGH_REPLICAS, acks=1 and 6.59.
var word = regexp.MustCompile(`[\pL\d]+(?:[-_.=,][\pL\d]+)*`)

func wordsOf(text string) []string { return word.FindAllString(strings.ToLower(text), -1) }

// tells are the words that give a lesson's answer away: those of the answer's first sentence, of the
// right choice, and every number of the answer, as far as the question and the set-up do not have
// them and few other lessons use them; and the names and the plain words of what is to be found.
func tells(s *scenarios.Scenario, run *kafka.Run, common map[string]int) []string {
	answer := run.Fill(s.Predict.Answer)
	words := wordsOf(sentencesOf(answer)[0])
	for _, c := range s.Predict.Choices {
		if c.Right {
			words = append(words, wordsOf(c.Text)...)
		}
	}
	for _, w := range wordsOf(answer) {
		if w[0] >= '0' && w[0] <= '9' && w != "0" && w != "1" && w != "2" {
			words = append(words, w)
		}
	}
	words = slices.DeleteFunc(words, func(w string) bool { return common[w] > commonIn || w == "a" })
	for _, a := range s.Expect.Findings {
		words = append(append(words, strings.ToLower(string(a))), findingWords[a]...)
	}
	given := givenWords(s)
	return slices.DeleteFunc(words, func(w string) bool { return given[w] })
}

// givenWords are those of the question, and of the set-up: of every line of the file that is no text.
func givenWords(s *scenarios.Scenario) map[string]bool {
	given := map[string]bool{}
	add := func(text string) {
		for _, w := range wordsOf(text) {
			given[w] = true
			for _, part := range strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("-_.=", r) }) {
				given[part] = true
			}
		}
	}
	add(s.Predict.Question + " " + s.Name)
	_, setUp, _ := strings.Cut(s.YAML, "\nseed:")
	setUp, _, _ = strings.Cut(setUp, "\npredict:")
	add(regexp.MustCompile(`say: "(\\.|[^"\\])*"`).ReplaceAllString(setUp, ""))
	return given
}

func sentencesOf(text string) []string {
	return regexp.MustCompile(`[^.!?]+(?:[.!?]+\S[^.!?]*)*[.!?]*`).FindAllString(text, -1)
}

// commonIn is in how many lessons a word stands that says nothing of one of them.
const commonIn = 4

// findingWords say an anomaly in plain words.
var findingWords = map[kafka.Anomaly][]string{
	kafka.LostWrite:        {"lost", "lose", "loses", "losing"},
	kafka.Unseen:           {"lost", "loses"},
	kafka.Duplicate:        {"twice", "duplicate", "duplicates", "duplicated"},
	kafka.ProcessedTwice:   {"twice"},
	kafka.NonmonotonicSend: {"reordered", "overtakes"},
	kafka.KeyReordered:     {"reordered"},
	kafka.PollSkip:         {"skips", "skipped"},
}

// lessonWords counts in how many lessons each word stands, in all that they say.
func lessonWords(t *testing.T) map[string]int {
	count := map[string]int{}
	for _, name := range scenarios.Lessons() {
		s, err := scenarios.Lesson(name)
		require.NoError(t, err)
		said := s.Why + " " + s.Explain + " " + s.Predict.Answer + " " + s.Claim + " " + s.Predict.Question
		for i := range s.Narrate {
			said += " " + s.Narrate[i].Say
		}
		seen := map[string]bool{}
		for _, w := range wordsOf(said) {
			if !seen[w] {
				seen[w] = true
				count[w]++
			}
		}
	}
	return count
}

func TestNothingTellsTheAnswer(t *testing.T) {
	course := whole(t)
	index, err := os.ReadFile(course.page)
	require.NoError(t, err)
	common := lessonWords(t)
	pages, onPages := map[string]string{}, map[string]int{}
	for _, l := range course.lessons {
		page, err := os.ReadFile(filepath.Join(l.Dir, "report.html"))
		require.NoError(t, err)
		shown := pageOf(t, page)
		pages[l.Result.Run.Scenario] = shown
		words := wordsOf(shown)
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			onPages[w]++
		}
	}
	for _, l := range course.lessons {
		run := &l.Result.Run
		t.Run(run.Scenario, func(t *testing.T) {
			s, err := scenarios.Lesson(run.Scenario)
			require.NoError(t, err)
			words := tells(s, run, common)
			places := map[string]string{
				"the index": cardOf(t, index, run.Scenario), "the page": pages[run.Scenario],
				"the terminal": strings.Join(walkTo(l), "\n"), "list": s.Predict.Question,
			}
			for place, shown := range places { //unordered: each is checked alike
				for _, w := range wordsOf(shown) {
					if place == "the page" && onPages[w] == len(pages) { // the page's own words
						continue
					}
					require.NotContains(t, words, w, "%s says %q before the question is answered", place, w)
				}
				for _, sentence := range sentencesOf(shown) {
					require.False(t, saysClaim(sentence, s.Claim), "%s says %q, and the claim is %q", place, sentence,
						s.Claim)
					require.False(t, allIsWell.MatchString(sentence), "%s says %q", place, sentence)
				}
			}
		})
	}
}

// allIsWell finds what tells that a lesson is one in which nothing goes wrong.
var allIsWell = regexp.MustCompile(`(?i)\b(loses?|lost|losing) (nothing|none)\b|` +
	`\b(nothing|none|no (acknowledged )?record)\b[^.]{0,30}\b(lost|missing)\b`)

// saysClaim reports whether a sentence says what a lesson claims, in nearly its words.
func saysClaim(sentence, claim string) bool {
	said := wordsOf(sentence)
	have, all := 0, 0
	for _, w := range wordsOf(claim) {
		if len(w) > 3 {
			all++
			if slices.Contains(said, w) {
				have++
			}
		}
	}
	return have*100 > all*70
}

// The walk finds what it looks for: in the lessons with their answers put where a student looks first.
func TestTheWalkFindsAnswers(t *testing.T) {
	common := lessonWords(t)
	for name, told := range map[string]string{
		"producers/lost-ack-no-idempotence":     "Without numbers its record stands there twice.",
		"replication/leader-failover":           "With min.insync.replicas=2, killing the leader loses nothing.",
		"replication/leader-failover-acks-1":    "What it had acknowledged last is lost.",
		"replication/leaders-spread":            "Of the three only orders-1 moves.",
		"log/retention":                         "In the end no acknowledged record is missing.",
		"groups/consumers-outnumber-partitions": "The fourth idles.",
		"replication/old-leader-acks-1":         "In the end lost-write is found.",
	} {
		s, err := scenarios.Lesson(name)
		require.NoError(t, err)
		words := tells(s, &kafka.Run{}, common)
		found := saysClaim(told, s.Claim) || allIsWell.MatchString(told) ||
			slices.ContainsFunc(wordsOf(told), func(w string) bool { return slices.Contains(words, w) })
		require.True(t, found, "%s: %q is not found among %v", name, told, words)
	}
}
