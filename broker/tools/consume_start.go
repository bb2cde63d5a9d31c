package tools

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sandcastle/broker/client"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// startKind says where in a partition reading begins.
type startKind uint8

const (
	startDefault   startKind = iota // nothing was said
	startBeginning                  // at the beginning
	startEnd                        // at the end
	startStored                     // where the group committed
	startOffset                     // at an offset
	startTail                       // so many records before the end
	startTime                       // at a time
)

// start is where in each partition reading begins.
type start struct {
	kind   startKind
	number int64 // the offset, the records before the end, or milliseconds since 1970
}

// parseStart reads the value of -o.
func parseStart(text string, now time.Time) (start, error) {
	switch text {
	case "":
		return start{}, nil
	case "beginning", "earliest":
		return start{kind: startBeginning}, nil
	case "end", "latest":
		return start{kind: startEnd}, nil
	case "stored":
		return start{kind: startStored}, nil
	}
	if at := strings.TrimPrefix(text, "s"); strings.HasPrefix(at, "@") {
		t, err := parseTime(at[1:], now)
		if err != nil {
			return start{}, model.BadInput("-o %s: %s", text, err)
		}
		return start{startTime, t.UnixMilli()}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return start{}, model.BadInput(
			"-o %s: want beginning, end, stored, an offset N, -N before the end, or @TIME", text)
	case strings.HasPrefix(text, "-"):
		return start{startTail, -n}, nil
	default:
		return start{startOffset, n}, nil
	}
}

// parseTime reads a time: milliseconds since 1970, a date with or without a time of day and zone,
// or a duration before now.
func parseTime(text string, now time.Time) (time.Time, error) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms >= 0 {
		return time.UnixMilli(ms), nil
	}
	if d, err := time.ParseDuration(text); err == nil && d <= 0 {
		return now.Add(d), nil
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02T15:04",
		time.DateOnly,
	} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf(
		"%q is no time: want milliseconds since 1970, 2026-11-23T15:04:05, or -10m", text)
}

func parsePartitions(arg, list string, some bool) ([]int32, error) {
	if !some {
		return nil, nil
	}
	var parts []int32
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 0 {
			return nil, model.BadInput("%s: want TOPIC or TOPIC:PARTITION, as in users:0", arg)
		}
		parts = append(parts, int32(n))
	}
	return parts, nil
}

// reading is what is to be read.
type reading struct {
	topics []string
	wanted map[string][]int32 // partitions by topic; none for all
	some   bool               // partitions were named
	member bool               // as a member of a group: the partitions are assigned
	from   start

	parts   []kafka.TopicPartition // unless it is a member
	offsets []kafka.Offset         // of a tail, by partition
}

// reset is auto.offset.reset: what holds where nothing was committed, or where the offset is gone.
func (r *reading) reset() string {
	if r.from.kind == startBeginning {
		return "earliest"
	}
	return "latest"
}

// find asks the cluster for what is to be read, so that a mistake shows at once.
func (r *reading) find(ctx context.Context, b *Bootstrap) error {
	a, err := b.open("sandcastle-consume")
	if err != nil {
		return err
	}
	defer a.close()
	if err := r.locate(ctx, a); err != nil {
		return err
	}
	if r.from.kind == startTail {
		return r.findTail(ctx, a)
	}
	return nil
}

// locate finds the partitions of the topics.
func (r *reading) locate(ctx context.Context, a *Admin) error {
	topics, err := a.topics(ctx, r.topics)
	if err != nil {
		return err
	}
	for _, t := range topics {
		want := r.wanted[t.Name]
		for p := range t.Partitions {
			if len(want) == 0 || slices.Contains(want, int32(p)) {
				tp := kafka.TopicPartition{Topic: t.Name, Partition: int32(p)}
				r.parts = append(r.parts, tp)
			}
		}
		for _, p := range want {
			if n := len(t.Partitions); int(p) >= n || p < 0 {
				return refusal(fmt.Sprintf("partition %d of topic %s", p, t.Name),
					wire.UnknownTopicOrPartition, "it has "+partitionsText(n))
			}
		}
	}
	return nil
}

// findTail asks where the last records begin.
func (r *reading) findTail(ctx context.Context, a *Admin) error {
	for _, tp := range r.parts {
		first, err := a.offset(ctx, tp, int64(client.EarliestOffset))
		if err != nil {
			return err
		}
		end, err := a.offset(ctx, tp, int64(client.LatestOffset))
		if err != nil {
			return err
		}
		r.offsets = append(r.offsets, max(first, end-kafka.Offset(r.from.number)))
	}
	return nil
}

// offset asks for an offset of a partition by its time.
func (a *Admin) offset(ctx context.Context, tp kafka.TopicPartition, at int64,
) (kafka.Offset, error) {
	question := client.ListOffsets{TP: tp, Time: at}
	err := a.must(ctx, "offsets of "+partitionName(tp), &question)
	return question.Offset, err
}

// commands make a consumer begin. Nothing is read before all of them are carried out.
func (r *reading) commands() []model.Command {
	if r.member {
		return []model.Command{&client.Subscribe{Topics: r.topics}}
	}
	assign := &client.Assign{Partitions: r.parts}
	switch r.from.kind {
	case startDefault, startStored:
		return []model.Command{assign}
	case startEnd:
		assign.From = new(client.LatestOffset)
	default:
		assign.From = new(client.EarliestOffset)
	}
	list := []model.Command{&client.Pause{}, assign}
	for i, tp := range r.parts {
		switch r.from.kind {
		case startOffset:
			list = append(list, &client.Seek{TP: tp, Offset: kafka.Offset(r.from.number)})
		case startTail:
			list = append(list, &client.Seek{TP: tp, Offset: r.offsets[i]})
		case startTime:
			ms := min(r.from.number, math.MaxInt64/int64(time.Millisecond)) // the year 2262
			list = append(list, &client.SeekToTime{TP: tp, Time: time.Duration(ms) * time.Millisecond})
		}
	}
	return append(list, &client.Resume{})
}
