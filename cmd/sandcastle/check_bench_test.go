package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/rundir"
)

// clientsHistory writes the history of 20 clients of a correct Kafka to a file.
type clientsHistory struct {
	operations, partitions int
	txns                   bool // every second operation is a transaction of two sends and a poll
	lossy                  bool // a record of a thousand is gone
}

// busyClient is one client and its open operation.
type busyClient struct {
	process   int
	open      string // f, "" for none
	partition [2]int
	values    [2]string
	positions []int
}

func (c clientsHistory) write(path string) error {
	const clients, unknown = 20, 100 // one send of a hundred
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := &historyWriter{Writer: bufio.NewWriter(f), logs: make([][]string, c.partitions), lossy: c.lossy}
	rand := model.NewRand(1, "clients")
	all := make([]busyClient, clients)
	for i := range all {
		all[i] = busyClient{process: i, positions: make([]int, c.partitions)}
	}
	for next, begun := clients, 0; ; {
		if begun == c.operations {
			break
		}
		b := &all[rand.Below(uint64(len(all)))]
		if b.open == "" {
			b.open = []string{"send", "send", "poll"}[rand.Below(3)]
			if c.txns && begun%2 == 0 {
				b.open = "txn"
			}
			for i := range b.values {
				b.partition[i] = int(rand.Below(uint64(c.partitions)))
				b.values[i] = "v" + strconv.Itoa(2*begun+i)
			}
			w.invoke(b)
			begun++
			continue
		}
		if b.open != "poll" && rand.Below(unknown) == 0 {
			w.end(b, "info", rand.Below(2) == 0)
			b.process, next = next, next+1
		} else {
			w.end(b, "ok", true)
		}
		b.open = ""
	}
	w.finalReads()
	return w.Flush()
}

// historyWriter writes lines.
type historyWriter struct {
	*bufio.Writer
	logs        [][]string
	lines, time int
	lossy       bool
}

func (w *historyWriter) line(process int, end, f, value, more string) {
	w.time += 1500
	fmt.Fprintf(w, `{"index":%d,"process":%d,"type":%q,"f":%q,"time":%d,"value":[%s]%s}`+"\n",
		w.lines, process, end, f, w.time, value, more)
	w.lines++
}

func (w *historyWriter) invoke(b *busyClient) {
	var mops []string
	for i := range b.sends() {
		mops = append(mops, fmt.Sprintf(`["send","orders-%d",%q]`, b.partition[i], b.values[i]))
	}
	if b.open != "send" {
		mops = append(mops, `["poll"]`)
	}
	w.line(b.process, "invoke", b.open, strings.Join(mops, ","), "")
}

// sends is how many records the open operation sends.
func (b *busyClient) sends() int { return map[string]int{"send": 1, "txn": 2}[b.open] }

// end completes the operation of b, whose records are there if applied.
func (w *historyWriter) end(b *busyClient, end string, applied bool) {
	var mops []string
	for i := range b.sends() {
		p, value := b.partition[i], fmt.Sprintf("%q", b.values[i])
		if applied {
			w.logs[p] = append(w.logs[p], b.values[i])
		}
		if end == "ok" {
			value = fmt.Sprintf("[%d,%s]", len(w.logs[p])-1, value)
		}
		mops = append(mops, fmt.Sprintf(`["send","orders-%d",%s]`, p, value))
	}
	if b.open != "send" {
		p := b.partition[1]
		mops = append(mops, w.poll(p, &b.positions[p], 10))
	}
	w.line(b.process, end, b.open, strings.Join(mops, ","), "")
}

// poll reads at most some records of a partition from a position on.
func (w *historyWriter) poll(p int, position *int, most int) string {
	var records []string
	for n := 0; n < most && *position < len(w.logs[p]); n++ {
		if !w.lossy || *position%1000 != 500 {
			records = append(records, fmt.Sprintf("[%d,%q]", *position, w.logs[p][*position]))
		}
		*position++
	}
	return fmt.Sprintf(`["poll",{"orders-%d":[%s]}]`, p, strings.Join(records, ","))
}

// finalReads has a fresh consumer read everything.
func (w *historyWriter) finalReads() {
	const reader = 1 << 20
	for p := range w.logs {
		for position := 0; position < len(w.logs[p]); {
			w.line(reader, "invoke", "poll", `["poll"]`, `,"final":true`)
			w.line(reader, "ok", "poll", w.poll(p, &position, 500), `,"final":true`)
		}
	}
}

// BenchmarkCheckMillion judges a million operations of 20 clients, of which one send of a hundred
// has an unknown outcome, reading included, as the command does.
func BenchmarkCheckMillion(b *testing.B) {
	for _, c := range []struct {
		name string
		clientsHistory
		verdict kafka.Verdict
	}{
		{"10 partitions", clientsHistory{partitions: 10}, kafka.VerdictOK},
		{"1 partition", clientsHistory{partitions: 1}, kafka.VerdictOK},
		{"every second a transaction", clientsHistory{partitions: 10, txns: true}, kafka.VerdictOK},
		{"a record of a thousand lost", clientsHistory{partitions: 10, lossy: true}, kafka.VerdictViolated},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.operations = 1_000_000
			path := filepath.Join(b.TempDir(), "history.ndjson")
			require.NoError(b, c.write(path))
			stop := tuneMemory(checkFloor)
			defer stop()
			b.ReportAllocs()
			for b.Loop() {
				h, unread, err := rundir.ReadHistory(path)
				require.NoError(b, err)
				require.Equal(b, c.verdict, judge(path, h, unread, checks.Options{}).Verdict)
			}
		})
	}
}
