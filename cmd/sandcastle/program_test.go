package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// binaryDir is where the program is built, once for all tests that start it as a process.
var binaryDir string

var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaryDir, "sandcastle")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	os.Stderr.Write(out)
	return path, err
})

// program is the path of the built program.
func program(t *testing.T) string {
	path, err := binary()
	require.NoError(t, err)
	return path
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sandcastle-program-")
	if err != nil {
		panic(err)
	}
	binaryDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}
