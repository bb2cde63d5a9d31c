package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"sandcastle/model/kafka"
	"sandcastle/scenarios/rundir"
)

// soakScenario is what the clients do: idempotent producers, which is what record's are with acks of
// all, a group that stays, one in which members come and go, and one that comes and goes as a whole.
// Its timeline is written for the length of the soak.
const soakScenario = `
claim: What all replicas in sync acknowledged is there once, in order, however often brokers are killed.
duration: %[1]ds
cluster: {brokers: 3}
topics: [{name: orders, partitions: 6, replicas: 3, config: {min.insync.replicas: 2}}]
producers:
  - {name: p1, topic: orders, rate: 200/s, until: %[2]ds, keys: 50, size: 100B}
  - {name: p2, topic: orders, rate: 100/s, until: %[2]ds, size: 1KiB, compression: lz4}
  - {name: p3, topic: orders, rate: 100/s, until: %[2]ds, keys: 9, size: 300B, compression: zstd}
consumers:
  - {group: stays, members: 2, topics: [orders], commit: each-poll, session: 6s}
  - {group: changes, members: 3, topics: [orders], commit: each-poll, session: 6s}
  - {group: comes-and-goes, members: 2, topics: [orders], commit: auto, session: 6s}
timeline:
%[3]sexpect: {findings: none}
`

const (
	killEvery = 15 * time.Second
	// soakEnd is how long before the end nothing is sent or killed any more, so that groups catch up.
	soakEnd = 20 * time.Second
)

// Three brokers in processes of their own are killed with kill -9 every 15 seconds, one at a time and
// only when the other two have everything. Nothing is lost, doubled or out of order, no record fails
// for good, every group reads everything, and no process grows.
func TestSoak(t *testing.T) {
	seconds, _ := strconv.Atoi(os.Getenv("SANDCASTLE_SOAK"))
	if seconds == 0 {
		t.Skip("kills brokers for ten minutes: make soak does")
	}
	require.GreaterOrEqual(t, seconds, 120, "SOAK: want 120 seconds at least, for a process to be seen growing")
	t.Setenv("GOGC", soakGOGC)
	length := time.Duration(seconds) * time.Second
	s := startSoak(t)
	file, history := filepath.Join(s.dir, "soak.yaml"), filepath.Join(s.dir, "history.ndjson")
	text := fmt.Sprintf(soakScenario, seconds, seconds-int(soakEnd.Seconds()), soakTimeline(seconds))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	record := exec.Command(s.binary, "record", file, "--out", history, "--bootstrap",
		strings.Join(s.bootstrap, ","))
	var said bytes.Buffer
	record.Stdout, record.Stderr = &said, &said
	recorded := make(chan error, 1)
	go func() { recorded <- record.Run() }()
	ended := make(chan struct{})
	sampled := make(chan struct{})
	go func() { defer close(sampled); s.watched.sample(ended) }()
	s.killUntil(length - soakEnd)
	require.NoError(t, <-recorded, "%s", &said)
	close(ended)
	<-sampled

	t.Logf("%d kills: broker %s", len(s.killed), strings.Join(s.killed, ", "))
	judged, err := exec.Command(s.binary, "check", history).CombinedOutput()
	require.NoError(t, err, "%s", judged)
	require.Contains(t, string(judged), "verdict   ok")
	h, _, err := rundir.ReadHistory(history)
	require.NoError(t, err)
	requireWholeSoak(t, h)
	s.watched.requireFlat(t)
}

// soakTimeline has a member of the group that changes leave every 20 seconds and come back 10 seconds
// later, and the members of the third group, consumers 6 and 7, leave every minute for 20 seconds.
func soakTimeline(seconds int) string {
	var b strings.Builder
	last := seconds - int(soakEnd.Seconds()) - 10
	for at := 10; at < last; at += 20 {
		member := 3 + at/20%3
		fmt.Fprintf(&b, "  - {at: %ds, close: consumer-%d}\n", at, member)
		fmt.Fprintf(&b, "  - {at: %ds, restart: consumer-%d}\n", min(at+10, last), member)
	}
	for at := 35; at < last; at += 60 {
		fmt.Fprintf(&b, "  - {at: %ds, close: [consumer-6, consumer-7]}\n", at)
		fmt.Fprintf(&b, "  - {at: %ds, restart: [consumer-6, consumer-7]}\n", min(at+20, last))
	}
	return b.String()
}

// soak is a cluster of processes under kill -9.
type soak struct {
	processes
	brokers   []*exec.Cmd
	bootstrap []string
	chance    *rand.Rand
	killed    []string // which, and when
	watched   *watched
}

func startSoak(t *testing.T) *soak {
	s := &soak{chance: rand.New(rand.NewPCG(1, 0)), watched: &watched{started: time.Now()}}
	s.processes = processes{t: t, binary: program(t), dir: t.TempDir(), zooKeeper: freePort(t)}
	s.watched.set("zookeeper", s.start("zookeeper", "--zookeeper-only", "--zookeeper-port", s.zooKeeper))
	s.brokers = make([]*exec.Cmd, 3)
	for i := range s.brokers {
		s.ports, s.metrics = append(s.ports, freePort(t)), append(s.metrics, freePort(t))
		s.bootstrap = append(s.bootstrap, "localhost:"+s.ports[i])
		s.serve(i)
	}
	for i := range s.brokers {
		s.await(i)
	}
	return s
}

func (s *soak) serve(i int) {
	s.brokers[i] = s.broker(i)
	s.watched.set(fmt.Sprintf("broker-%d", i+1), s.brokers[i])
}

// killUntil kills brokers until the time is over. In each third of the time
// another broker is spared: it lives long enough to be seen growing, and sees the others die.
func (s *soak) killUntil(length time.Duration) {
	client, err := kgo.NewClient(kgo.SeedBrokers(s.bootstrap...))
	require.NoError(s.t, err)
	defer client.Close()
	admin := kadm.NewClient(client)
	started := time.Now()
	next := time.NewTicker(killEvery)
	defer next.Stop()
	for {
		<-next.C
		third := int(3 * time.Since(started) / length)
		if third >= 3 {
			return
		}
		s.awaitInSync(admin)
		victim := (third + 1 + s.chance.IntN(2)) % 3
		s.watched.set(fmt.Sprintf("broker-%d", victim+1), nil)
		require.NoError(s.t, s.brokers[victim].Process.Kill()) // SIGKILL
		_ = s.brokers[victim].Wait()
		s.killed = append(s.killed, fmt.Sprintf("%d at %.1f s", victim+1, time.Since(started).Seconds()))
		<-time.After(time.Duration(s.chance.IntN(3000)) * time.Millisecond)
		s.serve(victim)
		s.await(victim)
	}
}

// awaitInSync waits until all replicas of all partitions are in sync, so that two live when the third
// is killed.
func (s *soak) awaitInSync(admin *kadm.Client) {
	var last string
	started := time.Now()
	require.Eventually(s.t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		told, err := admin.Metadata(ctx)
		if err != nil {
			last = err.Error()
			return false
		}
		if last = behind(told); last != "" {
			return false
		}
		return true
	}, time.Minute, 100*time.Millisecond, "a broker does not come back into sync")
	if waited := time.Since(started); waited > killEvery {
		s.t.Logf("a kill waited %.0f s for the replicas to be in sync", waited.Seconds())
	}
}

// behind says what of a cluster is not whole, "" if nothing is missing.
func behind(m kadm.Metadata) string {
	if len(m.Brokers) < 3 {
		return fmt.Sprintf("%d brokers", len(m.Brokers))
	}
	for _, topic := range m.Topics {
		for _, p := range topic.Partitions {
			if p.Err != nil || p.Leader < 0 || len(p.ISR) < len(p.Replicas) {
				return fmt.Sprintf("%s-%d: %v in sync", topic.Topic, p.Partition, p.ISR)
			}
		}
	}
	return ""
}

// longestWait is more than any record may wait for its acknowledgement. When its leader is killed a
// new one is there once the session of 4 s is over; franz-go asks who leads at once and then every
// 5 s (MetadataMinAge), so that records which ask just before the election wait 10 s. The rest is for
// a machine that has other things to do.
const longestWait = 30 * time.Second

// requireWholeSoak requires that every record was acknowledged, and that every group that was there
// at the end was given every record.
func requireWholeSoak(t *testing.T, h kafka.Operations) {
	sent, acked := map[string]kafka.Op{}, 0
	given := map[string]map[string]bool{}
	var worst, quiet, quietFrom, lastAck, last time.Duration
	rebalances := map[string]int{}
	for i := range h.Len() {
		op := h.At(i)
		at := time.Duration(op.Time)
		switch {
		case op.F == kafka.FSend && op.Type == kafka.Invoke:
			sent[op.Value[0].Value], last = *op, at
		case op.F == kafka.FSend:
			value := op.Value[0].Value
			require.Equal(t, kafka.OK, op.Type, "%s fails for good: %s", value, op.Error)
			worst = max(worst, at-time.Duration(sent[value].Time))
			if at-lastAck > quiet {
				quiet, quietFrom = at-lastAck, lastAck
			}
			lastAck = at
			acked++
		case op.F == kafka.FPoll && op.Type == kafka.OK && op.Group != "":
			if given[op.Group] == nil {
				given[op.Group] = map[string]bool{}
			}
			for _, m := range op.Value {
				for _, p := range m.Polled {
					for _, r := range p.Records {
						given[op.Group][r.Value] = true
					}
				}
			}
			if op.Rebalance != nil {
				rebalances[op.Group]++
			}
		}
	}
	t.Logf("%d records sent over %v, %d acknowledged, the slowest after %v; no acknowledgement for %v "+
		"from %v on; members' assignments changed %v times", len(sent), last.Round(time.Second), acked,
		worst.Round(time.Millisecond), quiet.Round(time.Millisecond), quietFrom.Round(time.Millisecond),
		rebalances)
	require.Less(t, worst, longestWait)
	require.Equal(t, len(sent), acked)
	for _, group := range []string{"stays", "changes", "comes-and-goes"} {
		require.Len(t, given[group], acked, "group %s was given", group)
		require.Positive(t, rebalances[group])
	}
}
