package house

import (
	"go/ast"
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// TestNoUnexplainedMapRange finds ranges over maps in the pure rooms. Go visits a map in a new
// order each time, so a range must either not show, and say why in a comment beginning
// "unordered:", or go over sorted keys.
func TestNoUnexplainedMapRange(t *testing.T) {
	patterns := make([]string, 0, len(rooms))
	for _, r := range rooms {
		if r.pure {
			patterns = append(patterns, module+"/"+r.dir)
		}
	}
	pkgs, err := packages.Load(&packages.Config{
		Dir: moduleRoot(t),
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo | packages.NeedImports,
	}, patterns...)
	require.NoError(t, err)
	require.Len(t, pkgs, len(patterns))
	for _, p := range pkgs {
		require.Empty(t, p.Errors, p.PkgPath)
		for _, f := range p.Syntax {
			for _, why := range mapRanges(p, f) {
				t.Error(why)
			}
		}
	}
}

// mapRanges lists the unexplained ranges over maps in one file.
func mapRanges(p *packages.Package, f *ast.File) []string {
	explained := map[int]bool{} // lines with a comment that explains
	for _, group := range f.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//unordered:") {
				explained[p.Fset.Position(c.Pos()).Line] = true
			}
		}
	}
	var found []string
	ast.Inspect(f, func(n ast.Node) bool {
		r, ok := n.(*ast.RangeStmt)
		if !ok {
			return true
		}
		tv, ok := p.TypesInfo.Types[r.X]
		if !ok {
			return true
		}
		at := p.Fset.Position(r.Pos())
		if _, isMap := tv.Type.Underlying().(*types.Map); isMap && !explained[at.Line] &&
			!explained[at.Line-1] {
			found = append(
				found,
				at.String()+": a range over a map without sorted keys or an //unordered: comment",
			)
		}
		return true
	})
	return found
}
