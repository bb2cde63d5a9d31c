package reports

import (
	"sandcastle/model/kafka"
)

// leaders writes who led every partition, and who was in sync. "stale" are the stretches in which a
// broker went on leading because it had not heard of its successor.
func (w *dataWriter) leaders(s *Story) {
	w.key("leaders")
	w.list(len(s.leaders), func(i int) {
		l := &s.leaders[i]
		w.raw(`{"partition":`).quote(l.tp.String())
		w.leaderships("spans", l.spans)
		w.leaderships("stale", l.stale)
		w.key("isr")
		w.list(len(l.isr), func(i int) {
			w.raw(`{"at":`).int(micros(l.isr[i].at))
			w.column("isr", len(l.isr[i].isr), func(j int) int64 { return int64(l.isr[i].isr[j]) })
			w.raw("}")
		})
		w.raw("}")
	})
}

func (w *dataWriter) leaderships(name string, spans []leadership) {
	w.key(name)
	w.list(len(spans), func(i int) {
		p := &spans[i]
		w.raw(`{"from":`).int(micros(p.from)).key("to").int(micros(p.to))
		w.key("leader").int(int64(p.leader)).key("epoch").int(int64(p.epoch))
		w.key("dead").int(bit(p.dead)).raw("}")
	})
}

// owners writes who owned which partition.
func (w *dataWriter) owners(s *Story) {
	w.key("owners")
	w.list(len(s.groups), func(i int) {
		g := &s.groups[i]
		w.raw(`{"group":`).quote(g.group).key("members")
		w.list(len(g.members), func(i int) { w.quote(string(g.members[i])) })
		w.key("spans")
		w.list(len(g.owned), func(i int) {
			o := &g.owned[i]
			w.raw(`{"partition":`).quote(o.partition()).key("member").quote(string(o.node))
			w.key("from").int(micros(o.from)).key("to").int(micros(o.to))
			w.key("dead").int(bit(o.dead)).raw("}")
		})
		w.raw("}")
	})
}

// partition is the name of what is owned, "" of an idle member.
func (o *ownership) partition() string {
	if o.tp == (kafka.TopicPartition{}) {
		return ""
	}
	return o.tp.String()
}

// lags writes how far groups are behind.
func (w *dataWriter) lags(s *Story) {
	share := s.share()
	w.key("lag")
	w.list(len(s.lags), func(i int) {
		l := &s.lags[i]
		w.raw(`{"group":`).quote(l.group).key("partition").quote(l.tp.String())
		w.stairs(&l.behind, share)
		w.raw("}")
	})
}
