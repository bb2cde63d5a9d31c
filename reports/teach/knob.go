package teach

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// knob is the setting that the reader changes to play the lesson again.
type knob struct {
	phase knobPhase
	set   []string // what is being played
	err   error    // why it could not be
}

type knobPhase uint8

const (
	knobAsks     knobPhase = iota // the reader may change the setting before it is played
	knobPlays                     // the changed lesson is being played
	knobCompares                  // both results stand side by side
)

// turnedMsg brings the changed lesson, once it is played.
type turnedMsg struct {
	run *Run
	err error
}

// betweenSettings parts several settings in the text field, as on the command line.
const betweenSettings = " --set "

// openKnob shows the question, or the results when it is turned already.
func (t *teacher) openKnob() {
	t.open(overKnob)
	if t.knob.phase == knobAsks && !t.written.open() {
		t.askKnob()
	}
}

func (t *teacher) askKnob() {
	t.knob.phase = knobAsks
	set := t.knob.set
	if set == nil {
		set = t.written.Lesson.Knob.Set
	}
	t.startTyping(strings.Join(set, betweenSettings), "path=value, as in producers[0].acks=1")
}

func (t *teacher) onKnobTyping(key string, msg tea.KeyPressMsg) tea.Cmd {
	if key != "enter" {
		t.knob.err = nil
		return t.edit(msg)
	}
	set := settingsOf(t.input.Value())
	if len(set) == 0 {
		return nil
	}
	t.typing = false
	t.knob = knob{phase: knobPlays, set: set}
	player := t.player
	return func() tea.Msg {
		r, err := player.Play(set)
		return turnedMsg{r, err}
	}
}

// settingsOf takes the text field apart.
func settingsOf(text string) []string {
	var set []string
	flag := strings.TrimRight(betweenSettings, " ")
	for _, s := range strings.Split(" "+strings.TrimSpace(text), flag) {
		if s = strings.TrimSpace(s); s != "" {
			set = append(set, s)
		}
	}
	return set
}

func (t *teacher) onTurned(msg turnedMsg) {
	if msg.err != nil {
		t.knob.phase, t.knob.err = knobAsks, msg.err
		if t.over == overKnob {
			t.askKnob()
		}
		return
	}
	t.changed, t.knob.phase = newWalk(msg.run), knobCompares
	if t.walk != t.written {
		t.walk = t.written
	}
}

// onKnobKey serves the results.
func (t *teacher) onKnobKey(do act) tea.Cmd {
	switch do {
	case actQuit:
		return tea.Quit
	case actUp:
		t.scroll = max(t.scroll-1, 0)
	case actDown:
		t.scroll++
	case actKnob:
		if t.knob.phase == knobCompares {
			t.askKnob()
		}
	case actLast:
		t.open(overNothing)
		t.goTo(len(t.walk.columns.Stops()) - 1)
	case actNext, actOther:
		if t.knob.phase == knobCompares {
			t.show(t.changed)
		}
	case actNone, actState, actJump:
	default:
		t.open(overNothing)
	}
	return nil
}
