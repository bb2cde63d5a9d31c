package teach

import "slices"

// act is what a key does.
type act uint8

const (
	actNone act = iota
	actNext
	actBack
	actFirst
	actLast
	actUp
	actDown
	actJump
	actState
	actKnob
	actOther
	actHelp
	actClose
	actQuit
)

// binding is what keys do, and how the help names them.
type binding struct {
	act   act
	keys  []string
	names string // in the help
	what  string
}

// bindings is every key outside a text field. Those of a lecturer's remote are PageDown, PageUp,
// Esc and the full stop.
func bindings() []binding {
	return []binding{
		{
			actNext,
			[]string{"space", "right", "pgdown", "n", "enter", ".", "l"},
			"Space → PageDown n Enter .",
			"the next step",
		},
		{
			actBack,
			[]string{"left", "pgup", "p", "backspace", "h"},
			"← PageUp p Backspace",
			"the step before",
		},
		{actFirst, []string{"g", "home"}, "g Home", "to the introduction"},
		{actLast, []string{"G", "end", "shift+g"}, "G End", "to the verdict"},
		{actJump, []string{"j"}, "j", "choose a moment to jump to"},
		{actState, []string{"s"}, "s", "what every node knows at this moment"},
		{actKnob, []string{"k"}, "k", "change the lesson's knob and play it again"},
		{actOther, []string{"tab"}, "Tab", "the other run, once the knob was turned"},
		{
			actUp,
			[]string{"up"},
			"↑ ↓",
			"message by message after a step; choose an answer; scroll a long text",
		},
		{actDown, []string{"down"}, "", ""},
		{actHelp, []string{"?", "f1"}, "? F1", "these keys, and what words mean"},
		{actClose, []string{"esc"}, "Esc", "close what lies over the story; leave a text field"},
		{actQuit, []string{"q", "ctrl+c"}, "q Ctrl-C", "leave"},
	}
}

// actOf is what a key does.
func actOf(key string) act {
	for _, b := range bindings() {
		if slices.Contains(b.keys, key) {
			return b.act
		}
	}
	return actNone
}
