package scenarios

import (
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

// chaosCases is how many random scenarios of each kind `make test` plays; SANDCASTLE_CHAOS asks for
// more: `make chaos` plays 2,000.
const chaosCases = 4

// Whatever processes, links, messages, disks and operators do, a cluster that is configured not to lose
// loses nothing, doubles nothing, and comes to rest: acks=all, unclean election off, producers that are
// idempotent or do not retry. Each case is played twice and must be the same run. Brokers die but keep
// what they wrote here, for a dead process loses nothing that it wrote, nor does one whose disk fails; see
// TestChaosWithoutPower for what Kafka does not promise beyond that.
func TestChaos(t *testing.T) { checkChaos(t, drawChaos, playChaos) }

// One broker may lose its power or its disk, once, and with it what it had not flushed, or everything:
// Kafka acknowledges before it flushes, but two replicas or more have every acknowledged record. Three
// things may not happen meanwhile, and those are Kafka's own limits in ZooKeeper mode, removed with KRaft
// by KIP-966:
//   - an ISR shrinks to the broker that loses its power: it is elected when it comes back with a
//     shorter log, and the others truncate to it;
//   - the other members of the ISR are down when it comes back: the same;
//   - the broker was the controller too, and registers again before another controller has read
//     /brokers/ids: nobody ever sees it missing, and it goes on leading in the same epoch.
//
// So no other server and no link to ZooKeeper is disturbed, and the broker is back either before
// its session can have expired, when it has to wait, or long after that.
func TestChaosWithoutPower(t *testing.T) { checkChaos(t, drawPowerLoss, playChaos) }

// What TestChaos found once holds: each file is a shrunk case that failed, with what is true now as
// its claim.
func TestFoundByChaos(t *testing.T) {
	files, err := filepath.Glob("testdata/chaos/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := Parse(file, data)
			require.NoError(t, err)
			r, err := Play(s, Options{Paranoid: true})
			require.NoError(t, err)
			if r.Run.Verdict != kafka.VerdictEmpty { // some never get to a record
				requireOK(t, &r.Run)
			}
		})
	}
}

// checkChaos plays random scenarios. The smallest one that fails is kept as a file, which
// `sandcastle run FILE` plays again; git ignores the folder.
func checkChaos(t *testing.T, draw func(*rapid.T) string, play func(yaml string) (wrong string)) {
	cases := chaosToPlay(t)
	t.Parallel()
	failed := ""
	t.Cleanup(func() {
		if failed != "" {
			t.Log(keepFound(t, failed))
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		if cases--; cases < 0 && failed == "" {
			return // rapid's count of checks is for all tests of the package
		}
		yaml := draw(t)
		ok := false
		defer func() {
			if !ok {
				failed = yaml // rapid plays the smallest case last
			}
		}()
		t.Log("\n" + yaml)
		if wrong := play(yaml); wrong != "" {
			t.Fatal(wrong)
		}
		ok = true
	})
}

// chaosToPlay is the number of cases. `make test` plays others with each commit (TestMain), whoever
// asks for more gets new ones.
func chaosToPlay(t *testing.T) int {
	text := os.Getenv("SANDCASTLE_CHAOS")
	if text == "" {
		return chaosCases
	}
	n, err := strconv.ParseUint(text, 10, 31)
	require.NoError(t, err, "SANDCASTLE_CHAOS")
	require.NoError(t, flag.Set("rapid.checks", text))
	return int(n)
}

// A scenario that fails leaves a file and the way to play it again. It runs in a process of its own,
// because the test in it fails.
func TestChaosKeepsWhatItFinds(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(binary, "-test.run", "^TestPlantedChaos$", "-rapid.shrinktime", "1s")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), plantedChaos+"=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "nothing was found")
	require.Contains(t, string(out), "play it again by: sandcastle run")
	files, err := filepath.Glob(filepath.Join(cmd.Dir, "testdata", "chaos", "found", "*.yaml"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	yaml, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Empty(t, playChaos(string(yaml)))
}

const plantedChaos = "SANDCASTLE_PLANTED_CHAOS"

// TestPlantedChaos takes every scenario in which something is done for one that fails.
func TestPlantedChaos(t *testing.T) {
	if os.Getenv(plantedChaos) == "" {
		t.Skip("for TestChaosKeepsWhatItFinds, which sets " + plantedChaos)
	}
	checkChaos(t, drawChaos, func(yaml string) string {
		if strings.Contains(yaml, "timeline:") {
			return "something was done"
		}
		return ""
	})
}

// keepFound writes a scenario that failed and says how to play it again.
func keepFound(t *testing.T, yaml string) string {
	dir := filepath.Join("testdata", "chaos", "found")
	require.NoError(t, os.MkdirAll(dir, 0o750))
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(yaml))
	file := filepath.Join(dir, fmt.Sprintf("%08x.yaml", sum.Sum32()))
	require.NoError(t, os.WriteFile(file, []byte(yaml), 0o600))
	return "written to scenarios/" + filepath.ToSlash(file) + "; play it again by: sandcastle run scenarios/" +
		filepath.ToSlash(file)
}

// playChaos plays the scenario twice, looking inside after every event, and says what was wrong: a verdict,
// or two runs that differ; "" for nothing.
func playChaos(yaml string) string {
	s, err := Parse("chaos.yaml", []byte(yaml))
	if err != nil {
		return err.Error()
	}
	first, err := Play(s, Options{Paranoid: true})
	if err != nil {
		return err.Error()
	}
	if v := first.Run.Verdict; v != kafka.VerdictOK && v != kafka.VerdictEmpty {
		text := fmt.Sprintf("%s: %s", first.Run.Verdict, first.Run.Reason)
		for _, f := range first.Run.Findings {
			text += fmt.Sprintf("\n%s ×%d: %s", f.Anomaly, f.Count, f.Explanation)
			for _, w := range f.Witnesses {
				text += fmt.Sprintf("\n    %s %s %s", w.At, w.Who, w.Text)
			}
		}
		return text
	}
	second, err := Play(s, Options{Paranoid: true})
	if err != nil || first.Run.TraceHash != second.Run.TraceHash ||
		first.Run.Events != second.Run.Events {
		return fmt.Sprintf("one seed, two runs: %s and %s, %v", first.Run.TraceHash, second.Run.TraceHash, err)
	}
	return ""
}
