package groups

import (
	"fmt"
	"slices"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// register is the committed offset of one group and partition: what may be read of it.
//
//	asked ──────── answered        a commit takes effect somewhere between, or never when the
//	        asked ──────── answered  answer is an error; once one is acknowledged, those that had
//	                                 been answered before it was asked are history
type register struct {
	live []*write
	past map[kafka.Offset]bool // what was committed earlier
	// void is until when anything may be read: the group began anew then. −1 for never.
	void model.Time
}

// write is a commit, or what takes one away.
type write struct {
	kafka.GroupOffset
	id     uint64         // of the exchange, 0 for none
	broker kafka.BrokerID // that was asked
	gone   bool           // it takes the offset away
	asked  model.Time
	ended  model.Time // when it was answered, Never before that
	acked  bool
	// expired says that it may have expired while the group had no members, before others came.
	expired bool
	seen    kafka.Witness
}

func newRegister() *register { return &register{past: map[kafka.Offset]bool{}, void: -1} }

func (g *group) register(tp kafka.TopicPartition) *register {
	r := g.offsets[tp]
	if r == nil {
		r = newRegister()
		g.offsets[tp] = r
	}
	return r
}

// acknowledge makes history of what ended before w was asked.
func (r *register) acknowledge(w *write) {
	w.acked = true
	if w.asked > r.void {
		r.void = -1
	}
	r.live = slices.DeleteFunc(r.live, func(o *write) bool {
		over := o != w && o.ended <= w.asked
		if over && !o.gone {
			r.past[o.Offset] = true
		}
		return over
	})
}

// last is the acknowledged commit that whoever asks at a time must know of, nil for none.
func (r *register) last(at model.Time) (last *write) {
	for _, w := range r.live {
		if w.acked && w.ended <= at && (last == nil || w.ended > last.ended) {
			last = w
		}
	}
	return last
}

// suspect is an offset that was gone without anybody having been told that it may.
type suspect struct {
	topic string
	at    model.Time
	v     Violation
}

// ReadOffsets judges what a fetch of offsets was answered. What one that is no coordinator any more
// answers is another's business.
func (f *Facts) ReadOffsets(x *kafka.GroupExchange) (list []Violation) {
	if x.API != kafka.FetchOffsets || !x.Answered || x.Code != 0 || !f.rules(x.Broker, x.Partition) {
		return nil
	}
	since := max(x.Asked, f.reign(x.Partition).since)
	for i := range x.Offsets {
		if o := &x.Offsets[i]; o.Code == 0 {
			g, s := f.group(x.Group, x.Partition), span{x.Asked, since, x.At}
			if v, ok := f.judge(g, o, s, witness(x)); !ok {
				list = append(list, v)
			}
		}
	}
	return list
}

// span is when something was read: asked by when, no earlier than, and told when.
type span struct{ asked, since, told model.Time }

// judge tells whether an offset could be read.
func (f *Facts) judge(g *group, o *kafka.GroupOffset, s span, seen kafka.Witness,
) (v Violation, ok bool) {
	r := g.register(o.TP)
	if r.void >= s.asked || r.void >= 0 && r.last(s.asked) == nil {
		return Violation{}, true
	}
	for _, w := range r.live {
		same := !w.gone && w.Offset == o.Offset && w.LeaderEpoch == o.LeaderEpoch &&
			w.Metadata == o.Metadata
		if w.asked <= s.told && (same || w.gone && o.Offset < 0) {
			return Violation{}, true
		}
	}
	last := r.last(s.asked)
	at := fmt.Sprintf("%s of %s", o.TP, g.name)
	v.Identity = fmt.Sprint(g.name, o.TP, o.Offset)
	switch {
	case o.Offset < 0 && last == nil, o.Offset < 0 && f.mayHaveExpired(g, last, s.told):
		return Violation{}, true
	case o.Offset < 0:
		v.Anomaly = kafka.LostOffset
		v.Explanation = fmt.Sprintf("the committed offset %d of %s is gone, and nothing took it away",
			last.Offset, at)
		v.Witnesses = []kafka.Witness{last.seen, seen}
		if f.reset[o.TP.Topic] > 0 {
			return Violation{}, true
		}
		f.suspects = append(f.suspects, suspect{o.TP.Topic, s.told, v})
		return Violation{}, true
	case r.past[o.Offset] && last != nil:
		v.Anomaly = kafka.RegressedOffset
		v.Explanation = fmt.Sprintf("the committed offset of %s went back to %d, over which %d had been "+
			"committed", at, o.Offset, last.Offset)
		v.Witnesses = []kafka.Witness{last.seen, seen}
	case f.reset[o.TP.Topic] > 0:
		return Violation{}, true // an offset of the topic that had the name before
	default:
		v.Anomaly = kafka.PhantomOffset
		v.Explanation = fmt.Sprintf("the committed offset of %s is %d of leader epoch %d with metadata "+
			"%q, and nobody has committed that", at, o.Offset, o.LeaderEpoch, o.Metadata)
		v.Witnesses = []kafka.Witness{seen}
		if last != nil {
			v.Witnesses = []kafka.Witness{last.seen, seen}
		}
	}
	return v, false
}

// mayHaveExpired tells whether a commit can be older than offsets.retention.minutes allows, by the
// group's time without members where it had some (KIP-211), by clocks that may be wrong.
func (f *Facts) mayHaveExpired(g *group, last *write, now model.Time) bool {
	keep := f.Settings.OffsetsRetention
	if keep <= 0 || last.expired {
		return true
	}
	since := last.asked
	for _, m := range g.members { //unordered: the latest
		if m.gone == nil {
			since = max(since, m.heard)
		}
	}
	passed := now.Sub(since)
	if f.drifts {
		passed += passed / 2 // no clock drifts by more
	}
	return passed+f.shifted >= keep-time.Second
}

// Gone are the offsets that were gone and did not go with their topics.
func (f *Facts) Gone() (list []Violation) {
	for _, s := range f.suspects {
		if f.reset[s.topic] < s.at {
			list = append(list, s.v)
		}
	}
	return list
}

// trackOffsets learns of a commit or a deletion.
func (f *Facts) trackOffsets(g *group, x *kafka.GroupExchange) {
	tps := x.Offsets
	if x.API == kafka.DeleteGroup {
		tps = nil
		for tp := range g.offsets { //unordered: each register is its own
			tps = append(tps, kafka.GroupOffset{TP: tp})
		}
	}
	for i := range tps {
		o := tps[i]
		r := g.register(o.TP)
		if !x.Answered {
			w := &write{GroupOffset: o, id: x.ID, asked: x.Asked, ended: model.Never, seen: witness(x),
				broker: x.Broker, gone: x.API != kafka.CommitOffsets}
			r.live = append(r.live, w)
			continue
		}
		for _, w := range slices.Clone(r.live) {
			if w.id != x.ID {
				continue
			}
			w.ended, w.seen = x.At, witness(x)
			code := o.Code
			if x.Code != 0 {
				code = x.Code
			}
			switch {
			case code == 0:
				r.acknowledge(w)
			case refused(code) && !f.forged:
				r.live = slices.DeleteFunc(r.live, func(o *write) bool { return o == w })
			}
		}
	}
}

// refused tells whether an error says that nothing was done: the coordinator did not append.
func refused(code int16) bool {
	switch code {
	case 3, 12, 14, 22, 24, 25, 27, 30, 68, 69, 82, 86:
		// UNKNOWN_TOPIC_OR_PARTITION, OFFSET_METADATA_TOO_LARGE, COORDINATOR_LOAD_IN_PROGRESS,
		// ILLEGAL_GENERATION, INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS,
		// GROUP_AUTHORIZATION_FAILED, NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, FENCED_INSTANCE_ID,
		// GROUP_SUBSCRIBED_TO_TOPIC
		return true
	}
	return false
}
