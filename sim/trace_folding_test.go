package sim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// quietWorld is a trace of n events in which two nodes ping each other, with something new at each of
// the given places.
func quietWorld(n int, new ...int) (lines []model.TraceLine) {
	for i := range n {
		l := model.TraceLine{
			At: model.Time(1000 * i), Seq: uint64(i + 1), Node: "a", Kind: "frame", Cause: uint64(i),
			Conn: 1, Peer: "b", Label: model.Label{Name: "ping", Correlation: int32(i)}, Bytes: 8,
			Sent: model.Time(1000*i - 500), Text: fmt.Sprintf("ping number %d", i),
		}
		if i%2 == 1 {
			l.Node, l.Peer, l.Label.Reply = "b", "a", true
		}
		lines = append(lines, l)
	}
	for _, i := range new {
		lines[i].Kind, lines[i].Label, lines[i].Peer = "started", model.Label{}, ""
	}
	return lines
}

func folded(lines []model.TraceLine) (out []model.TraceLine, text string) {
	var f folding
	var b []byte
	write := func(l *model.TraceLine) {
		out = append(out, *l)
		b = append(l.AppendJSON(b), '\n')
	}
	for i := range lines {
		if !f.takes(&lines[i], write) {
			write(&lines[i])
		}
	}
	f.flush(write)
	return out, string(b)
}

// A trace stays as it is while there is news. After a long quiet what repeats is counted; all events
// are accounted for, and no line stands before an earlier one.
func TestQuietRepetitionIsFolded(t *testing.T) {
	lines := quietWorld(4*quietAfter, 50, 3*quietAfter, 3*quietAfter+10)
	out, text := folded(lines)
	last := 51 + quietAfter + 2 // the first of each is written, and what repeats it is not
	require.Equal(t, lines[:last], out[:last])
	require.Equal(t, lines[3*quietAfter:], out[last+2:], "news, and what follows on it")
	hidden := 3*quietAfter - last
	for i, l := range out[last : last+2] {
		hidden -= l.Count
		require.Equal(t, lines[last+1-i].At, l.First)
		require.Equal(t, lines[3*quietAfter-2+i].Seq, l.Seq)
		require.Equal(t, lines[3*quietAfter-2+i].Text, l.Text)
	}
	require.Zero(t, hidden, "every event is counted")
	require.Equal(t, 2, strings.Count(text, `"count":`))
}

// Whatever is different among the events of a stretch, its line is another one, and no line before
// it.
func TestAFoldedLineStandsForItsVeryEvents(t *testing.T) {
	lines := quietWorld(2 * quietAfter)
	out, _ := folded(lines)
	for _, change := range []func(l *model.TraceLine){
		func(l *model.TraceLine) { l.At++ },
		func(l *model.TraceLine) { l.Cause-- },
		func(l *model.TraceLine) { l.Sent-- },
		func(l *model.TraceLine) { l.Label.Correlation++ },
		func(l *model.TraceLine) { l.Text = "ping number 7" },
	} {
		other := quietWorld(2 * quietAfter)
		change(&other[quietAfter+5000])
		changed, _ := folded(other)
		require.Len(t, changed, len(out))
		differing := -1
		for i := range out {
			if out[i] != changed[i] {
				differing = i
				break
			}
		}
		require.Equal(t, lines[quietAfter+5000].Node, out[differing].Node)
		require.Positive(t, out[differing].Count)
	}
}

// What is new among events, though no news, is written at its time, after what was counted before.
func TestAnEventThatDoesNotRepeatIsWritten(t *testing.T) {
	lines := quietWorld(2 * quietAfter)
	lines[quietAfter+5000].Text = "something else"
	out, _ := folded(lines)
	at := -1
	for i := range out {
		if out[i].Text == "something else" {
			at = i
		}
	}
	require.Equal(t, lines[quietAfter+5000], out[at])
	require.Equal(t, out[at].Seq-1, out[at-1].Seq)
	require.Positive(t, out[at-1].Count)
	require.Positive(t, out[at+1].Count)
}

// Progress is no news: it is folded with the events that bring it, and told ten times a second. What
// else a process notes is written at once.
func TestProgressIsFoldedAndToldNowAndThen(t *testing.T) {
	const perMove, every = 10, model.Time(1e6) // a move a millisecond
	var lines []model.TraceLine
	for _, l := range quietWorld(3 * quietAfter) {
		l.At = model.Time(l.Seq) * every / perMove
		if lines = append(lines, l); l.Seq%perMove == 0 {
			lines = append(lines, model.TraceLine{
				At: l.At, Seq: l.Seq, Node: "a", Kind: "reached", Note: reached{remark(l.Seq)},
			})
		}
	}
	news := 2 * quietAfter
	lines[news] = model.TraceLine{
		At: lines[news].At, Seq: lines[news].Seq, Node: "a", Kind: "remark", Note: remark(7),
	}
	out, _ := folded(lines)
	require.Contains(t, out, lines[news])
	var told []model.TraceLine
	events := 0
	for i, l := range out {
		if i > 0 {
			require.GreaterOrEqual(t, l.Seq, out[i-1].Seq)
		}
		if l.Kind == "reached" && l.Count > 0 {
			told = append(told, l)
			require.Equal(t, reached{remark(l.Seq)}, l.Note, "it is the last of those that it stands for")
			require.Less(t, l.At-l.First, progressFor)
		}
		events += max(l.Count, 1)
	}
	require.Equal(t, len(lines), events, "every line is counted")
	quiet := (lines[len(lines)-1].At - lines[0].At) * model.Time(len(lines)-2*quietAfter) /
		model.Time(len(lines))
	require.InDelta(t, int(quiet/progressFor), len(told), 3)
}
