package teach

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
)

// desk plays a lesson with settings.
type desk struct {
	lesson *scenarios.Scenario
	err    error // instead
}

func (d *desk) Play(set []string) (*Run, error) {
	if d.err != nil {
		return nil, d.err
	}
	s, err := scenarios.OverrideAll(d.lesson, set)
	if err != nil {
		return nil, err
	}
	p, err := rundir.Observe(s, scenarios.Options{})
	if err != nil {
		return nil, err
	}
	return &Run{Story: p.Story, Lesson: p.Lesson}, nil
}

// runs are the lessons that have been played, each once: a walk changes nothing in them.
var runs sync.Map

// taught is a lesson that is ready to be walked through.
func taught(t *testing.T, name string) *teacher {
	s, err := scenarios.Lesson(name)
	require.NoError(t, err)
	d := &desk{lesson: s}
	first, _ := runs.LoadOrStore(name, sync.OnceValues(func() (*Run, error) { return d.Play(nil) }))
	run, err := first.(func() (*Run, error))()
	require.NoError(t, err)
	return newTeacher(run, d)
}

// press sends keys, as Bubble Tea names them, and plays what they ask for.
func press(t *teacher, keys ...string) (quit bool) {
	for _, key := range keys {
		if cmd := t.onKey(keyOf(key)); cmd != nil {
			switch msg := cmd().(type) {
			case tea.QuitMsg:
				return true
			case turnedMsg:
				t.Update(msg)
			}
		}
	}
	return false
}

func keyOf(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"enter":     tea.KeyEnter,
		"esc":       tea.KeyEscape,
		"left":      tea.KeyLeft,
		"right":     tea.KeyRight,
		"up":        tea.KeyUp,
		"down":      tea.KeyDown,
		"pgup":      tea.KeyPgUp,
		"pgdown":    tea.KeyPgDown,
		"tab":       tea.KeyTab,
		"backspace": tea.KeyBackspace,
		"home":      tea.KeyHome,
		"end":       tea.KeyEnd,
	}
	switch {
	case name == "space":
		return tea.KeyPressMsg{Code: ' ', Text: " "}
	case strings.HasPrefix(name, "ctrl+"):
		return tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl}
	case codes[name] != 0:
		return tea.KeyPressMsg{Code: codes[name]}
	default:
		return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
	}
}

func letters(text string) []string { return strings.Split(text, "") }

// shows is the screen without its colours.
func shows(t *teacher) string {
	return regexp.MustCompile("\x1b\\[[0-9;]*m").
		ReplaceAllString(strings.Join(t.screen(), "\n"), "")
}

func TestTeachStepsForwardAndBack(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	require.Contains(t, shows(w), "introduction")
	require.Contains(t, shows(w), "question  The leader dies")
	require.NotContains(t, shows(w), "loses nothing", "what is claimed is what is asked")
	press(w, "space")
	require.Contains(t, shows(w), "step 1 of ")
	for _, key := range []string{"right", "n", ".", "enter", "l", "pgdown"} {
		before := w.walk.stop
		press(w, key)
		if w.typing { // there the letters are text
			press(w, "pgdown")
			before++
		}
		require.Equal(t, before+1, w.walk.stop, key)
	}
	for _, key := range []string{"left", "p", "pgup"} {
		before := w.walk.stop
		press(w, key)
		require.Equal(t, before-1, w.walk.stop, key)
	}
	press(w, "G")
	require.Contains(t, shows(w), "verdict   the claim held")
	press(w, "space", "space")
	require.Contains(t, shows(w), "verdict   the claim held", "a walk ends at its end")
	press(w, "g", "left")
	require.Zero(t, w.walk.stop)
	require.True(t, press(w, "q"))
	require.True(t, press(w, "ctrl+c"))
}

// After a step the messages come one by one, each with all its fields, and back again.
func TestTeachGoesMessageByMessage(t *testing.T) {
	t.Parallel()
	w := taught(t, "lost-ack-no-idempotence")
	press(w, "G")
	w.goTo(1)
	step := shows(w)
	press(w, "down")
	require.Contains(t, shows(w), "· 1 further")
	require.Regexp(t, `\n\d+\.\d{6} s: `, shows(w), "all that is known of it, with its time to the microsecond")
	for range 40 {
		press(w, "down")
	}
	press(w, "up", "up")
	require.Contains(t, shows(w), "· 39 further")
	press(w, "pgdown", "pgup")
	require.Equal(t, step, shows(w), "whoever comes back stands at the step")
	press(w, "up")
	require.Equal(t, step, shows(w))
}

// prediction is the stop where the walk asks.
func prediction(w *walk) int {
	for i, stop := range w.columns.Stops() {
		if stop.Kind == text.StopPrediction {
			return i
		}
	}
	return -1
}

func TestTeachAsksBeforeItShows(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	w.walk.Lesson.Choices = nil // so that the answer is typed
	at := prediction(w.walk)
	for w.walk.stop < at {
		press(w, "right")
	}
	answer := strings.Fields(w.written.Lesson.Answer)[:3]
	require.Contains(t, shows(w), "What do you expect?")
	require.NotContains(t, shows(w), strings.Join(answer, " "))
	press(w, letters("q n 7?")...)
	require.Contains(t, shows(w), "> q n 7?", "while one types, letters are letters")
	press(w, "left", "backspace")
	require.Contains(t, shows(w), "> q n ?")
	press(w, "pgup", "pgdown")
	require.Contains(t, shows(w), "> q n ?", "what was typed is kept")
	press(w, "enter")
	require.Contains(t, shows(w), "you       q n ?")
	require.Contains(t, shows(w), strings.Join(answer, " "))
	press(w, "n")
	require.Equal(t, at+1, w.walk.stop)
	press(w, "G")
	require.Contains(t, shows(w), "you       q n ?")

	w = taught(t, "leader-failover")
	w.goTo(at)
	press(w, "space")
	require.Equal(t, at+1, w.walk.stop, "whoever only thinks goes on with Space, as with a remote")
	press(w, "left", "esc", "G")
	require.Contains(t, shows(w), "verdict", "after Esc the keys are keys again")
	w.goTo(at)
	require.True(t, press(w, "ctrl+c"))
}

// Until the question is answered nothing shows what lies behind it: not the list to jump in, not the
// messages one by one, not the knob.
func TestTeachHidesWhatFollows(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	at := prediction(w.walk)
	require.Positive(t, at)
	press(w, "j", "end")
	require.Contains(t, shows(w), "▸ predict:")
	require.Contains(t, shows(w), "hidden until you have answered")
	require.NotContains(t, shows(w), "verdict")
	press(w, "esc", "k")
	require.Contains(t, shows(w), "Answer the lesson's question first")
	require.False(t, w.typing)
	press(w, "esc")
	w.goTo(at - 1)
	for range 5000 {
		press(w, "down")
	}
	stops := w.walk.columns
	require.Equal(t, stops.AheadBefore(at-1, at+1), w.walk.ahead)
	require.Less(t, w.walk.ahead, stops.Ahead(at-1))
	require.NotContains(t, shows(w), "killed")

	w.goTo(at)
	press(w, "enter", "esc", "j", "end")
	require.Contains(t, shows(w), "▸ verdict", "once it is answered, all is shown")
}

func TestTeachOffersChoices(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	w.walk.Lesson.Choices = []digest.Choice{{Text: "None."}, {Text: "Some."}, {Text: "All.", Right: true}}
	w.goTo(prediction(w.walk))
	require.Contains(t, shows(w), "a) None.")
	require.NotContains(t, shows(w), "✓")
	press(w, "b")
	require.Contains(t, shows(w), "▸ b) Some.")
	press(w, "up")
	require.Contains(t, shows(w), "▸ a) None.")
	press(w, "down", "down", "down")
	require.Contains(t, shows(w), "▸ c) All.")
	press(w, "2")
	require.Contains(t, shows(w), "▸ b) Some.")
	press(w, "enter")
	require.Contains(t, shows(w), "▸ b) Some. ✗")
	require.Contains(t, shows(w), "  c) All. ✓")
	require.Contains(t, shows(w), "you       b) Some.")
	require.Contains(t, shows(w), "answer    c) None are lost.")
	press(w, "G")
	require.Contains(t, shows(w), "you       b) Some.")
}

func TestTeachJumpsHelpsAndShowsState(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	press(w, "G", "g", "j", "down", "down", "enter")
	require.Equal(t, 2, w.walk.stop)
	press(w, "esc", "j", "end")
	require.Contains(t, shows(w), "▸ verdict")
	press(w, "up", "k", "j", "enter")
	require.Equal(t, len(w.walk.columns.Stops())-2, w.walk.stop, "j and k move as well")
	press(w, "?")
	for _, b := range bindings() {
		require.Contains(t, shows(w), b.names)
	}
	press(w, "?", "s")
	require.Contains(t, shows(w), "What every node knows")
	require.Contains(t, shows(w), "more lines")
	for range 100 {
		press(w, "down")
	}
	require.NotContains(t, shows(w), "more lines")
	require.Contains(t, shows(w), "zookeeper-1")
	stop := w.walk.stop
	press(w, "left")
	require.Equal(t, stop-1, w.walk.stop, "a key of the story closes what lies over it")
}

// The knob is turned: a mistake is told, the results stand side by side, the changed run can be
// walked through.
func TestTeachTurnsTheKnob(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	w.written.Lesson.Knob = digest.Knob{Set: []string{"producers[0].acks=1"}, Moves: "lost-write",
		Question: "How many acknowledged records are lost now?"}
	press(w, "G", "g")
	press(w, "k")
	require.Contains(t, shows(w), "How many acknowledged records are lost now?")
	require.Contains(
		t,
		shows(w),
		"sandcastle run replication/leader-failover --seed 42 --set 'producers[0].acks=1'",
	)
	press(w, "ctrl+u")
	press(w, letters("producers[0].ackz=1")...)
	press(w, "enter")
	require.Contains(t, shows(w), "acks", "the nearest path is told")
	require.NotNil(t, w.knob.err)
	press(w, "ctrl+u")
	press(w, letters("producers[0].acks=1")...)
	press(w, "enter")
	require.NoError(t, w.knob.err)
	text := shows(w)
	require.Regexp(t, `as written +changed`, text)
	require.Regexp(t, `found +nothing +lost-write ×7, with`, text)
	require.Regexp(t, `→ lost-write +0 +[1-9]`, text)
	press(w, "enter")
	require.Contains(t, shows(w), "with producers[0].acks=1")
	require.Negative(t, prediction(w.walk), "the question is of the lesson as it is written")
	press(w, "tab")
	require.NotContains(t, shows(w), "with producers[0].acks=1")
	press(w, "k", "esc", "k", "k", "esc", "tab")
	require.Equal(t, w.changed, w.walk)

	require.Equal(t, []string{"a=1", "b=2 3"}, settingsOf(" a=1 --set b=2 3"))
	require.Equal(t, []string{"a=1"}, settingsOf("--set a=1 --set"))
	require.Empty(t, settingsOf("  "))
}

func TestTeachSurvivesAKnobThatFails(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	w.player = &desk{err: errors.New("no such luck")}
	press(w, "G", "k", "ctrl+u", "a", "=", "1", "enter")
	require.Contains(t, shows(w), "no such luck")
	require.Contains(t, shows(w), "> a=1")
	press(w, "esc")
	w.onTurned(turnedMsg{err: errors.New("late")})
	require.Equal(t, overNothing, w.over)
}

// Whoever looks away while the changed lesson is played finds the results later.
func TestTeachKnobMayBeLeft(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	press(w, "G")
	w.goTo(prediction(w.walk))
	press(w, "esc", "k")
	require.Contains(t, shows(w), "Enter play")
	cmd := w.onKey(keyOf("enter"))
	require.Contains(t, shows(w), "Playing with")
	press(w, "esc")
	require.Contains(t, shows(w), "Enter shows the answer", "under it the prediction waits")
	press(w, "a", "esc", "k")
	require.Contains(t, shows(w), "Playing with")
	w.Update(cmd())
	require.Contains(t, shows(w), "as written")
	require.False(t, w.typing)
	press(w, "esc", "esc", "enter")
	require.Contains(t, shows(w), "you       a", "Enter answers after Esc as well")
}

// Every lesson on every page fits the screen, whatever its size.
func TestTeachFitsTheScreen(t *testing.T) {
	sizes := [][2]int{{80, 24}, {40, 12}, {59, 20}, {132, 50}, {200, 60}}
	for i, name := range scenarios.Lessons() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := taught(t, name)
			for j, size := range sizes {
				if j > 0 && i%8 != 0 {
					break
				}
				fits(t, w, size)
			}
		})
	}
}

// fits walks over every page of a lesson on a screen of this size.
func fits(t *testing.T, w *teacher, size [2]int) {
	w.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
	for _, over := range []overlay{overNothing, overHelp, overJump, overState, overKnob} {
		for stop := range w.walk.columns.Stops() {
			w.goTo(stop)
			w.typing = false
			w.open(over)
			lines := strings.Split(shows(w), "\n")
			require.Len(t, lines, size[1], "stop %d", stop)
			for _, line := range lines {
				require.LessOrEqual(t, text.TextWidth(line), size[0], line)
			}
		}
	}
}

func TestTeachSaysThatTheScreenIsTooSmall(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	w.Update(tea.WindowSizeMsg{Width: 30, Height: 10})
	require.Contains(t, shows(w), "30×10 is too small")
	require.Len(t, w.screen(), 1)
}

// The verdict names the lessons that differ in a setting.
func TestTeachNamesTheTwin(t *testing.T) {
	t.Parallel()
	w := taught(t, "lost-ack")
	w.walk.Kin = []string{"sandcastle teach another"}
	press(w, "G")
	require.Contains(t, shows(w), "twin      sandcastle teach another")
}

func TestTeachInASCII(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	w.ascii = true
	for stop := range w.walk.columns.Stops() {
		w.goTo(stop)
		for _, line := range w.screen() {
			for _, r := range line {
				require.Less(t, r, rune(128), "%q in %s", r, line)
			}
		}
	}
}

// The help explains the words as the page of a run does, to the last one.
func TestTeachExplainsWords(t *testing.T) {
	t.Parallel()
	w := taught(t, "leader-failover")
	w.Update(tea.WindowSizeMsg{Width: 100, Height: 400})
	w.goTo(0)
	w.typing = false
	w.open(overHelp)
	for _, term := range prose.Glossary() {
		require.Contains(t, shows(w), "  "+term.Name+"\n")
	}
}
