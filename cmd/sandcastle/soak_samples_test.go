package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// watched are processes whose memory and descriptors are sampled. A process that is started again
// keeps its name.
type watched struct {
	started time.Time

	mu    sync.Mutex
	pids  map[string]int
	lives map[string]int // how often a name has been started
	taken []usage
}

// usage is what a process uses at a time.
type usage struct {
	name        string
	life        int
	at          time.Duration
	resident    int // KiB
	descriptors int
}

// set says which process has a name now, nil for none.
func (w *watched) set(name string, cmd *exec.Cmd) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pids == nil {
		w.pids, w.lives = map[string]int{}, map[string]int{}
	}
	if cmd == nil {
		delete(w.pids, name)
		return
	}
	w.pids[name] = cmd.Process.Pid
	w.lives[name]++
}

// sample takes what every process uses, twice a second, until ended is closed.
func (w *watched) sample(ended <-chan struct{}) {
	ticks := time.NewTicker(500 * time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticks.C:
		}
		w.mu.Lock()
		for name, pid := range w.pids {
			if u, ok := usageOf(pid); ok {
				u.name, u.life, u.at = name, w.lives[name], time.Since(w.started)
				w.taken = append(w.taken, u)
			}
		}
		w.mu.Unlock()
	}
}

// usageOf reads what a process uses from Linux's /proc.
func usageOf(pid int) (u usage, ok bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, false
	}
	_, rest, ok := strings.Cut(string(status), "VmRSS:")
	if !ok {
		return u, false
	}
	if _, err := fmt.Sscanf(rest, "%d kB", &u.resident); err != nil {
		return u, false
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	u.descriptors = len(open)
	return u, err == nil
}

// A process is flat when the median of its last quarter is at most this above that of its first: a
// fifth and some MiB, for the collector's rhythm, and some descriptors, for the clients that happen to
// be connected. From life to life there is more room: once its log is large enough, a broker reads
// 16 MiB in a step when it starts, keeps a block of that size for the next one, and growing to it
// leaves twice as much to the collector.
const (
	flatPercent     = 120
	flatKiB         = 12 << 10
	flatLivesKiB    = 48 << 10
	flatDescriptors = 24
)

// soakGOGC is the collector's setting for the processes: with their own, 400, they would grow to
// 128 MiB before anything could be seen.
const soakGOGC = "50"

// requireFlat requires that neither memory nor descriptors grow: within the longest life of a process,
// once a third of it is over, and, for a process that is killed again and again, from its first lives
// to its last ones, at the same age.
func (w *watched) requireFlat(t *testing.T) {
	if len(w.taken) == 0 {
		t.Log("no /proc here: memory and descriptors are not looked at")
		return
	}
	const young, old = 5 * time.Second, 12 * time.Second
	for _, name := range []string{"zookeeper", "broker-1", "broker-2", "broker-3"} {
		var longest, sameAge []usage
		for _, life := range w.livesOf(name) {
			if len(life) > len(longest) {
				longest = life
			}
			born := life[0].at
			for _, u := range life {
				if age := u.at - born; age >= young && age < old {
					sameAge = append(sameAge, u)
				}
			}
		}
		require.NotEmpty(t, longest, name)
		requireSteady(t, name+" in its longest life", longest[len(longest)/3:], flatKiB)
		if w.lives[name] >= 4 {
			requireSteady(t, fmt.Sprintf("%s in %d lives, %v to %v old", name, w.lives[name], young, old),
				sameAge, flatLivesKiB)
		}
	}
}

// livesOf are the samples of a process, one list for each time that it was started.
func (w *watched) livesOf(name string) [][]usage {
	lives := make([][]usage, w.lives[name])
	for _, u := range w.taken {
		if u.name == name {
			lives[u.life-1] = append(lives[u.life-1], u)
		}
	}
	return slices.DeleteFunc(lives, func(life []usage) bool { return len(life) == 0 })
}

// requireSteady compares the first quarter of samples with the last one.
func requireSteady(t *testing.T, what string, samples []usage, moreKiB int) {
	quarter := len(samples) / 4
	require.Positive(t, quarter, what)
	first, last := samples[:quarter], samples[len(samples)-quarter:]
	resident := func(u usage) int { return u.resident }
	descriptors := func(u usage) int { return u.descriptors }
	r0, r1 := median(first, resident), median(last, resident)
	d0, d1 := median(first, descriptors), median(last, descriptors)
	t.Logf("%s, %v: resident %.1f, then %.1f MiB; %d, then %d descriptors", what,
		(samples[len(samples)-1].at - samples[0].at).Round(time.Second), float64(r0)/1024,
		float64(r1)/1024, d0, d1)
	if most := r0*flatPercent/100 + moreKiB; r1 > most {
		t.Errorf("%s grows: %d KiB resident, then %d, more than %d", what, r0, r1, most)
	}
	if d1 > d0+flatDescriptors {
		t.Errorf("%s grows: %d descriptors, then %d", what, d0, d1)
	}
}

func median(list []usage, of func(usage) int) int {
	values := make([]int, len(list))
	for i, u := range list {
		values[i] = of(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
