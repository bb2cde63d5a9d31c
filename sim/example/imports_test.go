package example

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The kernel can be used by somebody who never heard of Kafka: nothing else of the module, and of
// no other one, is linked in.
func TestKernelStandsAlone(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-test",
		"-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./...")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var foreign []string
	for _, path := range strings.Fields(string(out)) {
		if !strings.Contains(path, "sandcastle.example/sim") { // tests are listed as a [a.test], a.test
			foreign = append(foreign, path)
		}
	}
	slices.Sort(foreign)
	if want := []string{"sandcastle/model", "sandcastle/sim"}; !slices.Equal(foreign, want) {
		t.Errorf("the examples need %q, they are to need %q alone", foreign, want)
	}
}
