package page

import (
	"strconv"

	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
)

// looks writes how nodes and groups look, as in the figures: a lane for each node, the groups that
// commit, and the inks of things that stand side by side.
func (w *dataWriter) looks(s *digest.Story) {
	var nodes []string
	for _, node := range s.Readers() {
		nodes = append(nodes, string(node))
	}
	cast := palette.NewCast(nodes)
	w.key("lanes")
	w.list(len(s.Diagram.Lanes), func(i int) {
		l := &s.Diagram.Lanes[i]
		w.raw(`{"id":`).quote(string(l.Node)).key("role").quote(l.Role)
		if l.Role == "broker" || l.Role == "consumer" {
			w.look(cast.Of(string(l.Node)))
		}
		w.raw("}")
	})
	groups := s.GroupNames()
	w.key("groups")
	w.list(len(groups), func(i int) {
		w.raw(`{"name":`).quote(groups[i])
		if len(groups) == 1 { // one alone needs no colour
			w.look(palette.Look{Line: palette.Muted})
		} else {
			w.look(palette.Nth(i)).key("mark").quote(strconv.Itoa(i + 1))
		}
		w.raw("}")
	})
	w.key("inks")
	inks := palette.Lines()
	w.list(len(inks), func(i int) { w.quote(variable(inks[i])) })
}

func (w *dataWriter) look(l palette.Look) *dataWriter {
	return w.key("ink").quote(variable(l.Line)).key("round").int(int64(l.Round))
}

func variable(i palette.Ink) string { return palette.Table()[i].Variable }
