package oracle

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ours answers every exchange as Apache Kafka 3.9 does, but for the list of differences; and the list
// has nothing that no longer differs. SANDCASTLE_ORACLE_ONLY is a regular expression of the
// exchanges to play, of which the second half is not asked then; SANDCASTLE_ORACLE_HOME is where the
// jars are kept.
func TestOracle(t *testing.T) {
	if os.Getenv("SANDCASTLE_ORACLE") == "" {
		t.Skip("make test-oracle starts Apache Kafka 3.9 and 4.x from Maven's jars and compares")
	}
	home := oracleHome(t)
	for _, program := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED, NOTHING WAS COMPARED: there is no %s here, and Apache Kafka needs it: "+
				"apt-get install -y default-jre-headless maven", program)
		}
	}
	text, err := os.ReadFile(differencesFile)
	require.NoError(t, err)
	list, err := readDifferences(string(text))
	require.NoError(t, err)
	only, err := regexp.Compile(os.Getenv("SANDCASTLE_ORACLE_ONLY"))
	require.NoError(t, err)

	dir := t.TempDir()
	prefix := fmt.Sprintf("t%d", time.Now().Unix()%1_000_000)
	targets := make([]*target, 3)
	for i, addr := range []string{
		kafka39: startKafka39(t, home, filepath.Join(dir, "kafka39")),
		ours:    startOurs(t, filepath.Join(dir, "ours")),
		kafka4:  startKafka4(t, home, filepath.Join(dir, "kafka4")),
	} {
		targets[i], err = newTarget([]string{"Kafka 3.9", "ours", "Kafka 4.x"}[i], addr, prefix)
		require.NoError(t, err)
	}
	var played []exchange
	for _, x := range exchanges() {
		if only.MatchString(x.name) {
			played = append(played, x)
		}
	}
	sum := judge(t, played, playAll(targets, played), list)
	t.Log(sum)
	if only.String() == "" {
		for _, e := range list.unused() {
			t.Errorf("%s:%d no longer differs: %s, %s", differencesFile, e.line, e.exchange, e.where)
		}
	}
}

// oracleHome is where jars are kept: out/oracle of the module, if not said otherwise.
func oracleHome(t *testing.T) string {
	if home := os.Getenv("SANDCASTLE_ORACLE_HOME"); home != "" {
		return home
	}
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	require.NoError(t, err)
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(mod))), "out", "oracle")
}

// playAll plays the exchanges against all targets, each target at its own pace.
func playAll(targets []*target, played []exchange) [][]*result {
	results := make([][]*result, len(played))
	for i := range results {
		results[i] = make([]*result, len(targets))
	}
	var all sync.WaitGroup
	for i, target := range targets {
		all.Go(func() {
			for n, x := range played {
				results[n][i] = target.play(x)
			}
		})
	}
	all.Wait()
	return results
}

// summary counts what came of the exchanges.
type summary struct {
	exchanges, requests int
	equal               int            // to Kafka 3.9, wording aside
	listed              map[string]int // exchanges with a difference of a kind
	unlisted            int
	since4              int // equal to Kafka 3.9, and 4.x answers otherwise
	words               int // messages that have other words
}

// String is the summary in a few lines.
func (s *summary) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d exchanges, %d requests and observations: %d as Apache Kafka %s", s.exchanges,
		s.requests, s.equal, version39)
	for _, kind := range kinds {
		fmt.Fprintf(&b, ", %d %s", s.listed[kind], kind)
	}
	fmt.Fprintf(&b, ", %d differ otherwise; of those that are equal %d are not so in %s; %d messages "+
		"have other words", s.unlisted, s.since4, version4, s.words)
	return b.String()
}

// judge compares the results and fails the test for each difference that is not in the list.
func judge(t *testing.T, played []exchange, results [][]*result, list differences) *summary {
	s := &summary{exchanges: len(played), listed: map[string]int{}}
	for i, x := range played {
		s.requests += len(results[i][kafka39].seen)
		c := compare(x.name, results[i])
		s.words += c.words
		kindsHere, unlisted := map[string]bool{}, false
		for _, d := range c.differences {
			if e := list.allows(&d); e != nil {
				kindsHere[e.kind] = true
				continue
			}
			unlisted = true
			t.Errorf("%v", &d)
		}
		for kind := range kindsHere { //unordered: they are counted
			s.listed[kind]++
		}
		switch {
		case unlisted:
			s.unlisted++
		case len(c.differences) == 0:
			s.equal++
			if c.since4 {
				s.since4++
			}
		}
	}
	return s
}
