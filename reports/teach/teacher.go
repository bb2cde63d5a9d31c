package teach

import (
	"errors"
	"fmt"
	"os"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"sandcastle/reports/digest"
	"sandcastle/reports/text"
)

// Run is a run to walk through.
type Run struct {
	Story  *digest.Story
	Lesson digest.Lesson
	Report string   // path of the report page, "" for none
	Kin    []string // the lessons that differ from it in a setting or two, each in a line
}

// Player plays the lesson with other settings (PATH=VALUE), for whoever turns its knob.
type Player interface {
	Play(set []string) (*Run, error)
}

// Screen is the terminal on which a lesson is taught.
type Screen struct {
	In, Out       *os.File
	Width, Height int
	ASCII         bool // draw with the letters of ASCII alone
}

// Walk walks through a run until the reader leaves, and gives the terminal back as it was.
func Walk(first *Run, p Player, s Screen) error {
	t := newTeacher(first, p)
	t.ascii, t.width, t.height = s.ASCII, s.Width, s.Height
	_, err := tea.NewProgram(t, tea.WithInput(s.In), tea.WithOutput(s.Out)).Run()
	if err != nil && !errors.Is(err, tea.ErrInterrupted) {
		return fmt.Errorf("teach: %w", err)
	}
	return nil
}

// teacher is the terminal program: a walk, and what lies over it.
type teacher struct {
	walk    *walk
	written *walk // the lesson as it is written
	changed *walk // with the knob turned, nil before
	player  Player

	over   overlay
	scroll int // first line of a long text
	choice int // of the list of moments
	input  textinput.Model
	typing bool
	knob   knob

	width, height int
	ascii         bool
}

// overlay is what lies over the story.
type overlay uint8

const (
	overNothing overlay = iota
	overHelp
	overJump
	overState
	overKnob
)

func newTeacher(first *Run, p Player) *teacher {
	w := newWalk(first)
	t := &teacher{walk: w, written: w, player: p, width: 80, height: 24}
	t.input = textinput.New()
	t.input.Prompt = "> "
	t.input.CharLimit = 400
	state := textinput.StyleState{Placeholder: styleOf(text.InkFaint)}
	t.input.SetStyles(textinput.Styles{Focused: state, Blurred: state})
	return t
}

// Init implements tea.Model.
func (t *teacher) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (t *teacher) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		t.width, t.height, t.scroll = msg.Width, msg.Height, 0
	case tea.KeyPressMsg:
		return t, t.onKey(msg)
	case tea.PasteMsg:
		if t.typing {
			var cmd tea.Cmd
			t.input, cmd = t.input.Update(msg)
			return t, cmd
		}
	case turnedMsg:
		t.onTurned(msg)
	}
	return t, nil
}

func (t *teacher) onKey(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	switch {
	case key == "ctrl+c":
		return tea.Quit
	case key == "ctrl+z":
		return tea.Suspend
	}
	if t.typing {
		return t.onTyping(key, msg)
	}
	if t.over == overNothing && t.walk.asks() && t.onAsked(key) {
		return nil
	}
	do := actOf(key)
	switch t.over {
	case overJump:
		return t.onJumpKey(do)
	case overKnob:
		return t.onKnobKey(do)
	case overHelp, overState:
		return t.onOverlayKey(do)
	default:
		return t.onWalkKey(do)
	}
}

// onAsked serves the keys by which a reader chooses an answer and has it shown. It returns false
// for all others.
func (t *teacher) onAsked(key string) bool {
	w := t.walk
	first := func(from rune) int { return int([]rune(key)[0] - from) }
	switch {
	case key == "enter":
		w.revealed = true
	case !w.chooses():
		return false
	case key == "up":
		w.choose(w.choice - 1)
	case key == "down":
		w.choose(w.choice + 1)
	case len(key) == 1 && first('a') >= 0 && first('a') < len(w.Lesson.Choices):
		w.choose(first('a'))
	case len(key) == 1 && first('1') >= 0 && first('1') < len(w.Lesson.Choices):
		w.choose(first('1'))
	default:
		return false
	}
	return true
}

// onWalkKey moves through the story, or opens what lies over it.
func (t *teacher) onWalkKey(do act) tea.Cmd {
	w := t.walk
	switch do {
	case actNext:
		t.goTo(w.stop + 1)
	case actBack:
		t.goTo(w.stop - 1)
	case actFirst:
		t.goTo(0)
	case actLast:
		t.goTo(len(w.columns.Stops()) - 1)
	case actUp, actDown:
		t.onVertical(do)
	case actOther:
		if t.changed != nil {
			t.show(t.otherWalk())
		}
	case actJump:
		t.open(overJump)
		t.choice = w.stop
	case actHelp:
		t.open(overHelp)
	case actState:
		t.open(overState)
	case actKnob:
		t.openKnob()
	case actQuit:
		return tea.Quit
	}
	return nil
}

// onVertical goes through the messages after a step one by one; other pages scroll.
func (t *teacher) onVertical(do act) {
	by := 1
	if do == actUp {
		by = -1
	}
	if t.walk.here().Kind == text.StopStep {
		t.walk.goAhead(by)
	} else {
		t.scroll = max(t.scroll+by, 0) // the view stops it at the end
	}
}

// onOverlayKey serves a text that lies over the story.
func (t *teacher) onOverlayKey(do act) tea.Cmd {
	switch do {
	case actUp:
		t.scroll = max(t.scroll-1, 0)
	case actDown:
		t.scroll++
	case actQuit:
		return tea.Quit
	case actNone:
	default:
		again := t.over == overHelp && do == actHelp || t.over == overState && do == actState
		t.open(overNothing)
		if !again && do != actClose {
			return t.onWalkKey(do)
		}
	}
	return nil
}

// onJumpKey moves in the list of moments.
func (t *teacher) onJumpKey(do act) tea.Cmd {
	last := t.walk.last()
	switch do {
	case actUp, actKnob: // k and j, as in vi
		t.choice = max(t.choice-1, 0)
	case actDown, actJump:
		t.choice = min(t.choice+1, last)
	case actFirst:
		t.choice = 0
	case actLast:
		t.choice = last
	case actNext:
		t.open(overNothing)
		t.goTo(t.choice)
	case actQuit:
		return tea.Quit
	case actNone:
	default:
		t.open(overNothing)
	}
	return nil
}

// open lays a page over the story, or takes it away. Under it a prediction may be waiting.
func (t *teacher) open(o overlay) {
	t.over, t.scroll, t.typing = o, 0, false
	if o == overNothing {
		t.askHere()
	}
}

// askHere lets the reader type at once where the walk asks for a prediction.
func (t *teacher) askHere() {
	t.typing = false
	if t.walk.asks() && !t.walk.chooses() {
		t.startTyping(t.walk.guess, "type what you expect, or just think")
	}
}

// show changes to another walk.
func (t *teacher) show(w *walk) {
	t.walk = w
	t.open(overNothing)
	t.goTo(w.stop)
}

func (t *teacher) otherWalk() *walk {
	if t.walk == t.written {
		return t.changed
	}
	return t.written
}

// goTo goes to a stop of the walk. Where it asks for a prediction, the reader may type at once.
func (t *teacher) goTo(stop int) {
	t.walk.goTo(stop)
	t.scroll = 0
	t.askHere()
}

func (t *teacher) startTyping(text, placeholder string) {
	t.typing = true
	t.input.Placeholder = placeholder
	t.input.SetValue(text)
	t.input.CursorEnd()
	t.input.Focus()
}

// onTyping serves a text field. The keys that move through the story do so here as well, as long
// as they mean nothing to the text.
func (t *teacher) onTyping(key string, msg tea.KeyPressMsg) tea.Cmd {
	at, text := t.input.Position(), t.input.Value()
	empty := text == ""
	switch {
	case key == "esc":
		t.typing = false
		if t.over == overKnob {
			t.open(overNothing)
		}
	case t.over == overKnob:
		return t.onKnobTyping(key, msg)
	case key == "enter":
		t.walk.guess, t.walk.revealed, t.typing = text, true, false
	case key == "pgdown", key == "right" && at == len([]rune(text)), key == "space" && empty:
		t.walk.guess = text
		t.goTo(t.walk.stop + 1)
	case key == "pgup", key == "left" && at == 0, key == "backspace" && empty:
		t.walk.guess = text
		t.goTo(t.walk.stop - 1)
	case key == "?" && empty, key == "f1":
		t.typing = false
		t.open(overHelp)
	default:
		return t.edit(msg)
	}
	return nil
}

func (t *teacher) edit(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	t.input, cmd = t.input.Update(msg)
	if t.walk.here().Kind == text.StopPrediction && t.over == overNothing {
		t.walk.guess = t.input.Value()
	}
	return cmd
}
