package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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
