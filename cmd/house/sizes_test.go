package house

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	maxFileLines   = 400
	maxFuncLines   = 70
	maxColumns     = 100
	maxDocLines    = 80
	maxFolderFiles = 45
	maxMethods     = 80
)

// waivers are the exceptions to a limit of size, each with its reason: a file by its path, a folder
// by its path, a type by its folder and name. One that is no longer needed fails a test.
var waivers = map[string]string{}

func TestFilesAndFunctionsAreSmall(t *testing.T) {
	for _, f := range sources(t) {
		if _, waived := waivers[f.path]; f.test || waived {
			continue
		}
		if n := len(f.lines) - 1; n > maxFileLines {
			t.Errorf("%s has %d lines: over %d wants another noun", f.path, n, maxFileLines)
		}
		for _, fn := range f.functions() {
			if fn.Body == nil || isTable(fn) {
				continue
			}
			from, to := f.fset.Position(fn.Pos()).Line, f.fset.Position(fn.End()).Line
			if n := to - from + 1; n > maxFuncLines {
				t.Errorf("%s:%d: %s has %d lines, at most %d are allowed", f.path, from, fn.Name.Name, n,
					maxFuncLines)
			}
		}
	}
}

func (f *sourceFile) functions() []*ast.FuncDecl {
	var list []*ast.FuncDecl
	for _, d := range f.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			list = append(list, fn)
		}
	}
	return list
}

// isTable is true of a function whose body is one return of a literal: a table, which may be long.
func isTable(fn *ast.FuncDecl) bool {
	if len(fn.Body.List) == 0 {
		return false
	}
	last, ok := fn.Body.List[len(fn.Body.List)-1].(*ast.ReturnStmt)
	return ok && len(fn.Body.List) <= 3 && len(last.Results) == 1
}

// A tab counts as one column, as in the linters.
func TestLinesFit(t *testing.T) {
	for _, f := range sources(t) {
		for i, line := range f.lines {
			if f.test && strings.ContainsAny(line, "\"`") {
				continue // a text that a test expects is not broken
			}
			most := maxColumns
			if f.test {
				most += 20
			}
			if columns := utf8.RuneCountInString(line); columns > most {
				t.Errorf("%s:%d has %d columns, at most %d are allowed", f.path, i+1, columns, most)
			}
		}
	}
}

// A folder with more files, or a type with more methods, hides a noun that wants to be named.
func TestFoldersAndTypesAreSmall(t *testing.T) {
	files, methods := map[string]int{}, map[string]int{}
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		dir := path.Dir(f.path)
		files[dir]++
		for _, fn := range f.functions() {
			if name := receiver(fn); name != "" {
				methods[dir+"."+name]++
			}
		}
	}
	var over []string
	for dir, n := range files {
		if n > maxFolderFiles {
			over = append(over, dir)
			if waivers[dir] == "" {
				t.Errorf("%s has %d Go files without tests: over %d it is more than one thought", dir, n,
					maxFolderFiles)
			}
		}
	}
	for name, n := range methods {
		if n > maxMethods {
			over = append(over, name)
			if waivers[name] == "" {
				t.Errorf("%s has %d methods: over %d it hides a noun", name, n, maxMethods)
			}
		}
	}
	for name := range waivers {
		if !strings.HasSuffix(name, ".go") && !slices.Contains(over, name) {
			t.Errorf("%s keeps its limit: take its waiver out", name)
		}
	}
}

// receiver is the name of the type that a method belongs to, "" for a function.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	is := fn.Recv.List[0].Type
	if star, ok := is.(*ast.StarExpr); ok {
		is = star.X
	}
	if generic, ok := is.(*ast.IndexExpr); ok {
		is = generic.X
	}
	return is.(*ast.Ident).Name
}
