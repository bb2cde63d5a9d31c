package page

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zlib"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
	"sandcastle/reports/text"
)

// packedData is what the page draws itself from: JSON, deflated in zlib's format, in base64. Its
// tables are columns, and texts that repeat are indexes into one list, so that 100,000 events fit.
//
//	{"v":1,"run":{…},"lesson":{…},"lanes":[…],"partitions":[…],"events":{"n":2,"at":[…],…},…}
//
// Times are microseconds. "at", "seq" and the event of a state are differences to the one before,
// "corr" is one to the event before of the same connection, "cause" says how far back it lies.
func packedData(s *digest.Story, lesson digest.Lesson) ([]byte, error) {
	var packed bytesBuffer
	z, err := zlib.NewWriterLevel(&packed, dataLevel)
	if err != nil {
		return nil, fmt.Errorf("the page's data: %w", err)
	}
	if _, err := z.Write(appendData(nil, s, lesson)); err != nil {
		return nil, fmt.Errorf("the page's data: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("the page's data: %w", err)
	}
	return base64.StdEncoding.AppendEncode(nil, packed), nil
}

// dataLevel is how hard the data is compressed, of 1 to 9.
const dataLevel = 6

// bytesBuffer grows by what is written to it.
type bytesBuffer []byte

// Write implements io.Writer.
func (b *bytesBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// micros is a time as the page counts it.
func micros(t model.Time) int64 { return int64(t) / 1000 }

// dataWriter writes the page's JSON.
type dataWriter struct {
	b       []byte
	strings []string
	index   map[string]int
	tps     []kafka.TopicPartition
	tpIndex map[kafka.TopicPartition]int
	sets    []string // partition indexes, as JSON
	setOf   map[string]int
}

func appendData(b []byte, s *digest.Story, lesson digest.Lesson) []byte {
	w := &dataWriter{b: b, index: map[string]int{}, tpIndex: map[kafka.TopicPartition]int{},
		setOf: map[string]int{}}
	w.word("") // "" is 0
	w.sets, w.setOf["[]"] = []string{"[]"}, 0
	w.partitions(&s.Diagram)
	w.raw(`{"v":1`)
	w.run(s, lesson)
	w.looks(s)
	w.key("partitions")
	w.list(len(w.tps), func(i int) { w.quote(w.tps[i].String()) })
	w.families()
	w.terms()
	w.key("internal").quote(kafka.InternalPrefix) // how names of Kafka's own topics begin
	w.events(&s.Diagram)
	w.states(&s.Diagram)
	w.bands(s)
	w.moments(s)
	w.offsets(s)
	w.leaders(s)
	w.owners(s)
	w.lags(s)
	w.rates(s)
	w.findings(s)
	w.key("partsets")
	w.list(len(w.sets), func(i int) { w.raw(w.sets[i]) })
	w.key("strings") // last, when all are known
	w.list(len(w.strings), func(i int) { w.quote(w.strings[i]) })
	return append(w.b, '}')
}

func (w *dataWriter) raw(s string) *dataWriter {
	w.b = append(w.b, s...)
	return w
}

func (w *dataWriter) quote(s string) *dataWriter {
	w.b = model.AppendJSONString(w.b, s)
	return w
}

func (w *dataWriter) int(n int64) *dataWriter {
	w.b = strconv.AppendInt(w.b, n, 10)
	return w
}

// key begins a member of the object.
func (w *dataWriter) key(name string) *dataWriter {
	return w.raw(`,"`).raw(name).raw(`":`)
}

func (w *dataWriter) list(n int, each func(i int)) {
	w.b = append(w.b, '[')
	for i := range n {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		each(i)
	}
	w.b = append(w.b, ']')
}

// column writes one column of a table of n rows.
func (w *dataWriter) column(name string, n int, of func(i int) int64) {
	w.key(name)
	w.list(n, func(i int) { w.int(of(i)) })
}

// deltas writes a column of differences.
func (w *dataWriter) deltas(name string, n int, of func(i int) int64) {
	before := int64(0)
	w.column(name, n, func(i int) int64 {
		v := of(i)
		d := v - before
		before = v
		return d
	})
}

// word is the index of a text.
func (w *dataWriter) word(s string) int64 {
	i, ok := w.index[s]
	if !ok {
		i = len(w.strings)
		w.index[s] = i
		w.strings = append(w.strings, s)
	}
	return int64(i)
}

// partitions lists the partitions that events name, in order.
func (w *dataWriter) partitions(d *digest.Diagram) {
	for i := range d.Events {
		for _, tp := range d.Events[i].Partitions {
			if _, ok := w.tpIndex[tp]; !ok {
				w.tpIndex[tp] = 0
				w.tps = append(w.tps, tp)
			}
		}
	}
	slices.SortFunc(w.tps, kafka.TopicPartition.Compare)
	for i, tp := range w.tps {
		w.tpIndex[tp] = i
	}
}

// set is the index of a set of partitions.
func (w *dataWriter) set(tps []kafka.TopicPartition) int64 {
	if len(tps) == 0 {
		return 0
	}
	var buffer [64]byte
	b := append(buffer[:0], '[')
	for i, tp := range tps {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(w.tpIndex[tp]), 10)
	}
	b = append(b, ']')
	i, ok := w.setOf[string(b)]
	if !ok {
		i = len(w.sets)
		w.setOf[string(b)] = i
		w.sets = append(w.sets, string(b))
	}
	return int64(i)
}

// families writes what the conversations of the cluster are called.
func (w *dataWriter) families() {
	all := families()
	w.key("families")
	w.list(len(all), func(i int) {
		f := &all[i]
		w.raw(`{"id":`).quote(f.ID).key("name").quote(f.Name).key("ink").quote(f.Ink)
		w.key("about").quote(f.About).raw("}")
	})
}

// run writes what was played and what the lesson says of it.
func (w *dataWriter) run(s *digest.Story, lesson digest.Lesson) {
	r := &s.Run
	w.key("run").raw(`{"scenario":`).quote(r.Scenario)
	w.key("seed").raw(strconv.FormatUint(r.Seed, 10))
	w.key("verdict").quote(string(r.Verdict))
	w.key("engine").quote(r.Engine)
	w.key("hash").quote(r.TraceHash)
	w.key("claim").quote(r.Claim)
	w.key("end").int(micros(s.End))
	w.key("command").quote(text.Command(r)).raw("}")
	w.key("lesson").raw(`{"why":`)
	why := prose.Paragraphs(lesson.Why)
	w.list(len(why), func(i int) { w.quote(why[i]) })
	w.key("question").quote(lesson.Question)
	w.key("choices")
	w.list(len(lesson.Choices), func(i int) {
		c := &lesson.Choices[i]
		w.raw(`{"text":`).quote(c.Text).key("right").int(bit(c.Right)).raw("}")
	})
	w.key("answer").quote(lesson.Answer)
	w.key("knob").knob(r, lesson.Knob)
	w.next(&lesson)
	w.raw("}")
}

// knob writes what the lesson wants changed; null when there is nothing, or it is changed already.
func (w *dataWriter) knob(r *kafka.Run, k digest.Knob) {
	changed := !slices.ContainsFunc(k.Set, func(set string) bool {
		return !slices.Contains(r.Set, set)
	})
	if changed {
		w.raw("null")
		return
	}
	w.raw(`{"set":`).quote(strings.Join(k.Set, ", ")).key("moves").quote(k.Moves)
	w.key("question").quote(k.Question)
	w.key("command").quote(text.CommandWith(r, k.Set)).raw("}")
}
