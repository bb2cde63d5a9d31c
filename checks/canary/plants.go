package canary

import (
	"fmt"

	"sandcastle/model/kafka"
)

// historyCanary falsifies a history so that a check has to find it, and says what it did; "" where
// there is nothing to do it with.
type historyCanary struct {
	check kafka.Anomaly
	plant func(d *draft) string
}

func historyCanaries() []historyCanary {
	return []historyCanary{
		{kafka.InconsistentOffsets, otherValue},
		{kafka.Duplicate, doubled},
		{kafka.LostWrite, lost},
		{kafka.Unseen, unseen},
		{kafka.G1a, refused},
		{kafka.NonmonotonicSend, swappedSends},
		{kafka.PollSkip, gapBetweenPolls},
		{kafka.NonmonotonicPoll, swappedPolls},
		{kafka.IntPollSkip, gapInPoll},
		{kafka.IntNonmonotonicPoll, swappedInPoll},
		{kafka.KeyReordered, swappedKey},
		{kafka.Nonlinearizable, movedAcknowledgement},
	}
}

// otherValue has one poll return another value at an offset of which a producer was told.
func otherValue(d *draft) string {
	for _, s := range d.sends {
		for _, r := range d.reads {
			for i, x := range *d.records(r) {
				if r.tp == s.tp && x.Offset == s.at {
					(*d.records(r))[i].Value = s.value + "-canary"
					return fmt.Sprintf("one poll returned another value at %d of %s", s.at, s.tp)
				}
			}
		}
	}
	return ""
}

// doubled has a record stand at the offset of the next one too.
func doubled(d *draft) string {
	for i, a := range d.sends {
		for _, b := range d.sends[i+1:] {
			if a.tp != b.tp || a.at == b.at || !d.has(a) || !d.has(b) {
				continue
			}
			for _, r := range d.reads {
				for j, x := range *d.records(r) {
					if r.tp == b.tp && x.Offset == b.at {
						(*d.records(r))[j].Value = a.value
					}
				}
			}
			return fmt.Sprintf("%q stands at %d and at %d of %s", a.value, a.at, b.at, a.tp)
		}
	}
	return ""
}

// lost has nobody have read an acknowledged record, though later ones were read.
func lost(d *draft) string {
	for _, s := range d.sends {
		if d.has(s) && s.at < d.last(s.tp) && d.has(d.lastSent(s.tp)) {
			d.forget(s)
			return fmt.Sprintf("the acknowledged record at %d of %s was never read", s.at, s.tp)
		}
	}
	return ""
}

// lastSent is the acknowledged record with the highest offset of a partition.
func (d *draft) lastSent(tp kafka.TopicPartition) (last sent) {
	last.at = kafka.NoOffset
	for _, s := range d.sends {
		if s.tp == tp && s.at > last.at {
			last = s
		}
	}
	return last
}

// unseen has nobody have read the last record of a partition.
func unseen(d *draft) string {
	for _, s := range d.sends {
		if d.has(s) && s.at == d.last(s.tp) {
			d.forget(s)
			return fmt.Sprintf("the last record of %s, at %d, was never read", s.tp, s.at)
		}
	}
	return ""
}

// refused has a producer be told that a record failed which was read.
func refused(d *draft) string {
	for _, s := range d.sends {
		if op := &d.ops[s.op]; len(op.Value) == 1 && d.has(s) {
			op.Type, op.Error, op.Value[s.mop].Offset = kafka.Fail, "NOT_ENOUGH_REPLICAS", kafka.NoOffset
			return fmt.Sprintf("the record at %d of %s failed, and was read", s.at, s.tp)
		}
	}
	return ""
}

// swappedSends has two records that one process sent one after the other stand the other way round.
func swappedSends(d *draft) string {
	for i, a := range d.sends {
		for _, b := range d.sends[i+1:] {
			one, other := &d.ops[a.op], &d.ops[b.op]
			if one.Process == other.Process && a.tp == b.tp && a.at < b.at && a.op != b.op {
				one.Value[a.mop].Offset, other.Value[b.mop].Offset = b.at, a.at
				return fmt.Sprintf("two sends of process %d were told each other's offsets, %d and %d of %s",
					one.Process, a.at, b.at, a.tp)
			}
		}
	}
	return ""
}

// gapBetweenPolls takes the last record of a poll away that another one follows.
func gapBetweenPolls(d *draft) (what string) {
	d.run(func(one, _ read) bool {
		list := d.records(one)
		n := len(*list)
		if n < 2 || !d.plain(one.tp, (*list)[n-2].Offset) {
			return false
		}
		what = fmt.Sprintf("a consumer skipped %d of %s between two polls", (*list)[n-1].Offset, one.tp)
		*list = (*list)[:n-1]
		return true
	})
	return what
}

// swappedPolls has two polls that follow one another return each other's records.
func swappedPolls(d *draft) (what string) {
	d.run(func(one, next read) bool {
		a, b := d.records(one), d.records(next)
		*a, *b = *b, *a
		what = fmt.Sprintf("a consumer read %s from %d on, and then from %d", one.tp, (*a)[0].Offset,
			(*b)[0].Offset)
		return true
	})
	return what
}

// gapInPoll has one operation poll twice, and miss a record in between.
func gapInPoll(d *draft) string {
	for _, r := range d.reads {
		list := d.records(r)
		if d.ops[r.op].Final && len(*list) >= 3 && d.plain(r.tp, (*list)[0].Offset) {
			at := (*list)[1].Offset
			d.split(r, (*list)[:1:1], (*list)[2:])
			return fmt.Sprintf("the polls of one operation skipped %d of %s", at, r.tp)
		}
	}
	return ""
}

// swappedInPoll has one operation poll twice, and get the later records first.
func swappedInPoll(d *draft) string {
	for _, r := range d.reads {
		if list := *d.records(r); d.ops[r.op].Final && len(list) >= 2 {
			d.split(r, list[1:], list[:1:1])
			return fmt.Sprintf("one operation polled %d of %s before %d", list[1].Offset, r.tp,
				list[0].Offset)
		}
	}
	return ""
}

// swappedKey has two records that one producer sent to two partitions have one key, where a
// consumer has read them the other way round.
func swappedKey(d *draft) string {
	sends := map[string]int{} // the invocations with a key, by value
	for i := range d.ops {
		if op := &d.ops[i]; op.Type == kafka.Invoke && op.RecordKey != "" && len(op.Value) == 1 {
			sends[op.Value[0].Value] = i
		}
	}
	type seen struct {
		value string
		read  read
	}
	latest := map[[2]string]seen{} // of each reader and sender, what was sent last of what was read
	for _, r := range d.reads {
		if d.ops[r.op].Final {
			continue
		}
		for _, x := range *d.records(r) {
			i, keyed := sends[x.Value]
			if !keyed {
				continue
			}
			at := [2]string{d.ops[r.op].Client, d.ops[i].Client}
			before, known := latest[at]
			if known && before.read.tp != r.tp && sends[before.value] > i {
				d.ops[i].RecordKey = d.ops[sends[before.value]].RecordKey
				return fmt.Sprintf("a consumer read %q of %s after %q of %s, of the same key", x.Value, r.tp,
					before.value, before.read.tp)
			}
			if !known || i > sends[before.value] {
				latest[at] = seen{x.Value, r}
			}
		}
	}
	return ""
}

// movedAcknowledgement has a producer be told the offset of another record. An offset at which
// nobody read anything would do no harm: the record may have been appended there after all reads.
func movedAcknowledgement(d *draft) string {
	for i, a := range d.sends {
		for _, b := range d.sends[i+1:] {
			if a.tp == b.tp && a.at != b.at && a.value != b.value && d.has(a) && d.has(b) {
				d.ops[a.op].Value[a.mop].Offset = b.at
				return fmt.Sprintf("a producer was told %d for what stands at %d of %s, as another one was",
					b.at, a.at, a.tp)
			}
		}
	}
	return ""
}
