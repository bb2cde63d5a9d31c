package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every lesson stands in the course once, in a chapter of the table, after the one that it is a
// twin of.
func TestCourseHoldsEveryLesson(t *testing.T) {
	seen := map[string]bool{}
	for _, subject := range Course() {
		require.NotEmpty(t, subject.Title)
		for _, c := range subject.Chapters {
			require.NotEmpty(t, c.Title)
			inTable := chapterOf(chapterTable(), c.Lessons[0])
			require.Equal(t, c.Lessons[0], inTable, "it needs a row in scenarios/course_table.go")
			for i, name := range c.Lessons {
				require.False(t, seen[name], "%s stands twice", name)
				require.True(t, i == 0 || seen[TwinOf(name)], "%s: its twin comes later", name)
				seen[name] = true
			}
		}
	}
	for _, name := range Lessons() {
		require.True(t, seen[name], "%s is not in the course", name)
	}
	require.Len(t, seen, len(Lessons()))
}

// Every row of the table has its lesson, and every path leads to some.
func TestCourseTableNamesLessons(t *testing.T) {
	numbers := map[int]bool{}
	for _, row := range chapterTable() {
		require.Contains(t, Lessons(), row.lesson)
		numbers[row.number] = true
	}
	for _, p := range CoursePaths() {
		found := 0
		for _, n := range p.Numbers {
			if numbers[n] {
				found++
			}
		}
		require.NotZero(t, found, p.Title)
	}
}

// Twins are told apart by few words: the one setting that differs.
func TestTwinsDifferInASetting(t *testing.T) {
	for _, name := range Lessons() {
		of := TwinOf(name)
		if of == "" {
			continue
		}
		a, err := Lesson(of)
		require.NoError(t, err)
		b, err := Lesson(name)
		require.NoError(t, err)
		got := Differences(a, b)
		require.NotEmpty(t, got, "%s does what %s does", name, of)
		require.LessOrEqual(t, len(got), 4, "%s differs from %s in too much: %v", name, of, got)
		require.Empty(t, Differences(a, a))
	}
}

func TestDifferences(t *testing.T) {
	parse := func(text string) *Scenario { return &Scenario{Name: "t", YAML: text} }
	a := parse("claim: a\ncluster: {brokers: 3}\nproducers: [{acks: all, rate: 1/s}]\n" +
		"timeline:\n  - {at: 1s, kill: all}\n  - {at: 2s, heal: x}\n")
	b := parse("claim: b\ncluster:\n  brokers: 3\n  config: {min: 2}\nproducers: [{acks: 1}, {name: q}]\n" +
		"timeline: [{at: 1s, kill: all}, {at: 3s, cut: all}, {at: 2s, heal: x}]\n")
	var got []string
	for _, d := range Differences(a, b) {
		got = append(got, d.String())
	}
	require.Equal(t, []string{
		"cluster.config.min: 2", "producers[0].acks: 1 in place of all",
		"without producers[0].rate: 1/s", "producers[1]: {name: q}",
		"further step {at: 3s, cut: all}",
	}, got)
	require.Equal(t, "without timeline[1]: {at: 3s, cut: all}", Differences(b, a)[4].String())
}

// From the first lesson of the course the next ones lead through every chapter, and back.
func TestNextLessonsLeadThroughTheCourse(t *testing.T) {
	chapters := 0
	for _, s := range Course() {
		chapters += len(s.Chapters)
	}
	name, before, walked := Course()[0].Chapters[0].Lessons[0], "", 0
	for name != "" {
		a, found := AroundLesson(name)
		require.True(t, found, name)
		require.Equal(t, before, a.Before)
		before, name = name, a.Next
		walked++
	}
	require.Equal(t, chapters, walked)
	_, found := AroundLesson("mine.yaml")
	require.False(t, found)
	a, _ := AroundLesson("replication/leader-failover-acks-1")
	require.Equal(t, []string{"replication/leader-failover"}, a.Twins)
	require.Equal(t, "replication/leader-failover", a.Chapter)
}
