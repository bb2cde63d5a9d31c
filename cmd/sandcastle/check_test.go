package main

import (
	"os"
	"path/filepath"
	"strings"
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
{"index":2,"process":"nemesis","type":"info","f":"start-partition","time":2500,"value":"majority"}
{"index":3,"process":1,"type":"invoke","f":"assign","time":2600,"value":[9,10]}`, exitViolated, []string{
			"verdict   violated", "findings  precommitted-read ×1", `left out  1 line of process "nemesis"`,
			"not judged key-reordered: no send says the key",
		}},
		{"writes that alternate", `{:index 0, :time 1, :type :invoke, :process 0, :f :send, :value [[:send 9 1] [:send 9 3]]}
{:index 1, :time 2, :type :invoke, :process 1, :f :send, :value [[:send 9 2]]}
{:index 2, :time 3, :type :ok, :process 0, :f :send, :value [[:send 9 [0 1]] [:send 9 [2 3]]]}
{:index 3, :time 4, :type :ok, :process 1, :f :send, :value [[:send 9 [1 2]]]}
{:index 4, :time 5, :type :ok, :process 2, :f :subscribe, :value [9]}
{:index 5, :time 6, :type :ok, :process 2, :f :poll, :value [[:poll {9 [[0 1]]}]]}
{:index 6, :time 7, :type :ok, :process 2, :f :poll, :value [[:poll {9 [[2 3]]}]]}
{:index 7, :time 8, :type :ok, :process 3, :f :poll, :value [[:poll {9 [[0 1] [1 2] [2 3]]}]]}`, exitOK, []string{
			"verdict   ok", "findings  none", "allowed   int-send-skip ×1: ", "allowed   poll-skip ×1: a rebalance may",
			"allowed   G0 ×1, with PL-1-cycle-exists ×1: ", "allowed: int-send-skip, once: one operation sent",
		}},
		{"circular information flow", `{:index 0, :time 1, :type :invoke, :process 0, :f :txn, :value [[:send :x 1] [:poll]]}
{:index 1, :time 2, :type :invoke, :process 1, :f :txn, :value [[:send :y 2] [:poll]]}
{:index 2, :time 3, :type :ok, :process 0, :f :txn, :value [[:send :x [0 1]] [:poll {:y [[0 2]]}]]}
{:index 3, :time 4, :type :ok, :process 1, :f :txn, :value [[:send :y [0 2]] [:poll {:x [[0 1]]}]]}`, exitViolated, []string{
			"findings  G1c ×1, with PL-2-cycle-exists ×1", `op 2 sent "1" to x, which op 3 read (wr)`,
		}},
		{"several senders", `{"process":0,"type":"ok","f":"txn","value":[["send","x","a"],["send","y",[0,"b"]]]}
{"process":1,"type":"ok","f":"send","value":[["send","x","a"]]}
{"process":2,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a"],[1,"a"]],"y":[[0,"b"]]}]]}`, exitUndecided, []string{
			"undecided G1c: values were sent more than once", "undecided precommitted-read: ", "undecided unseen: a value",
		}},
		{"one of them failed", `{"process":0,"type":"fail","f":"send","value":[["send","x","a"]]}
{"process":1,"type":"ok","f":"send","value":[["send","x","a"]]}
{"process":2,"type":"ok","f":"poll","value":[["poll",{"x":[[0,"a"]]}]]}`, exitUndecided, []string{
			"undecided G1a: some sends of a value failed and some did not",
		}},
		{"nothing named", `{"process":0,"type":"ok","f":"send","record_key":"k","value":[["send","x",[0,"a"]]]}
{"process":1,"type":"ok","f":"poll","group":"g","value":[["poll",{"x":[[0,"a"]]}]]}
{"process":1,"type":"ok","f":"process","group":"g"}
{"process":1,"type":"ok","f":"reset","group":"g"}`, exitUndecided, []string{
			"undecided unprocessed: operations do not say which records", "undecided processed-twice: ",
			"undecided key-reordered: the invocations", "undecided what resets passed over: resets do not say",
		}},
		{"no offsets", `{"process":0,"type":"ok","f":"send","value":[["send",9,1]]}
{"process":1,"type":"ok","f":"poll","value":[["poll",{"9":[[null,1]]}]]}`, exitUndecided, []string{
			"verdict   undecided", "undecided poll-skip: nobody knows the offsets of records that polls returned (1)",
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
			told := strings.Contains(stdout, "nonlinearizable") && code == exitViolated
			require.Equal(t, told, drawn == nil)
			again, _, _ := cli("check", file, "--out", out)
			require.Equal(t, stdout, again, "an older judgement is replaced")
			require.NoError(t, os.WriteFile(filepath.Join(out, "mine.txt"), nil, 0o644))
			_, stderr, code = cli("check", file, "--out", out)
			require.Equal(t, exitInput, code)
			require.Contains(t, stderr, "holds mine.txt, which no judgement has")
		})
	}
}
