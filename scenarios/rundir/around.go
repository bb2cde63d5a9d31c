package rundir

import (
	"os"
	"path/filepath"
	"strings"

	"sandcastle/reports/digest"
	"sandcastle/scenarios"
)

// neighbours finds what stands beside the lesson that was played into the run directory dir: in the
// directory for all runs, where dir lies in one. whole says that the whole course is being played,
// so that all of it will be there; otherwise a page is linked to only if it is there now.
func neighbours(s *scenarios.Scenario, dir string, whole bool) []digest.Neighbour {
	around, ok := scenarios.AroundLesson(s.Name)
	if !ok {
		return nil
	}
	p := place{dir: dir, root: rootOf(s.Name, dir), whole: whole}
	out := []digest.Neighbour{p.course(around.Chapter)}
	add := func(kind digest.NeighbourKind, names ...string) {
		for _, name := range names {
			if name != "" {
				out = append(out, p.lesson(kind, name))
			}
		}
	}
	if len(s.Set) > 0 {
		add(digest.NeighbourWritten, s.Name)
	}
	for _, name := range around.Twins {
		add(digest.NeighbourTwin, name)
		if twin, err := scenarios.Lesson(name); err == nil && len(s.Set) == 0 {
			var differs []string
			for _, d := range scenarios.Differences(s, twin) {
				differs = append(differs, d.String())
			}
			out[len(out)-1].About = strings.Join(differs, "; ")
		}
	}
	add(digest.NeighbourNext, around.Next)
	add(digest.NeighbourBefore, around.Before)
	return out
}

// rootOf is the directory for all runs, "" if the run was put elsewhere.
func rootOf(name, dir string) string {
	above := filepath.ToSlash(filepath.Dir(filepath.Clean(dir)))
	switch root, ok := strings.CutSuffix(above, "/"+name); {
	case ok:
		return filepath.FromSlash(root)
	case above == name:
		return "."
	default:
		return ""
	}
}

// place is where a run directory lies.
type place struct {
	dir, root string
	whole     bool
}

// href leads from the run directory to a file below the root, "" if it is not there.
func (p place) href(below string) string {
	if p.root == "" {
		return ""
	}
	path := filepath.Join(p.root, below)
	if _, err := os.Stat(path); err != nil && !p.whole {
		return ""
	}
	rel, err := filepath.Rel(p.dir, path)
	if err != nil {
		return ""
	}
	return filepath.ToSlash(rel)
}

// course is the page over all lessons, open at a chapter.
func (p place) course(chapter string) digest.Neighbour {
	n := digest.Neighbour{Kind: digest.NeighbourCourse, Href: p.href("index.html")}
	if n.Href != "" {
		n.Href += "#" + strings.ReplaceAll(chapter, "/", "-")
	}
	if p.root != "" && p.root != defaultRoot {
		n.Out = p.root
	}
	return n
}

func (p place) lesson(kind digest.NeighbourKind, name string) digest.Neighbour {
	n := digest.Neighbour{Kind: kind, Name: name}
	if s, err := scenarios.Lesson(name); err == nil {
		n.Seed = s.Seed
		n.Href = p.href(filepath.Join(Below(name, s.Seed), "report.html"))
	}
	return n
}
