package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// sayer dials once for each connection that it is to have, and says what it is commanded: the text, on the
// connection of that number. echo answers everything, and remembers what it has heard and lost.
type sayer struct {
	open int
	got  *[]string
}

type say struct {
	conn model.ConnID
	text string
}

func (s say) String() string { return s.text }
func (s say) Sum() uint64    { return 0 }

func (p *sayer) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		for i := range p.open {
			out.Dial(model.ConnID(2*i+1), "echo:1")
		}
	case model.Commanded:
		c := in.Command.(say)
		out.Send(c.conn, []byte(c.text), model.Label{Name: "say"})
	case model.FrameReceived:
		*p.got = append(*p.got, string(in.Data))
	}
}

type echo struct{ heard, closed *[]string }

func (p *echo) Step(in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.FrameReceived:
		*p.heard = append(*p.heard, string(in.Data))
		out.Send(in.Conn, append([]byte("re "), in.Data...), model.Label{Name: "say", Reply: true})
	case model.ConnClosed:
		*p.closed = append(*p.closed, in.Text)
	}
}

// saying is a world in which a sayer has two connections to an echo.
func saying() (w *World, heard, got, closed *[]string) {
	heard, got, closed = &[]string{}, &[]string{}, &[]string{}
	w = New(Config{Seed: 1})
	w.AddNode(NodeConfig{ID: "echo", Listens: true, Make: func(model.Boot) model.Process { return &echo{heard, closed} }})
	w.AddNode(NodeConfig{ID: "sayer", Make: func(model.Boot) model.Process { return &sayer{2, got} }})
	w.Start("echo")
	w.Start("sayer")
	w.Run(model.Time(time.Second))
	return w, heard, got, closed
}

// filterFirst has a verdict passed on the first request alone.
func filterFirst(w *World, v Verdict, by time.Duration) {
	done := false
	w.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (Verdict, time.Duration) {
		if done || l.Reply {
			return Pass, 0
		}
		done = true
		return v, by
	})
}

// A request that is duplicated arrives twice, in its place and later; its sender hears one answer, and the
// connection of the copy is closed again.
func TestDuplicates(t *testing.T) {
	w, heard, got, closed := saying()
	filterFirst(w, Duplicate, 2*time.Second)
	w.Command("sayer", say{1, "a"})
	w.Run(w.Now().Add(time.Second))
	w.Command("sayer", say{1, "b"})
	w.Run(w.Now().Add(10 * time.Second))
	require.Equal(t, []string{"a", "b", "a"}, *heard)
	require.Equal(t, []string{"re a", "re b"}, *got)
	require.Equal(t, []string{"closed by peer"}, *closed)
}

// A copy reaches nobody where nobody listens any more, and hurts no one that has come since.
func TestADuplicateMayComeTooLate(t *testing.T) {
	w, heard, _, closed := saying()
	filterFirst(w, Duplicate, 2*time.Second)
	w.Command("sayer", say{1, "a"})
	w.Run(w.Now().Add(time.Second))
	w.Kill("echo")
	w.Run(w.Now().Add(10 * time.Second))
	w.Start("echo")
	w.Run(w.Now().Add(10 * time.Second))
	require.Equal(t, []string{"a"}, *heard)
	require.Empty(t, *closed)
}

// A request that is reordered waits for one of another connection; what is behind it on its own waits too. When
// nothing comes, it goes on after its time.
func TestReordering(t *testing.T) {
	w, heard, _, _ := saying()
	filterFirst(w, Reorder, 5*time.Second)
	w.Command("sayer", say{1, "a"})
	w.Command("sayer", say{1, "b"})
	w.Run(w.Now().Add(time.Second))
	require.Empty(t, *heard)
	w.Command("sayer", say{3, "c"})
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []string{"c", "a", "b"}, *heard)

	w, heard, _, _ = saying()
	filterFirst(w, Reorder, 5*time.Second)
	w.Command("sayer", say{1, "a"})
	w.Run(w.Now().Add(4 * time.Second))
	require.Empty(t, *heard)
	w.Run(w.Now().Add(2 * time.Second))
	require.Equal(t, []string{"a"}, *heard)
}
