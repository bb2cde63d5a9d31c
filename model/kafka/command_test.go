package kafka

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSumsOfCommandsDiffer(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "command.go", nil, 0)
	require.NoError(t, err)
	pkg, err := new(types.Config).Check("kafka", fset, []*ast.File{file}, nil)
	require.NoError(t, err)
	seen := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		if c, ok := pkg.Scope().Lookup(name).(*types.Const); ok && strings.HasPrefix(name, "Sum") {
			value := c.Val().ExactString()
			require.NotContains(t, seen, value, "%s and %s are the same number", name, seen[value])
			seen[value] = name
		}
	}
	require.NotEmpty(t, seen)
}
