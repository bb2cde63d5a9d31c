package house

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// binary is the path of the program, which is built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sandcastle-house-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "sandcastle")
	out, err := exec.Command("go", "build", "-o", path, "sandcastle/cmd/sandcastle").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// sandcastle runs the program in dir, where it has to succeed, and returns what it prints.
func sandcastle(t *testing.T, dir string, args ...string) string {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "%v: %s%s", args, out, errs.String())
	return string(out)
}

// commandTable is what the program says of its commands, and of those below them.
func commandTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| command | what it does |\n|---|---|\n")
	for _, c := range commandsOf(sandcastle(t, "", "--help")) {
		help := sandcastle(t, "", c.name, "--help")
		below := commandsOf(help)
		if len(below) == 0 || takesArguments.MatchString(usage(help)) { // it does something by itself
			fmt.Fprintf(&b, "| `%s` | %s |\n", cell(usage(help)), cell(c.short))
		}
		for _, d := range below {
			help := sandcastle(t, "", c.name, d.name, "--help")
			fmt.Fprintf(&b, "| `%s` | %s |\n", cell(usage(help)), cell(d.short))
		}
	}
	return b.String()
}

var takesArguments = regexp.MustCompile(`^sandcastle \w+ \[?[A-Z]`)

type command struct{ name, short string }

// commandsOf are the commands that a help lists.
func commandsOf(help string) []command {
	var list []command
	for _, m := range regexp.MustCompile(`(?m)^  (\w+) +(.*)$`).FindAllStringSubmatch(
		section(help, "Available Commands"), -1) {
		if m[1] != "help" {
			list = append(list, command{m[1], m[2]})
		}
	}
	return list
}

// section is a part of a help text, up to the next empty line.
func section(help, title string) string {
	_, rest, _ := strings.Cut(help, "\n"+title+":\n")
	part, _, _ := strings.Cut(rest, "\n\n")
	return part
}

// usage is the command with its arguments and flags.
func usage(help string) string {
	text, _, _ := strings.Cut(strings.TrimSpace(section(help, "Usage")), "\n")
	text = strings.TrimSuffix(text, " [flags]")
	flags := regexp.MustCompile(`(?m)^ +(?:-\w, )?--([\w-]+)(?: (\S+))?  `)
	all := section(help, "Flags") + "\n" + section(help, "Global Flags")
	for _, f := range flags.FindAllStringSubmatch(all, -1) {
		name, value := f[1], f[2]
		switch value {
		case "uint", "int":
			value = "N"
		case "string", "strings", "stringArray":
			value = strings.ToUpper(name)
		}
		if name != "help" {
			text += " [" + strings.TrimSpace("--"+name+" "+value) + "]"
		}
	}
	return text
}
