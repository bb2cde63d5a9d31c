package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// room is one row of the table of who may import whom. The table is policy: a new folder needs a
// row.
type room struct {
	dir     string   // from the top of the module
	ours    []string // what it may import of ours; a name ending in /... is a folder with all below
	outside []string // modules outside the standard library
	pure    bool
	// allowed are imports of the standard library that purity forbids, each with a reason.
	allowed []string
}

// rooms is ARCHITECTURE's table. Nothing else may exist.
var rooms = []room{
	{dir: "model", pure: true},
	{dir: "model/kafka", ours: []string{"model"}, pure: true},
	{dir: "sim", ours: []string{"model"}, pure: true},
	{dir: "broker/wire/shape", pure: true},
	{
		dir: "broker/wire", ours: []string{"model", "model/kafka", "broker/wire/shape"}, pure: true,
		outside: []string{kmsgPath, compress + "/snappy", compress + "/zstd", lz4},
	},
	{
		dir: "broker/wire/frametext", ours: []string{"model", "model/kafka", "broker/wire"},
		outside: []string{kmsgPath}, pure: true,
	},
	{dir: "broker/log", ours: []string{"model", "model/kafka", "broker/wire"}, pure: true},
	{dir: "broker/zookeeper", ours: []string{"model", "model/kafka"}, pure: true},
	{dir: "broker/znode", ours: []string{"model", "model/kafka"}, pure: true},
	{
		dir: "broker/config", pure: true, outside: []string{kmsgPath},
		ours: []string{"model/kafka", "broker/wire", "broker/znode"},
	},
	{dir: "broker/chain", ours: []string{"model"}, pure: true},
	{dir: "broker/group", ours: []string{"model", "model/kafka", "broker/wire"}, outside: []string{kmsgPath}, pure: true},
	{
		dir: "broker/controller", outside: []string{kmsgPath}, pure: true,
		ours: []string{"model", "model/kafka", "broker/chain", "broker/wire", "broker/zookeeper", "broker/znode"},
	},
	{
		dir:     "broker/client",
		ours:    []string{"model", "model/kafka", "broker/wire"},
		outside: []string{kmsgPath},
		pure:    true,
	},
	{
		dir: "broker/replica", outside: []string{kmsgPath}, pure: true,
		ours: []string{
			"model", "model/kafka", "broker/wire", "broker/config", "broker/log", "broker/zookeeper",
			"broker/znode",
		},
	},
	{
		dir: "broker", outside: []string{kmsgPath}, pure: true,
		ours: []string{
			"model", "model/kafka", "broker/chain", "broker/wire", "broker/config", "broker/log", "broker/zookeeper",
			"broker/znode", "broker/replica", "broker/group", "broker/controller",
		},
	},
	{ // for tests
		dir: "broker/brokertest", outside: []string{kmsgPath, "github.com/stretchr/testify"}, pure: true,
		ours: []string{
			"model", "model/kafka", "sim", "broker", "broker/wire", "broker/config", "broker/group",
			"broker/zookeeper",
		},
	},
	{dir: "broker/world/wires", ours: []string{"model"}, pure: true},
	// For tests: no product imports it.
	{
		dir: "broker/world", outside: []string{kmsgPath}, pure: true,
		ours: []string{
			"model", "model/kafka", "broker/wire", "broker/wire/frametext", "broker/zookeeper", "broker/znode",
			"broker/group", "broker/config", "broker/client", "broker", "broker/world/wires",
		},
	},
	{
		dir: "broker/conformance", ours: []string{"model", "model/kafka", "broker/wire"}, outside: []string{kmsgPath},
		pure: true,
	},
	{dir: "broker/oracle"}, // tests alone
	{dir: "broker/host", ours: []string{
		"model", "model/kafka", "broker", "broker/config", "broker/client", "broker/wire",
		"broker/znode", "broker/zookeeper",
	}},
	// Not pure: it reads a server.properties.
	{
		dir: "broker/serve", ours: []string{"model", "model/kafka", "broker/config", "broker/client", "broker/host"},
		outside: []string{"github.com/magiconair/properties"},
	},
	// Not pure: it answers over HTTP.
	{
		dir: "broker/metrics", ours: []string{"model", "model/kafka", "broker", "broker/replica"},
		outside: []string{"github.com/prometheus/client_golang/prometheus"},
	},
	// Not pure: goroutines carry lines between files and clients on the host.
	{
		dir: "broker/tools", outside: []string{"golang.org/x/term"},
		ours: []string{"model", "model/kafka", "broker/wire", "broker/group", "broker/client", "broker/host"},
	},
	{dir: "checks/znodes", ours: []string{"model", "model/kafka"}, pure: true},
	{dir: "checks/groups", ours: []string{"model", "model/kafka"}, pure: true},
	{dir: "checks/logs", ours: []string{"model", "model/kafka"}, pure: true},
	{dir: "checks/cycles", pure: true},
	{dir: "checks/order", ours: []string{"model", "model/kafka", "checks/cycles"}, pure: true},
	{
		dir: "checks",
		ours: []string{
			"model", "model/kafka", "checks/groups", "checks/logs", "checks/order", "checks/znodes",
		},
		outside: []string{"github.com/anishathalye/porcupine"},
		pure:    true,
	},
	{dir: "checks/canary", ours: []string{"model", "model/kafka", "checks"}, pure: true},
	{dir: "scenarios/history", ours: []string{"model", "model/kafka"}, pure: true},
	{dir: "scenarios/measure", ours: []string{"model", "model/kafka", "sim"}, pure: true},
	{
		dir:  "scenarios/cluster",
		ours: []string{"model", "model/kafka", "sim", "broker", "broker/...", "checks"}, pure: true,
		outside: []string{kmsgPath},
	},
	{
		dir: "scenarios",
		ours: []string{
			"model", "model/kafka", "sim", "broker/...", "broker", "checks", "checks/canary",
			"scenarios/cluster", "scenarios/history", "scenarios/measure",
		},
		outside: []string{"go.yaml.in/yaml/v3"}, pure: true,
	},
	{dir: "reports/prose", ours: []string{"model", "model/kafka"}, pure: true},
	{dir: "reports/palette", pure: true},
	{dir: "reports/recorded", ours: []string{"model", "model/kafka"}, pure: true},
	{dir: "reports/digest", ours: []string{"model", "model/kafka", "reports/prose"}, pure: true},
	{dir: "reports/recorded/sweeps", ours: []string{"model/kafka", "reports/digest"}, pure: true},
	{
		dir:  "reports/text",
		ours: []string{"model", "model/kafka", "reports/digest", "reports/prose"}, pure: true,
	},
	{
		dir:     "reports/figures",
		ours:    []string{"model", "model/kafka", "reports/digest", "reports/palette", "reports/prose"},
		outside: []string{"gonum.org/v1/plot"},
		pure:    true,
	},
	{
		dir: "reports/page", pure: true,
		ours: []string{
			"model", "model/kafka", "reports/digest", "reports/figures", "reports/palette", "reports/prose",
			"reports/text",
		},
		outside: []string{compress + "/zlib"},
	},
	{dir: "reports", ours: []string{"reports/digest", "reports/figures", "reports/page"}, pure: true},
	// Not pure: a terminal. It may not import scenarios, as all of reports: a teach.Player plays.
	{
		dir: "reports/teach", ours: []string{"model", "model/kafka", "reports/digest", "reports/prose", "reports/text"},
		outside: []string{"charm.land/bubbletea/v2", "charm.land/bubbles/v2", "charm.land/lipgloss/v2"},
	},
	// Not pure: run directories are files, and playing takes wall time.
	{dir: "scenarios/jepsen", ours: []string{"model", "model/kafka"}, outside: []string{"olympos.io/encoding/edn"}},
	{dir: "scenarios/rundir", ours: []string{
		"model", "model/kafka", "scenarios", "scenarios/jepsen", "checks", "reports", "reports/...",
	}},
	{
		dir: "scenarios/swarm", ours: []string{"model", "model/kafka", "broker", "scenarios"},
		outside: []string{"go.yaml.in/yaml/v3"}, pure: true,
	},
	// Not pure: several runs at a time.
	{
		dir: "scenarios/shrink", ours: []string{"model", "model/kafka", "scenarios"},
		outside: []string{"go.yaml.in/yaml/v3"},
	},
	// Not pure: several runs at a time, and files.
	{dir: "scenarios/sweep", ours: []string{
		"model", "model/kafka", "scenarios", "scenarios/rundir", "scenarios/shrink",
		"scenarios/swarm", "reports/...",
	}},
	{dir: "scenarios/course", ours: []string{
		"model", "model/kafka", "scenarios", "scenarios/rundir", "scenarios/sweep", "reports/...",
	}},
	// Not pure: clients at work on a real cluster, in real time.
	{
		dir: "scenarios/record", ours: []string{"model", "model/kafka", "scenarios", "scenarios/history", "broker/client"},
		outside: []string{
			"github.com/twmb/franz-go/pkg/kgo", "github.com/twmb/franz-go/pkg/kerr", kmsgPath,
		},
	},
	{dir: "cmd/house"},
	{
		dir: "cmd/sandcastle",
		ours: []string{
			"model", "model/kafka", "checks", "reports", "reports/...", "scenarios", "scenarios/...", "broker/...",
		},
		outside: []string{
			"github.com/spf13/cobra", "github.com/schollz/progressbar/v3", "golang.org/x/term",
		},
	},
}

const (
	kmsgPath = "github.com/twmb/franz-go/pkg/kmsg"
	compress = "github.com/klauspost/compress"
	lz4      = "github.com/pierrec/lz4/v4"
	module   = "sandcastle"
)

// impure are the standard packages through which time, chance, threads and the machine come in.
var impure = []string{
	"crypto/rand", "hash/maphash", "log", "log/slog", "math/rand", "math/rand/v2", "net", "os", "os/exec",
	"os/signal", "runtime", "sync", "sync/atomic", "syscall", "testing", "unsafe",
}

// topLevel is everything that may stand at the top, besides dot-files.
var topLevel = []string{
	"LICENSE", "Makefile", "README.md", "broker", "checks", "cmd", "go.mod", "go.sum", "model", "reports",
	"scenarios", "sim",
}

type sourceFile struct {
	path  string // from the top of the module
	room  *room
	test  bool
	text  []byte
	fset  *token.FileSet
	ast   *ast.File
	lines []string
}

func moduleRoot(t *testing.T) string {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	return root
}

// sources are all Go files of the module, parsed.
func sources(t *testing.T) []*sourceFile {
	files, err := parsed(moduleRoot(t))
	require.NoError(t, err)
	return files
}

// parsed is parseAll, once for all tests.
var parsed = func() func(root string) ([]*sourceFile, error) {
	var once sync.Once
	var files []*sourceFile
	var err error
	return func(root string) ([]*sourceFile, error) {
		once.Do(func() { files, err = parseAll(root) })
		return files, err
	}
}()

// parseAll parses every Go file below root, but for other modules and what is not ours.
func parseAll(root string) ([]*sourceFile, error) {
	var files []*sourceFile
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root &&
			(strings.HasPrefix(name, ".") || name == "testdata" || name == "out" || name == "bin") {
			return filepath.SkipDir
		}
		if d.IsDir() && path != root && isModule(path) {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f, err := parseFile(path, filepath.ToSlash(rel))
		files = append(files, f)
		return err
	})
	return files, err
}

// isModule tells whether a folder is a module of its own, such as sim/example.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// parseFile parses one file, whose path from the top of the module is rel.
func parseFile(path, rel string) (*sourceFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &sourceFile{
		path:  rel,
		test:  strings.HasSuffix(rel, "_test.go"),
		text:  text,
		fset:  token.NewFileSet(),
		lines: strings.Split(string(text), "\n"),
	}
	dir := filepath.ToSlash(filepath.Dir(rel))
	for i := range rooms {
		if rooms[i].dir == dir {
			f.room = &rooms[i]
		}
	}
	f.ast, err = parser.ParseFile(f.fset, path, text, parser.ParseComments)
	return f, err
}

func TestEveryFolderHasARow(t *testing.T) {
	for _, f := range sources(t) {
		require.NotNil(t, f.room, "%s lies in a folder without a row in the table of rooms", f.path)
	}
}

// A room may import only rooms that stand above it in the table, so that no arrow points up and none
// goes in a circle.
func TestRoomsBuildOnEachOther(t *testing.T) {
	for i := range rooms {
		for _, may := range rooms[i].ours {
			base, below := strings.CutSuffix(may, "/...")
			for j := range rooms {
				meant := rooms[j].dir == may || below && strings.HasPrefix(rooms[j].dir, base+"/")
				require.False(t, meant && j >= i, "%s may import %s, which stands below it", rooms[i].dir,
					rooms[j].dir)
			}
		}
	}
}

func TestTopLevelIsAsPlanned(t *testing.T) {
	out, err := exec.Command("git", "-C", moduleRoot(t), "ls-files").Output()
	if err != nil {
		t.Skip("not a git checkout, so what belongs to the project cannot be told:", err)
	}
	for _, path := range strings.Fields(string(out)) {
		top, _, _ := strings.Cut(path, "/")
		if !strings.HasPrefix(top, ".") {
			require.Contains(t, topLevel, top, "%s is not part of the plan", path)
		}
	}
}

func TestImportsFollowTheTable(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || f.room == nil {
			continue
		}
		for _, spec := range f.ast.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if why := f.room.forbids(path); why != "" {
				t.Errorf("%s imports %s: %s", f.path, path, why)
			}
		}
	}
}

// forbids says why the room may not import path, or "".
func (r *room) forbids(path string) string {
	first, _, _ := strings.Cut(path, "/")
	switch {
	case first == module:
		ours := strings.TrimPrefix(path, module+"/")
		for _, may := range r.ours {
			if base, below := strings.CutSuffix(may, "/..."); ours == may ||
				below && strings.HasPrefix(ours, base+"/") {
				return ""
			}
		}
		return "the table of rooms does not let " + r.dir + " import it"
	case strings.Contains(first, "."):
		for _, may := range r.outside {
			if path == may || strings.HasPrefix(path, may+"/") {
				return ""
			}
		}
		return "the table of rooms gives " + r.dir + " no such dependency"
	case r.pure && slices.Contains(impure, path) && !slices.Contains(r.allowed, path):
		return r.dir + " is pure"
	default:
		return ""
	}
}

func TestPureRoomsArePure(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || f.room == nil || !f.room.pure {
			continue
		}
		for _, why := range f.impurities() {
			t.Error(why)
		}
	}
}

// impurities finds goroutines, selects, channels, the wall clock and unexplained ranges over maps.
func (f *sourceFile) impurities() []string {
	var found []string
	add := func(n ast.Node, format string, args ...any) {
		at := f.fset.Position(n.Pos())
		found = append(found, fmt.Sprintf("%s:%d: ", f.path, at.Line)+fmt.Sprintf(format, args...))
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			add(n, "a goroutine in a pure room")
		case *ast.SelectStmt:
			add(n, "a select in a pure room")
		case *ast.ChanType:
			add(n, "a channel in a pure room")
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && x.Name == "time" && slices.Contains([]string{
				"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick",
			}, n.Sel.Name) {
				add(n, "time.%s in a pure room", n.Sel.Name)
			}
		}
		return true
	})
	return found
}

func TestEveryPackageHasADoc(t *testing.T) {
	root := moduleRoot(t)
	for _, r := range rooms {
		text, err := os.ReadFile(filepath.Join(root, r.dir, "doc.go"))
		require.NoError(t, err, "%s has no doc.go", r.dir)
		lines := strings.Count(string(text), "\n")
		require.LessOrEqual(
			t,
			lines,
			maxDocLines,
			"%s/doc.go is longer than %d lines",
			r.dir,
			maxDocLines,
		)
		name := "// Package "
		if strings.HasSuffix(string(text), "\npackage main\n") {
			name = "// Command "
		}
		require.True(
			t,
			strings.HasPrefix(string(text), name),
			"%s/doc.go must begin with %q",
			r.dir,
			name,
		)
	}
}

func TestNoForbiddenNames(t *testing.T) {
	for _, f := range sources(t) {
		base := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(f.path), ".go"), "_test")
		for _, bad := range []string{"manager", "service", "util", "utils", "common", "helper", "helpers", "misc",
			"types", "impl"} {
			require.NotContains(t, strings.Split(base, "_"), bad, "%s: name it for its noun", f.path)
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			require.False(t, ok && fn.Recv == nil && fn.Name.Name == "init", "%s has an init", f.path)
		}
		if !f.test {
			require.NotContains(t, string(f.text), "TO"+"DO", "%s leaves something for later", f.path)
		}
	}
}
