package checks

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// txnState is what became of a transaction.
type txnState int

const (
	txnOpen txnState = iota
	txnCommitted
	txnAborted
)

// txn is one transaction of the machine.
type txn struct {
	process int
	state   txnState
	mops    []kafka.Mop // as far as they are done
	at      [2]int      // where it reads on, by partition
	line    int         // its invocation
}

// entry is what stands at an offset of a log: a record, or a marker without a value.
type entry struct {
	value string
	by    *txn
}

// logMachine plays transactions as Kafka promises them: what they send is hidden from polls at
// read_committed until they commit, markers take offsets, polls return what is committed up to the
// first open transaction, and a transaction that ends otherwise than well has moved no position.
type logMachine struct {
	t       *rapid.T
	h       kafka.History
	logs    [2][]entry
	open    []*txn
	at      map[int][2]int  // by process
	reads   map[int][2]bool // by process, what it is assigned
	sent    int
	next    int      // the next process
	aborted []string // values that were
}

func txnKey(n int) kafka.TopicPartition { return kafka.ParseKey([]string{"x", "y"}[n]) }

func (m *logMachine) record(op kafka.Op) {
	op.Index, op.Time = len(m.h), model.Time(len(m.h))
	m.h = append(m.h, op)
}

func (m *logMachine) draw(n int, label string) int { return rapid.IntRange(0, n-1).Draw(m.t, label) }

// begin invokes a transaction of a process that has none open.
func (m *logMachine) begin() {
	p := m.next
	if len(m.at) > 0 && m.draw(4, "new process") > 0 {
		free := []int{}
		for q := range m.next {
			_, alive := m.at[q]
			busy := slices.ContainsFunc(m.open, func(x *txn) bool { return x.process == q })
			if alive && !busy {
				free = append(free, q)
			}
		}
		if len(free) > 0 {
			p = free[m.draw(len(free), "process")]
		}
	}
	if p == m.next {
		m.next++
		m.at[p], m.reads[p] = [2]int{}, [2]bool{true, true}
	}
	if m.draw(5, "move") == 0 {
		m.move(p)
		return
	}
	x := &txn{process: p, at: m.at[p], line: len(m.h)}
	m.open = append(m.open, x)
	m.record(kafka.Op{Process: p, Type: kafka.Invoke, F: kafka.FTxn})
}

// move assigns a process other partitions, or moves it in one.
func (m *logMachine) move(p int) {
	at := m.at[p]
	if n := m.draw(2, "partition"); m.reads[p][n] && m.draw(2, "seek") == 0 {
		at[n] = m.draw(len(m.logs[n])+1, "to")
		m.record(kafka.Op{Process: p, Type: kafka.OK, F: kafka.FSeek,
			Offsets: []kafka.PartitionOffset{{Key: txnKey(n), Offset: kafka.Offset(at[n])}}})
		m.at[p] = at
		return
	}
	reads, keys := [2]bool{}, []string{}
	for n := range reads {
		if reads[n] = m.draw(3, "assigned") > 0; !reads[n] {
			at[n] = 0 // auto.offset.reset is earliest
			continue
		}
		keys = append(keys, txnKey(n).String())
	}
	m.record(kafka.Op{Process: p, Type: kafka.OK, F: kafka.FAssign, Keys: keys})
	m.at[p], m.reads[p] = at, reads
}

// do is one send or poll of an open transaction.
func (m *logMachine) do(x *txn) {
	if m.draw(2, "send") == 0 {
		n := m.draw(2, "log")
		m.sent++
		value := fmt.Sprint("v", m.sent)
		x.mops = append(x.mops, kafka.Mop{
			F: kafka.FSend, Key: txnKey(n), Value: value, Offset: kafka.Offset(len(m.logs[n])),
		})
		m.logs[n] = append(m.logs[n], entry{value, x})
		return
	}
	mop := kafka.Mop{F: kafka.FPoll}
	for n := range m.logs {
		if !m.reads[x.process][n] {
			continue
		}
		polled := kafka.PolledRecords{Key: txnKey(n)}
		for most := m.draw(5, "most"); x.at[n] < len(m.logs[n]) && len(polled.Records) < most; x.at[n]++ {
			e := m.logs[n][x.at[n]]
			if e.by.state == txnOpen {
				break
			}
			if e.value != "" && e.by.state == txnCommitted {
				polled.Records = append(polled.Records, kafka.PolledRecord{
					Offset: kafka.Offset(x.at[n]), Value: e.value,
				})
			}
		}
		if len(polled.Records) > 0 {
			mop.Polled = append(mop.Polled, polled)
		}
	}
	x.mops = append(x.mops, mop)
}

// end ends a transaction: it commits or aborts, and its client is told or is not.
func (m *logMachine) end(i int) {
	x := m.open[i]
	m.open = slices.Delete(m.open, i, i+1)
	x.state, m.h[x.line].Value = txnCommitted, nil
	kind := kafka.OK
	switch m.draw(6, "outcome") {
	case 0:
		x.state, kind = txnAborted, kafka.Fail
	case 1:
		x.state, kind = txnAborted, kafka.Info
	case 2:
		kind = kafka.Info
	}
	wrote := [2]bool{}
	for j := range x.mops {
		mop := &x.mops[j]
		asked := kafka.Mop{F: mop.F, Key: mop.Key, Value: mop.Value, Offset: kafka.NoOffset}
		m.h[x.line].Value = append(m.h[x.line].Value, asked)
		if mop.F == kafka.FSend {
			wrote[slices.Index([]string{"x", "y"}, mop.Key.String())] = true
			if x.state == txnAborted {
				m.aborted = append(m.aborted, mop.Value)
			}
			if kind == kafka.Fail {
				mop.Offset = kafka.NoOffset
			}
		}
	}
	for n := range wrote {
		if wrote[n] {
			m.logs[n] = append(m.logs[n], entry{by: x}) // its marker
		}
	}
	m.record(kafka.Op{Process: x.process, Type: kind, F: kafka.FTxn, Value: x.mops})
	switch kind {
	case kafka.OK:
		m.at[x.process] = x.at
	case kafka.Info:
		delete(m.at, x.process) // Jepsen gives its client a new process
	}
}

// drawTransactions is a correct history of transactions, which ends with a read of everything.
func drawTransactions(t *rapid.T, least int) *logMachine {
	m := &logMachine{t: t, at: map[int][2]int{}, reads: map[int][2]bool{}}
	for steps := rapid.IntRange(least, 60).Draw(t, "steps"); steps > 0; steps-- {
		switch pick := m.draw(8, "pick"); {
		case len(m.open) == 0 || pick < 2 && len(m.open) < 4:
			m.begin()
		case pick < 6:
			m.do(m.open[m.draw(len(m.open), "open")])
		default:
			m.end(m.draw(len(m.open), "end"))
		}
	}
	for len(m.open) > 0 {
		m.end(0)
	}
	final := kafka.Mop{F: kafka.FPoll}
	for n := range m.logs {
		polled := kafka.PolledRecords{Key: txnKey(n)}
		for at, e := range m.logs[n] {
			if e.value != "" && e.by.state == txnCommitted {
				polled.Records = append(polled.Records, kafka.PolledRecord{Offset: kafka.Offset(at), Value: e.value})
			}
		}
		if len(polled.Records) > 0 {
			final.Polled = append(final.Polled, polled)
		}
	}
	m.record(kafka.Op{Process: m.next, Type: kafka.OK, F: kafka.FPoll, Final: true, Value: []kafka.Mop{final}})
	return m
}

// many plays a property over more histories than rapid's own hundred.
func many(t *testing.T, property func(*rapid.T)) {
	for range 10 {
		rapid.Check(t, property)
	}
}

// Correct transactions have no findings: what they show is allowed, and is of those kinds.
func TestCorrectTransactionsAreOK(t *testing.T) {
	allowed := map[kafka.Anomaly]int{}
	many(t, func(t *rapid.T) {
		m := drawTransactions(t, 0)
		report := Judge(m.h, Options{})
		for _, a := range report.Allowed {
			allowed[a.Anomaly]++
			require.NotEmpty(t, a.Why)
			requireWellTold(t, a.Finding, m.h)
		}
		report.Allowed = nil
		require.Equal(t, kafka.Report{}, report, "%s", text(m.h))
	})
	for a := range allowed {
		require.Contains(t, []kafka.Anomaly{
			kafka.IntSendSkip, kafka.G0, kafka.G0Process, kafka.G0Realtime,
			kafka.G1c, kafka.G1cProcess, kafka.G1cRealtime,
		}, a)
	}
}

// What correct transactions may show is among what is drawn: of fixed draws, for chance alone does not
// draw it every time.
func TestCorrectTransactionsShowWhatIsAllowed(t *testing.T) {
	histories := rapid.Custom(func(t *rapid.T) *logMachine { return drawTransactions(t, 30) })
	allowed := map[kafka.Anomaly]int{}
	for seed := range 2000 {
		for _, a := range Judge(histories.Example(seed).h, Options{}).Allowed {
			allowed[a.Anomaly]++
		}
	}
	for _, a := range []kafka.Anomaly{kafka.IntSendSkip, kafka.G0, kafka.G1c} {
		require.Positive(t, allowed[a], "%s was never met: %v", a, allowed)
	}
}
