package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Histories that people bring: what is in them is judged, what is not is named, and nothing is not
// well.
func TestCheckHistoriesOfOthers(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, history string
		code          int
		says          []string
	}{
		{"empty", "", exitUndecided, []string{"verdict   nothing-to-judge: the history has no operations"}},
		{"only asked", `{"process":0,"type":"invoke","f":"poll"}`, exitUndecided, []string{"nothing-to-judge: no record"}},
		{"Jepsen's", `{"index":0,"process":0,"type":"invoke","f":"txn","time":1000,"value":[["send",9,1],["poll"]]}
{"index":1,"process":0,"type":"ok","f":"txn","time":2000,"value":[["send",9,[0,1]],["poll",{"9":[[0,1]]}]]}
{"index":2,"process":"nemesis","type":"info","f":"start-partition","time":2500,"value":"majority"}`, exitOK, []string{
			"verdict   ok", `left out  1 line of process "nemesis"`, "not judged nonmonotonic-poll: there is no check",
			"G1c: there is no check",
		}},
		{"Jepsen's in EDN", `{:index 0, :time 1, :type :ok, :process 0, :f :send, :value [[:send 9 [0 1]]]}
{:index 1, :time 2, :type :ok, :process 1, :f :poll, :value [[:poll {9 [[0 2]]}]]}`, exitViolated, []string{
			`"1" was acknowledged at offset 0 of 9; readers`, "[op 1]", "with inconsistent-offsets ×1",
		}},
		{"a reset", `{"process":1,"type":"ok","f":"poll","group":"g","value":[["poll",{}]]}
{"process":0,"type":"ok","f":"send","value":[["send","a-0",[0,"v"]]]}
{"process":2,"type":"ok","f":"poll","value":[["poll",{"a-0":[[0,"v"]]}]]}
{"process":1,"type":"ok","f":"reset","group":"g","value":{"a-0":1}}`, exitOK, []string{
			"note      group g passed over 1 acknowledged record of a-0",
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "history")
			require.NoError(t, os.WriteFile(file, []byte(row.history), 0o644))
			out := filepath.Join(t.TempDir(), "out")
			stdout, stderr, code := cli("check", file, "--out", out)
			require.Equal(t, row.code, code, stdout+stderr)
			page, err := os.ReadFile(filepath.Join(out, "report.html"))
			require.NoError(t, err)
			require.Contains(t, string(page), "Content-Security-Policy")
			for _, want := range row.says {
				require.Contains(t, stdout, want)
			}
			_, drawn := os.Stat(filepath.Join(out, "linearizability.html"))
			require.Equal(t, code == exitViolated, drawn == nil)
			again, _, _ := cli("check", file, "--out", out)
			require.Equal(t, stdout, again, "an older judgement is replaced")
			require.NoError(t, os.WriteFile(filepath.Join(out, "mine.txt"), nil, 0o644))
			_, stderr, code = cli("check", file, "--out", out)
			require.Equal(t, exitInput, code)
			require.Contains(t, stderr, "holds mine.txt, which no judgement has")
		})
	}
}
