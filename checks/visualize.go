package checks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/anishathalye/porcupine"

	"sandcastle/model"
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
	list, proofs := p.appends()
	blamed := p.blamed(list, proofs)
	all := p.logOps(list, proofs).window(math.MaxInt)
	ops := aroundRank(all.ops, blamed)
	budget := stepBudget{left: pictureSteps}
	lm := logModel(all.base.before(ops), &budget)
	lm.DescribeState = func(s any) string {
		return strconv.Itoa(s.(kafka.PartitionLog).Len()) + " records"
	}
	lm.DescribeOperation = func(in, _ any) string { return p.opWitness(in.(*logOp), list).Text }
	_, info := porcupine.CheckOperationsVerbose(lm, p.pictured(ops, list), 0)
	budget.left = DefaultMaxSteps // drawing replays the model
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

// blamed is the rank of the first finding, 0 when there is none.
func (p *partition) blamed(list []appended, proofs []proof) int32 {
	for i := 1; i < len(list); i++ {
		if list[i].rank == list[i-1].rank {
			return list[i].rank
		}
	}
	earliest, blamed := model.Never, int32(0)
	for i := len(list) - 1; i >= 0; i-- {
		earliest = min(earliest, proofs[list[i].rank].at)
		if list[i].call > earliest {
			blamed = list[i].rank
		}
	}
	if blamed > 0 {
		return blamed
	}
	acked := ackedBelow(list, len(p.ranks))
	for i := range p.reads {
		numbers := p.numbers(&p.reads[i])
		for j := 1; j < len(numbers); j++ {
			a, b := p.positions(&p.reads[i])[j-1], p.positions(&p.reads[i])[j]
			if a < 0 || b < 0 || p.reads[i].rebalanced || !p.reads[i].ok {
				continue
			}
			from, to := p.rank(a, numbers[j-1]), p.rank(b, numbers[j])
			if to <= from || acked[to] > acked[from+1] {
				return to
			}
		}
	}
	return 0
}

// aroundRank keeps at most maxPictured operations, which are in order of rank, around the given
// one, from the first of a rank on.
func aroundRank(ops []logOp, rank int32) []logOp {
	at := slices.IndexFunc(ops, func(op logOp) bool { return op.rank >= rank })
	start := max(0, min(at-maxPictured/2, len(ops)-maxPictured))
	for start > 0 && ops[start].rank == ops[start-1].rank && start < at {
		start++
	}
	for start > 0 && ops[start].rank == ops[start-1].rank {
		start--
	}
	return ops[start:min(start+maxPictured, len(ops))]
}

// pictured gives each operation its process as its row, rows being numbered from 0.
func (p *partition) pictured(ops []logOp, list []appended) []porcupine.Operation {
	rows := map[int]int{}
	history := make([]porcupine.Operation, len(ops))
	for i := range ops {
		process := -1 // nobody recorded the append
		if ops[i].records != nil {
			process = p.op(p.reads[ops[i].source].op).Process
		} else if send := list[ops[i].source].send; send >= 0 {
			process = p.op(p.sends[send].op).Process
		}
		row, ok := rows[process]
		if !ok {
			row = len(rows)
			rows[process] = row
		}
		history[i] = porcupine.Operation{
			ClientId: row, Input: &ops[i], Call: int64(ops[i].call), Return: int64(ops[i].ret),
		}
	}
	return history
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
