package page

import (
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

// leaders writes who led every partition, and who was in sync. "stale" are the stretches in which a
// broker went on leading because it did not yet know of its successor.
func (w *dataWriter) leaders(s *digest.Story) {
	w.key("leaders")
	w.list(len(s.Leaders), func(i int) {
		l := &s.Leaders[i]
		w.raw(`{"partition":`).quote(l.TP.String())
		w.leaderships("spans", l.Spans)
		w.leaderships("stale", l.Stale)
		w.key("isr")
		w.list(len(l.ISR), func(i int) {
			w.raw(`{"at":`).int(micros(l.ISR[i].At))
			w.column("isr", len(l.ISR[i].ISR), func(j int) int64 { return int64(l.ISR[i].ISR[j]) })
			w.raw("}")
		})
		w.raw("}")
	})
}

func (w *dataWriter) leaderships(name string, spans []digest.Leadership) {
	w.key(name)
	w.list(len(spans), func(i int) {
		p := &spans[i]
		w.raw(`{"from":`).int(micros(p.From)).key("to").int(micros(p.To))
		w.key("leader").int(int64(p.Leader)).key("epoch").int(int64(p.Epoch))
		w.key("dead").int(bit(p.Dead)).raw("}")
	})
}

// owners writes who owned which partition.
func (w *dataWriter) owners(s *digest.Story) {
	w.key("owners")
	w.list(len(s.Groups), func(i int) {
		g := &s.Groups[i]
		w.raw(`{"group":`).quote(g.Name).key("members")
		w.list(len(g.Members), func(i int) { w.quote(string(g.Members[i])) })
		w.key("spans")
		w.list(len(g.Owned), func(i int) {
			o := &g.Owned[i]
			w.raw(`{"partition":`).quote(partitionName(o)).key("member").quote(string(o.Node))
			w.key("from").int(micros(o.From)).key("to").int(micros(o.To))
			w.key("dead").int(bit(o.Dead)).raw("}")
		})
		w.raw("}")
	})
}

// partitionName is the name of what is owned, "" of an idle member.
func partitionName(o *digest.Ownership) string {
	if o.TP == (kafka.TopicPartition{}) {
		return ""
	}
	return o.TP.String()
}

// lags writes how far groups are behind.
func (w *dataWriter) lags(s *digest.Story) {
	share := shareOf(s)
	w.key("lag")
	w.list(len(s.Lags), func(i int) {
		l := &s.Lags[i]
		w.raw(`{"group":`).quote(l.Group).key("partition").quote(l.TP.String())
		w.stairs(&l.Behind, share)
		w.raw("}")
	})
}
