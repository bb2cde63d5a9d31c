package house

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/config"
	"sandcastle/model/kafka"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
	"sandcastle/scenarios/sweep"
)

var rewrite = flag.Bool("rewrite", false, "write what is generated in the READMEs anew")

// maxReadme is what a first-time reader takes in within five minutes.
const maxReadme = 12 << 10

// The tables of the READMEs stand between markers and are what the code and the program say.
func TestReadmeTables(t *testing.T) {
	for _, p := range []struct {
		path   string
		tables []table
	}{
		{"scenarios/README.md", []table{
			{"introduction", introduction()}, {"lessons", lessonTables(t)}, {"stories", storyTable(t)},
			{"actions", actionTable()}, {"anomalies", anomalyTable()}, {"measures", measureTable()},
		}},
		{"broker/README.md", []table{{"apis", apiTable(t)}, {"settings", settingLists()}}},
		{"cmd/sandcastle/README.md", []table{{"commands", commandTable(t)}}},
		{"broker/oracle/README.md", []table{{"differences", differenceTable(t)}}},
	} {
		page := readPage(t, p.path)
		for _, table := range p.tables {
			page.put(table.name, "<!-- "+table.name+": `make readme` writes this -->", table.text)
		}
		page.write()
	}
}

type table struct{ name, text string }

// page is a README with generated parts.
type page struct {
	t         *testing.T
	path      string // from the top of the module
	was, text string
}

func readPage(t *testing.T, path string) *page {
	text, err := os.ReadFile(filepath.Join(moduleRoot(t), path))
	require.NoError(t, err)
	return &page{t, path, string(text), string(text)}
}

// put has text stand between a line and the line that ends the part called name.
func (p *page) put(name, open, text string) {
	before, rest, found := strings.Cut(p.text, open+"\n")
	require.True(p.t, found, "%s has no line %q", p.path, open)
	old, after, found := strings.Cut(rest, "<!-- end of "+name+" -->")
	require.True(p.t, found, "%s has no end of %s", p.path, name)
	if old != text && !*rewrite {
		p.t.Errorf("%s in %s is stale: run make readme\n%s", name, p.path, staleLines(old, text))
	}
	p.text = before + open + "\n" + text + "<!-- end of " + name + " -->" + after
}

// write renews the page if that was asked for.
func (p *page) write() {
	if !*rewrite || p.text == p.was {
		return
	}
	path := filepath.Join(moduleRoot(p.t), p.path)
	require.NoError(p.t, os.WriteFile(path+".new", []byte(p.text), 0o644))
	require.NoError(p.t, os.Rename(path+".new", path))
}

// staleLines are the lines that only one of two texts has.
func staleLines(old, now string) string {
	var b strings.Builder
	was, is := strings.Split(old, "\n"), strings.Split(now, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			b.WriteString("- " + line + "\n")
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			b.WriteString("+ " + line + "\n")
		}
	}
	return b.String()
}

// The first page is short, and no page leads nowhere.
func TestReadmesLeadSomewhere(t *testing.T) {
	out, err := exec.Command("git", "-C", moduleRoot(t), "ls-files", "--cached", "--others",
		"--exclude-standard", "*.md").Output()
	if err != nil {
		t.Skip("not a git checkout, so what belongs to the project cannot be told:", err)
	}
	for _, path := range strings.Fields(string(out)) {
		text := readPage(t, path).text
		if path == "README.md" {
			require.LessOrEqual(t, len(text), maxReadme, "its reader has five minutes")
			require.Contains(t, text, fmt.Sprintf(" %d lessons", len(scenarios.Lessons())))
		}
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, place, _ := strings.Cut(m[1], "#")
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
				_, err := os.Stat(filepath.Join(moduleRoot(t), target))
				require.NoError(t, err, "%s links to it", path)
			}
			if place != "" {
				require.Contains(t, anchors(readPage(t, target).text), place, "%s links to it", path)
			}
		}
	}
}

// anchors are the places in a page that GitHub makes of its headings.
func anchors(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\w -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		list = append(list, strings.ReplaceAll(name, " ", "-"))
	}
	return list
}

// introduction is the shortest way through the course, as the page of the course has it.
func introduction() string {
	path := scenarios.CoursePaths()[0]
	var links []string
	for _, number := range path.Numbers {
		for _, subject := range scenarios.Course() {
			for _, c := range subject.Chapters {
				if c.Number == number {
					links = append(links, lessonLink(c.Lessons[0]))
				}
			}
		}
	}
	return fmt.Sprintf("%s:\n%s.\n", path.Title, strings.Join(links, ",\n"))
}

// actionTable is what a timeline can do.
func actionTable() string {
	var b strings.Builder
	b.WriteString("| action | what it does |\n|---|---|\n")
	for _, a := range scenarios.ActionWords() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", cell(a.String()), cell(a.About))
	}
	return b.String()
}

// anomalyTable is what the checks can find.
func anomalyTable() string {
	var b strings.Builder
	b.WriteString("| anomaly | what it is |\n|---|---|\n")
	for _, a := range kafka.Anomalies() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", a, cell(text.AnomalyMeaning(a)))
	}
	return b.String()
}

// lessonTables are the lessons by subject, in the order in which they are taught.
func lessonTables(t *testing.T) string {
	var b strings.Builder
	for i, subject := range scenarios.Course() {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "**%s**\n\n| lesson | question |\n|---|---|\n", subject.Title)
		for _, c := range subject.Chapters {
			for _, name := range c.Lessons {
				s, err := scenarios.Lesson(name)
				require.NoError(t, err)
				fmt.Fprintf(&b, "| %s | %s |\n", lessonLink(name), cell(s.Predict.Question))
			}
		}
	}
	return b.String()
}

func lessonLink(name string) string {
	return fmt.Sprintf("[%s](lessons/%s.yaml)", name, name)
}

// cell is text inside a table of Markdown.
func cell(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "|", `\|`) }

func mustBeFound(s *scenarios.Scenario) string {
	if len(s.Expect.Findings) == 0 {
		return "nothing"
	}
	return joinAnomalies(s.Expect.Findings)
}

func joinAnomalies(found []kafka.Anomaly) string {
	names := make([]string, len(found))
	for i, a := range found {
		names[i] = string(a)
	}
	return strings.Join(names, ", ")
}

// storyTable is, for each chapter that tells of a fault in the protocol, the lesson with the fault
// and the one without.
func storyTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| story | before the fix | what is found | since | found |\n|---|---|---|---|---|\n")
	for _, subject := range scenarios.Course() {
		for _, c := range subject.Chapters {
			if c.Source == "" {
				continue
			}
			before := c.Lessons[len(c.Lessons)-1]
			since := scenarios.TwinOf(before)
			require.NotEmpty(t, since, "%s tells a story and has no twin", before)
			old, err := scenarios.Lesson(before)
			require.NoError(t, err)
			fixed, err := scenarios.Lesson(since)
			require.NoError(t, err)
			found := mustBeFound(fixed)
			if also := scenarios.TwinOf(since); also != "" {
				found += "; nothing in " + lessonLink(also)
			}
			fmt.Fprintf(&b, "| %s (%s) | %s | %s | %s | %s |\n", c.Title, c.Source, lessonLink(before),
				mustBeFound(old), lessonLink(since), found)
		}
	}
	return b.String()
}

// differenceTable is in what our answers are not those of Apache Kafka 3.9.
func differenceTable(t *testing.T) string {
	list, err := os.ReadFile(filepath.Join(moduleRoot(t), "broker/oracle/testdata/differences.tsv"))
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("| kind | exchange | field | why |\n|---|---|---|---|\n")
	for line := range strings.Lines(string(list)) {
		if parts := strings.Split(line, "\t"); len(parts) == 4 && !strings.HasPrefix(line, "#") {
			fmt.Fprintf(&b, "| %s | `%s` | `%s` | %s |\n", parts[0], cell(parts[1]), cell(parts[2]),
				cell(parts[3]))
		}
	}
	return b.String()
}

// measureTable is the one vocabulary of knobs, sweeps and expectations.
func measureTable() string {
	var b strings.Builder
	b.WriteString("| measure | what it is |\n|---|---|\n")
	for _, m := range sweep.Measures() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(m.Names, "`, `"), cell(m.About))
	}
	return b.String()
}

// settingLists are the settings that have an effect, and those that are accepted without one.
func settingLists() string {
	var b strings.Builder
	brokers, idleBrokers := parted(config.BrokerProperties(), config.HasEffect)
	brokers, _ = parted(brokers, func(name string) bool {
		return !slices.Contains(config.HostProperties(), name)
	})
	topics, idleTopics := parted(config.TopicProperties(), config.TopicHasEffect)
	for _, list := range []struct {
		what  string
		names []string
	}{
		{"Of a broker, in `--config`, `--set` or `KAFKA_…` of `sandcastle serve` and `cluster.config` of a scenario",
			brokers},
		{"Of a broker that `sandcastle serve` runs", config.HostProperties()},
		{"Of a topic, when it is created or later", topics},
		{"Of a broker, without effect", idleBrokers},
		{"Of a topic, without effect", idleTopics},
	} {
		fmt.Fprintf(&b, "%s (%d):\n`%s`.\n\n", list.what, len(list.names), strings.Join(list.names, "`, `"))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// parted are the names that are so, and those that are not.
func parted(names []string, is func(string) bool) (yes, no []string) {
	for _, name := range names {
		if is(name) {
			yes = append(yes, name)
		} else {
			no = append(no, name)
		}
	}
	return yes, no
}

// The scenario that is explained key by key is one that holds.
func TestReadmeExampleHolds(t *testing.T) {
	_, rest, found := strings.Cut(readPage(t, "scenarios/README.md").text, "\nA whole scenario:\n")
	require.True(t, found)
	var yaml strings.Builder
	for _, line := range strings.Split(rest, "\n") {
		if code, isCode := strings.CutPrefix(line, "    "); isCode {
			yaml.WriteString(code + "\n")
		} else if strings.HasPrefix(line, "- ") {
			break
		}
	}
	file := filepath.Join(t.TempDir(), "readme.yaml")
	require.NoError(t, os.WriteFile(file, []byte(yaml.String()), 0o644))
	sandcastle(t, t.TempDir(), "run", file)
}
