package scenarios

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// plantedVariable says which mutant a program of many mutants is, by its number in the list; unset
// or −1 it is the sound program.
const plantedVariable = "SANDCASTLE_PLANTED"

// selector is a file of each package with mutants. Which mutant it is, is read once.
const selector = `package %s

import (
	"os"
	"strconv"
)

var plantedMutant = func() int {
	n, err := strconv.Atoi(os.Getenv("` + plantedVariable + `"))
	if err != nil {
		return -1
	}
	return n
}()
`

// edit is a piece of text to insert into a file.
type edit struct {
	at   int
	text string
}

// planting makes one program of many mutants, since compiling is what takes longest: beside each
// function with a mutant stands its mutated copy, and the function begins by asking whose turn it is.
// Nothing in the code knows of it: the compiler gets other files in the place of these.
type planting struct {
	root  string
	edits map[string][]edit // by file below root
	packs map[string]string // name by folder
}

// plant adds mutant number n. It fails where the change is in no function.
func (p *planting) plant(n int, m *mutant) error {
	source, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(m.file)))
	if err != nil {
		return err
	}
	before := string(source)
	at := strings.Index(before, m.old)
	after := before[:at] + m.new + before[at+len(m.old):]
	whole, pack, err := functionAt(before, at, at+len(m.old))
	if err != nil {
		return err
	}
	start := int(whole.Pos()) - 1
	changed, _, err := functionAt(after, start, start)
	if err != nil {
		return err
	}
	text := func(src string, from, to token.Pos) string { return src[from-1 : to-1] }
	name := fmt.Sprintf("%sPlanted%d", whole.Name.Name, n)
	twin := fmt.Sprintf("\n\n//line mutant-%d:1\n%s%s%s\n", n, text(after, changed.Pos(), changed.Name.Pos()),
		name, text(after, changed.Name.End(), changed.End()))
	call := name + "(" + strings.Join(arguments(before, whole.Type.Params), ", ") + ")"
	if whole.Recv != nil {
		call = arguments(before, whole.Recv)[0] + "." + call
	}
	if whole.Type.Results != nil {
		call = "return " + call
	} else {
		call += "; return"
	}
	p.edits[m.file] = append(p.edits[m.file],
		edit{int(whole.Body.Lbrace), fmt.Sprintf(" if plantedMutant == %d { %s };", n, call)},
		edit{len(before), twin})
	p.packs[path.Dir(m.file)] = pack
	return nil
}

// functionAt finds the function of source in which [from, to) is.
func functionAt(source string, from, to int) (*ast.FuncDecl, string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, "", err
	}
	for _, d := range file.Decls {
		f, is := d.(*ast.FuncDecl)
		if is && f.Body != nil && int(f.Pos())-1 <= from && to < int(f.End()) {
			return f, file.Name.Name, nil
		}
	}
	return nil, "", fmt.Errorf("bytes %d to %d are in no function", from, to)
}

// arguments hands parameters on; one without a name is of no use to the function.
func arguments(source string, list *ast.FieldList) []string {
	var args []string
	for _, f := range list.List {
		kind := source[f.Type.Pos()-1 : f.Type.End()-1]
		if len(f.Names) == 0 {
			args = append(args, "*new("+kind+")")
		}
		for _, name := range f.Names {
			_, variadic := f.Type.(*ast.Ellipsis)
			switch {
			case name.Name == "_":
				args = append(args, "*new("+kind+")")
			case variadic:
				args = append(args, name.Name+"...")
			default:
				args = append(args, name.Name)
			}
		}
	}
	if len(args) == 1 && strings.HasPrefix(args[0], "*") {
		args[0] = "(" + args[0] + ")"
	}
	return args
}

// compile makes the program.
func (p *planting) compile(t *testing.T, dir string) string {
	t.Helper()
	replace := map[string]string{}
	for file, edits := range p.edits {
		source, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(file)))
		require.NoError(t, err)
		slices.SortStableFunc(edits, func(a, b edit) int { return a.at - b.at })
		var text strings.Builder
		last := 0
		for _, e := range edits {
			text.Write(source[last:e.at])
			text.WriteString(e.text)
			last = e.at
		}
		text.Write(source[last:])
		replace[filepath.Join(p.root, filepath.FromSlash(file))] = p.write(t, dir, text.String(), len(replace))
	}
	for folder, pack := range p.packs {
		replace[filepath.Join(p.root, filepath.FromSlash(folder), "planted_mutant.go")] = p.write(t, dir,
			fmt.Sprintf(selector, pack), len(replace))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	config := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(config, overlay, 0o600))
	binary := filepath.Join(dir, "planted")
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-overlay", config, "-o", binary,
		"../cmd/sandcastle").CombinedOutput()
	require.NoError(t, err, "mutants, by their numbers in the list, do not compile:\n%s", out)
	return binary
}

func (p *planting) write(t *testing.T, dir, text string, n int) string {
	t.Helper()
	file := filepath.Join(dir, fmt.Sprintf("overlaid%d.go", n))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}
