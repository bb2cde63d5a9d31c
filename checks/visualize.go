package checks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/anishathalye/porcupine"

	"sandcastle/model/kafka"
)

// maxPictured is how many operations a picture shows: Porcupine's page grows with their square.
const maxPictured = 200

// pictureSteps bounds the search for a picture: what was found by then is drawn.
const pictureSteps = 100_000

// Visualize draws Porcupine's page (HTML, self-contained) for the partition key of h: the at most
// 200 operations around the first thing that no order explains, or the first 200 when all is well.
// The same history gives the same bytes. It fails when the history says nothing about key.
func Visualize(h kafka.Operations, key kafka.TopicPartition) ([]byte, error) {
	parts := partitions(h, Options{})
	i := slices.IndexFunc(parts, func(p *partition) bool { return p.key == key })
	if i < 0 || len(parts[i].slots) == 0 {
		return nil, fmt.Errorf("the history has no records of %s", key)
	}
	p := parts[i]
	order := p.logOrder()
	drawn := aroundRank(order.drawn(), order.blamed())
	q := order.pictured(drawn)
	budget := stepBudget{left: pictureSteps}
	lm := q.model(&budget)
	lm.DescribeState = func(s any) string {
		return strconv.Itoa(s.(kafka.PartitionLog).Len()) + " records"
	}
	lm.DescribeOperation = func(in, _ any) string {
		return order.witness(drawn[in.(*logOp).number]).Text
	}
	_, info := porcupine.CheckOperationsVerbose(lm, order.rows(&q, drawn), 0)
	budget.left = pictureSteps // drawing replays the model
	var page bytes.Buffer
	var err error
	crash := guarded(func() { err = porcupine.Visualize(lm, info, &page) })
	if crash != "" {
		err = errors.New(crash)
	}
	if err != nil {
		return nil, fmt.Errorf("drawing %s: %w", key, err)
	}
	return sortedPage(page.Bytes()), nil
}

// drawnOp is an operation of a picture, in which every append is put where the linear-time checker
// has it.
type drawnOp struct {
	rank   int32 // of the append, or the largest of the poll
	poll   bool
	source int32 // of an append in logOrder.list, of a poll in partition.reads
}

// drawn are all appends and ok polls of records, in order of rank, at a rank appends before polls.
func (l *logOrder) drawn() []drawnOp {
	list := make([]drawnOp, 0, len(l.list)+len(l.p.reads))
	for i := range l.list {
		list = append(list, drawnOp{rank: l.list[i].rank, source: int32(i)})
	}
	for i := range l.p.reads {
		r := &l.p.reads[i]
		if ranks := l.p.readRanks(r); r.ok && len(ranks) > 0 {
			list = append(list, drawnOp{rank: slices.Max(ranks), poll: true, source: int32(i)})
		}
	}
	slices.SortStableFunc(list, func(a, b drawnOp) int { return cmp.Compare(a.rank, b.rank) })
	return list
}

// readRanks are the ranks of a read's records whose offsets are known.
func (p *partition) readRanks(r *read) (ranks []int32) {
	for j, o := range p.positions(r) {
		if o >= 0 {
			ranks = append(ranks, p.rank(o, p.numbers(r)[j]))
		}
	}
	return ranks
}

// aroundRank keeps at most maxPictured operations around the given rank, from the first of a rank
// on.
func aroundRank(ops []drawnOp, rank int32) []drawnOp {
	at := slices.IndexFunc(ops, func(op drawnOp) bool { return op.rank >= rank })
	start := max(0, min(at-maxPictured/2, len(ops)-maxPictured))
	for start > 0 && ops[start].rank == ops[start-1].rank && start < at {
		start++
	}
	for start > 0 && ops[start].rank == ops[start-1].rank {
		start--
	}
	return ops[start:min(start+maxPictured, len(ops))]
}

// pictured is the question about some operations, which are in order of rank, of the log as they
// found it: what lies below their first append was there before. Polls alone found everything.
func (l *logOrder) pictured(drawn []drawnOp) question {
	p := l.p
	q := question{known: map[kafka.PolledRecord]bool{}, acked: map[kafka.Offset]bool{}}
	low, high, first := int32(len(p.ranks)), int32(0), int32(-1)
	for i, d := range drawn {
		low, high = min(low, d.rank), max(high, d.rank+1)
		if !d.poll {
			if first < 0 {
				first = d.rank
			}
			q.ops = append(q.ops, l.append(&l.list[d.source], i))
			continue
		}
		r := &p.reads[d.source]
		low = min(low, slices.Min(p.readRanks(r)))
		q.addPoll(p, r)
		q.ops[len(q.ops)-1].number = i
	}
	if first < 0 {
		first = high
	}
	low = max(0, low-1)
	q.offsets = p.ranks[low:high]
	q.base = kafka.NewPartitionLog(p.records(low, first))
	from, _ := slices.BinarySearchFunc(l.list, low, func(a appended, rank int32) int {
		return cmp.Compare(a.rank, rank)
	})
	for i := from; i < len(l.list) && l.list[i].rank < high; i++ {
		q.acked[p.ranks[l.list[i].rank]] = q.acked[p.ranks[l.list[i].rank]] || l.list[i].acked
	}
	return q
}

// append is a as an operation with a number.
func (l *logOrder) append(a *appended, number int) logOp {
	return logOp{
		value: l.p.values[a.value].text, offset: l.p.ranks[a.rank], call: l.p.called(a),
		ret: l.p.returned(a), number: number,
	}
}

// records are those from one rank up to before another, the first of each rank.
func (p *partition) records(from, to int32) (list []kafka.PolledRecord) {
	at, _ := slices.BinarySearchFunc(p.slots, from, func(s slot, rank int32) int {
		return cmp.Compare(s.rank, rank)
	})
	for _, s := range p.slots[at:] {
		if s.rank >= to {
			break
		}
		if n, o := len(list), p.ranks[s.rank]; n == 0 || list[n-1].Offset != o {
			list = append(list, kafka.PolledRecord{Offset: o, Value: p.values[s.value].text})
		}
	}
	return list
}

// witness is the line of the history that stands behind an operation.
func (l *logOrder) witness(d drawnOp) kafka.Witness {
	if d.poll {
		r := &l.p.reads[d.source]
		return l.p.readWitness(r, r.end-r.start-1)
	}
	return l.p.appendWitness(&l.list[d.source])
}

// rows gives each operation its process as its row, rows being numbered from 0.
func (l *logOrder) rows(q *question, drawn []drawnOp) []porcupine.Operation {
	p, rows := l.p, map[int]int{}
	history := make([]porcupine.Operation, len(q.ops))
	for i := range q.ops {
		op, process := &q.ops[i], -1 // −1: nobody recorded the append
		if d := drawn[op.number]; d.poll {
			process = p.op(p.reads[d.source].op).Process
		} else if send := l.list[d.source].send; send >= 0 {
			process = p.op(p.sends[send].op).Process
		}
		row, ok := rows[process]
		if !ok {
			row = len(rows)
			rows[process] = row
		}
		history[i] = porcupine.Operation{
			ClientId: row, Input: op, Call: int64(op.call), Return: int64(max(op.call, op.ret)),
		}
	}
	return history
}

// blamed is the lowest rank at which something contradicts, 0 for none.
func (l *logOrder) blamed() int32 {
	lowest := int32(-1)
	l.contradictions(func(c contradiction) {
		if lowest < 0 || c.rank < lowest {
			lowest = c.rank
		}
	})
	return max(lowest, 0)
}

// sortedPage puts the partial orders in the page's data into a fixed sequence: Porcupine takes them
// from a map. The page is returned as it is when its data cannot be found.
func sortedPage(page []byte) []byte {
	const before = "const data = "
	start := bytes.Index(page, []byte(before))
	if start < 0 {
		return page
	}
	start += len(before)
	var data map[string]any
	decoder := json.NewDecoder(bytes.NewReader(page[start:]))
	decoder.UseNumber()
	if decoder.Decode(&data) != nil {
		return page
	}
	end := start + int(decoder.InputOffset())
	parts, _ := data["Partitions"].([]any)
	for _, part := range parts {
		if fields, ok := part.(map[string]any); ok {
			sortPartials(fields)
		}
	}
	sorted, err := json.Marshal(data)
	if err != nil {
		return page
	}
	return slices.Concat(page[:start], sorted, page[end:])
}

// sortPartials sorts PartialLinearizations, the longest first, and makes Largest anew: for each
// operation the number of the first of them that it stands in.
func sortPartials(fields map[string]any) {
	partials, _ := fields["PartialLinearizations"].([]any)
	slices.SortStableFunc(partials, func(a, b any) int {
		return cmp.Or(cmp.Compare(len(jsonList(b)), len(jsonList(a))),
			cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	largest := map[string]int{}
	for i, partial := range partials {
		for _, step := range jsonList(partial) {
			fields, _ := step.(map[string]any)
			op := fmt.Sprint(fields["Index"])
			if _, ok := largest[op]; !ok {
				largest[op] = i
			}
		}
	}
	fields["Largest"] = largest
}

func jsonList(v any) []any {
	list, _ := v.([]any)
	return list
}
