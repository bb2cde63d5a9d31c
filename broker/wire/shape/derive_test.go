package shape

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var rewrite = flag.Bool("rewrite", false, "write shapes.txt anew")

// derivation reads from the source of kmsg what its decoders read, in the order in which they do.
type derivation struct {
	t   *testing.T
	out []string
}

// sizes are the numbers that a kbin.Reader reads.
var sizes = map[string]string{
	"Bool": "1", "Int8": "1", "Int16": "2", "Uint16": "2", "Int32": "4", "Uint32": "4", "Int64": "8",
	"Float64": "8", "Uuid": "16",
	"String": "s", "NullableString": "S", "Bytes": "b", "NullableBytes": "B",
}

// read is the method of the reader that an expression calls, "" if none.
func read(e ast.Expr) string {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return ""
	}
	if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "internalReadTags" {
		return f.Name
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := f.X.(*ast.Ident); !ok || x.Name != "b" {
		return ""
	}
	return f.Sel.Name
}

func (d *derivation) fail(n ast.Node, why string) { d.t.Fatalf("%s: %T", why, n) }

func (d *derivation) add(s string) { d.out = append(d.out, s) }

// block reads statements. after is what an array's length is followed by.
func (d *derivation) block(list []ast.Stmt) {
	for _, s := range list {
		d.statement(s)
	}
}

func (d *derivation) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.BlockStmt:
		d.block(s.List)
	case *ast.AssignStmt:
		for _, e := range s.Rhs {
			d.expression(e)
		}
	case *ast.ExprStmt:
		d.expression(s.X)
	case *ast.IfStmt:
		d.condition(s)
	case *ast.ForStmt:
		d.loop(s)
	case *ast.DeclStmt, *ast.ReturnStmt:
	default:
		d.fail(s, "an unknown statement")
	}
}

func (d *derivation) expression(e ast.Expr) {
	switch name := read(e); name {
	case "", "Ok", "Complete":
	case "internalReadTags":
		d.add("t()")
	case "ArrayLen": // the loop says what is in it
	default:
		size, ok := sizes[name]
		if !ok {
			d.fail(e, "an unknown read "+name)
		}
		d.add(size)
	}
}

// condition reads an if: of versions, of the two ways to write lengths, or of a struct that may be
// missing.
func (d *derivation) condition(s *ast.IfStmt) {
	text := source(s.Cond)
	switch {
	case text == "isFlexible" && s.Else == nil: // only tags
		d.block(s.Body.List)
	case text == "isFlexible" || text == "unsafe":
		d.statement(s.Else) // both read the same
	case text == "!b.Ok()" || text == "l > 0" || text == "v == nil" || strings.HasSuffix(text, "err != nil") ||
		strings.HasSuffix(text, "|| l == 0"):
	case s.Init != nil && strings.Contains(source(s.Init.(*ast.AssignStmt).Rhs[0]), "b.Int8()"):
		d.add("?(")
		d.block(s.Body.List)
		d.add(")")
	case strings.HasPrefix(text, "version "):
		low, high := versions(d.t, text)
		d.add(fmt.Sprintf("%d-%d(", low, high))
		d.block(s.Body.List)
		d.add(")")
		if s.Else != nil {
			require.Zero(d.t, low, "an else behind %s", text)
			d.add(fmt.Sprintf("%d-%d(", high+1, math.MaxInt8))
			d.statement(s.Else)
			d.add(")")
		}
	default:
		d.fail(s, "an unknown condition "+text)
	}
}

var bound = regexp.MustCompile(`^version (>=|<=|<) (\d+)$`)

// versions reads a condition of versions: the first and the last for which it is true.
func versions(t *testing.T, text string) (low, high int) {
	high = math.MaxInt8
	for _, part := range strings.Split(text, " && ") {
		m := bound.FindStringSubmatch(part)
		require.NotNil(t, m, "an unknown condition %s", text)
		n, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		switch m[1] {
		case ">=":
			low = n
		case "<=":
			high = n
		case "<":
			high = n - 1
		}
	}
	return low, high
}

// loop reads the elements of an array, or tagged fields of which some are known.
func (d *derivation) loop(s *ast.ForStmt) {
	if read(s.Init.(*ast.AssignStmt).Rhs[0]) != "Uvarint" {
		d.add("[")
		d.block(s.Body.List)
		d.add("]")
		return
	}
	d.add("t(")
	for _, c := range s.Body.List[0].(*ast.SwitchStmt).Body.List {
		c := c.(*ast.CaseClause)
		if c.List == nil {
			continue // an unknown one is skipped
		}
		d.add(source(c.List[0]) + ":(")
		d.block(c.Body[1:])
		d.add(")")
	}
	d.add(")")
}

// source is an expression as it is written.
func source(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.BasicLit:
		return e.Value
	case *ast.BinaryExpr:
		return source(e.X) + " " + e.Op.String() + " " + source(e.Y)
	case *ast.UnaryExpr:
		return e.Op.String() + source(e.X)
	case *ast.SelectorExpr:
		return source(e.X) + "." + e.Sel.Name
	case *ast.CallExpr:
		return source(e.Fun) + "()"
	case *ast.ParenExpr:
		return source(e.X)
	default:
		return fmt.Sprintf("%T", e)
	}
}

// derive is the text of shapes.txt for the version of kmsg that go.mod names.
func derive(t *testing.T) string {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/twmb/franz-go/pkg/kmsg").Output()
	require.NoError(t, err)
	path := filepath.Join(strings.TrimSpace(string(dir)), "generated.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	bodies := map[string][]ast.Stmt{}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "readFrom" {
			bodies[f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name] = f.Body.List
		}
	}
	var lines []string
	for key := range int16(kmsg.MaxKey + 1) {
		if req := kmsg.RequestForKey(key); req != nil {
			for kind, flexible := range map[string]flexed{"Request": req, "Response": req.ResponseKind()} {
				d := derivation{t: t}
				d.block(bodies[kmsg.NameForKey(key)+kind])
				lines = append(lines, fmt.Sprintf("%03d %s %d %s", key, kind, firstFlexible(flexible),
					joined(d.out)))
			}
		}
	}
	for _, name := range []string{"ConsumerMemberMetadata", "ConsumerMemberAssignment"} {
		d := derivation{t: t}
		d.block(bodies[name])
		lines = append(lines, fmt.Sprintf("in %s %d %s", name, math.MaxInt8, joined(d.out)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

type flexed interface {
	SetVersion(int16)
	IsFlexible() bool
	MaxVersion() int16
}

func firstFlexible(m flexed) int16 {
	for v := range m.MaxVersion() + 1 {
		if m.SetVersion(v); m.IsFlexible() {
			return v
		}
	}
	return math.MaxInt8
}

// joined writes tokens with blanks between those that need them.
func joined(tokens []string) string {
	s := strings.Join(tokens, " ")
	return strings.NewReplacer("( ", "(", " )", ")", "[ ", "[", " ]", "]").Replace(s)
}

// What is checked is what kmsg reads, in the version that go.mod names. -rewrite writes it
// anew.
func TestShapesAreThoseOfKmsg(t *testing.T) {
	want := derive(t)
	if *rewrite {
		require.NoError(t, os.WriteFile("shapes.txt", []byte(want), 0o644))
	}
	require.Equal(t, want, text)
}
