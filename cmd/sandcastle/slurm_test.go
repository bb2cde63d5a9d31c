package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slurmConf is a cluster of this machine alone, which asks neither for cgroups nor for a database.
const slurmConf = `ClusterName=sandcastle
SlurmctldHost=%[1]s(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=%[3]s
SlurmdPort=%[4]s
AuthType=auth/munge
AuthInfo=socket=%[2]s/munge.socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
JobRequeue=1
KillWait=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
StateSaveLocation=%[2]s/state
SlurmdSpoolDir=%[2]s/spool
SlurmctldPidFile=%[2]s/slurmctld.pid
SlurmdPidFile=%[2]s/slurmd.pid
SlurmdParameters=config_overrides
NodeName=%[1]s NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`

// slurmCluster is munged, slurmctld and slurmd of this test's own.
type slurmCluster struct {
	t   *testing.T
	dir string
}

// newSlurmCluster starts one in an empty directory, and ends it with the test. It skips where there
// is no Slurm.
func newSlurmCluster(t *testing.T, dir string) *slurmCluster {
	for _, name := range []string{"munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("there is no %s here: apt-get install slurm-wlm munge", name)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("slurmd starts tasks as root alone")
	}
	s := &slurmCluster{t, dir}
	require.NoError(t, os.RemoveAll(dir))
	for _, sub := range []string{"state", "spool", "work"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, sub), 0o755))
	}
	key := filepath.Join(dir, "munge.key")
	require.NoError(t, os.WriteFile(key, bytes.Repeat([]byte("sandcastle"), 10), 0o400))
	host, err := os.Hostname()
	require.NoError(t, err)
	host, _, _ = strings.Cut(host, ".")
	conf := fmt.Sprintf(slurmConf, host, dir, freePort(t), freePort(t))
	require.NoError(t, os.WriteFile(s.conf(), []byte(conf), 0o644))
	s.start("munged", "--foreground", "--force", "--key-file", key, "--socket", dir+"/munge.socket",
		"--pid-file", dir+"/munge.pid", "--log-file", dir+"/munged.log", "--seed-file", dir+"/munge.seed")
	s.until("munged answers", func() bool {
		_, err := os.Stat(dir + "/munge.socket")
		return err == nil
	})
	s.start("slurmctld", "-D", "-f", s.conf())
	s.start("slurmd", "-D", "-f", s.conf(), "-N", host)
	s.until("the node is idle", func() bool {
		out, _ := s.command("sinfo", "--noheader", "--format=%T")
		return strings.TrimSpace(out) == "idle"
	})
	return s
}

func (s *slurmCluster) conf() string { return filepath.Join(s.dir, "slurm.conf") }

// start starts a server of the cluster, which ends with the test.
func (s *slurmCluster) start(name string, args ...string) {
	log, err := os.Create(filepath.Join(s.dir, name+".out"))
	require.NoError(s.t, err)
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(s.t, cmd.Start())
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		ended := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		ended.Stop()
		log.Close()
	})
}

// command runs one of Slurm's commands in the directory of the work.
func (s *slurmCluster) command(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = filepath.Join(s.dir, "work")
	cmd.Env = append(os.Environ(), "SLURM_CONF="+s.conf(), "SANDCASTLE="+program(s.t))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s *slurmCluster) must(name string, args ...string) string {
	out, err := s.command(name, args...)
	require.NoError(s.t, err, "%s %v: %s", name, args, out)
	return strings.TrimSpace(out)
}

func (s *slurmCluster) until(what string, done func() bool) {
	require.Eventually(s.t, done, 2*time.Minute, 20*time.Millisecond, "%s; see %s", what, s.dir)
}

// state is what Slurm says of a task.
func (s *slurmCluster) state(task string) string {
	for _, word := range strings.Fields(s.must("scontrol", "show", "job", task)) {
		if state, ok := strings.CutPrefix(word, "JobState="); ok {
			return state
		}
	}
	return ""
}

// processOf is the program in a task of an array, which its environment tells.
func processOf(t *testing.T, job string, task int) int {
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	want := []string{"SLURM_ARRAY_JOB_ID=" + job, fmt.Sprintf("SLURM_ARRAY_TASK_ID=%d", task)}
	for _, path := range environs {
		data, err := os.ReadFile(path)
		exe, linked := os.Readlink(filepath.Join(filepath.Dir(path), "exe"))
		variables := strings.Split(string(data), "\x00")
		if err != nil || linked != nil || exe != program(t) || !slices.Contains(variables, want[0]) ||
			!slices.Contains(variables, want[1]) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		require.NoError(t, err)
		return pid
	}
	t.Fatalf("no process is task %d of job %s", task, job)
	return 0
}

// Four tasks of an array play a sweep on Debian's Slurm. One is killed with kill -9 on the way and
// started again; put together, the four are what one process writes, to the byte.
func TestSlurm(t *testing.T) {
	if os.Getenv("SANDCASTLE_SLURM") == "" {
		t.Skip("starts a cluster of Slurm on this machine: make test-slurm does it")
	}
	dir, err := filepath.Abs("../../out/slurm")
	require.NoError(t, err)
	script, err := filepath.Abs("slurm.sh")
	require.NoError(t, err)
	s := newSlurmCluster(t, dir)
	sweepArgs := []string{"leader-failover", "--set", "expect.findings=none", "--seeds", "1..60",
		"--measure", "ack.p50,send.ok"}
	id := s.must("sbatch", append([]string{"--parsable", "--array=1-4", script}, sweepArgs...)...)
	killed := id + "_2"
	runs := filepath.Join(dir, "work", "out", "replication", "leader-failover", "sweep-2-of-4", "runs.ndjson")
	lines := func() int {
		data, _ := os.ReadFile(runs)
		return bytes.Count(data, []byte("\n"))
	}
	s.until("the second task has played two runs", func() bool { return lines() >= 2 })
	require.NoError(t, syscall.Kill(processOf(t, id, 2), syscall.SIGKILL))
	s.until("the second task is dead", func() bool {
		return s.state(killed) == "FAILED"
	})
	left := lines()
	require.Less(t, left, 15, "it was killed on the way")
	s.must("scontrol", "requeue", killed)
	// Slurm would wait two minutes, and refuses to start it in the second in which it ended.
	s.must("scontrol", "update", "jobid="+killed, "starttime=now+5")
	s.until("all tasks have ended", func() bool {
		return s.must("squeue", "--noheader", "--job", id) == ""
	})
	for task := 1; task <= 4; task++ {
		require.Equal(t, "COMPLETED", s.state(id+"_"+strconv.Itoa(task)))
	}
	log, err := os.ReadFile(filepath.Join(dir, "work", "sandcastle-"+id+"_2.log"))
	require.NoError(t, err)
	require.Contains(t, string(log), fmt.Sprintf("%d of 60 runs are in", left), "it went on where it stopped")

	shards, err := filepath.Glob(filepath.Join(dir, "work", "out", "replication", "leader-failover", "sweep-*-of-4"))
	require.NoError(t, err)
	require.Len(t, shards, 4)
	merged, whole := filepath.Join(dir, "merged"), filepath.Join(dir, "whole")
	stdout, stderr, code := cli(append(append([]string{"sweep", "merge"}, shards...), "--out", merged)...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "runs      60: 60 ok")
	_, stderr, code = cli(append(append([]string{"sweep"}, sweepArgs...), "--out", whole)...)
	require.Zero(t, code, stderr)
	require.Equal(t, files(t, whole), files(t, merged))
	t.Logf("4 tasks, the second killed after %d of its 15 runs: 60 runs, merged as one process wrote them", left)
}
