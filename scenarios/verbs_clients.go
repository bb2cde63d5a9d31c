package scenarios

import (
	"sandcastle/broker/client"
	"sandcastle/model"
)

// clientVerbs have clients do something at a chosen moment.
func clientVerbs() []verb {
	return []verb{
		{
			name:  "send",
			doc:   "Has producers send records now: `values`, or `count` generated ones (1 if not given).",
			takes: []string{"values", "key", "count"}, of: aProducer,
			do: func(p *player, f *firing) {
				p.eachProducer(f, func(w *workload) { w.sendNow(f.Action) })
			},
		},
		{
			name:  "delete-key",
			doc:   "Has producers send a record with `key` and no value, a tombstone.",
			needs: []string{"key"}, of: aProducer,
			do: func(p *player, f *firing) {
				p.deleted = append(p.deleted, f.Key)
				p.eachProducer(f, func(w *workload) {
					w.command(&client.Send{Topic: w.cfg.Topic, Partition: -1}, f.Key)
				})
			},
		},
		{
			name:  "seek",
			doc:   "Has consumers go on at `offset` of `partition`.",
			needs: []string{"partition", "offset"}, of: aConsumer,
			do: func(p *player, f *firing) {
				attempt(notRunning, func(p *player, id model.NodeID) {
					p.world.Command(id, &client.Seek{TP: f.Partition, Offset: f.Offset})
				})(p, f)
			},
		},
	}
}

// eachProducer does something with each producer among the targets that runs.
func (p *player) eachProducer(f *firing, do func(*workload)) {
	for _, w := range p.producers {
		for _, id := range f.nodes {
			if w.node == id && !p.failed(f, id, notRunning(p, id)) {
				do(w)
			}
		}
	}
}

// sendNow sends what an action says, beside what the producer sends by itself.
func (w *workload) sendNow(a *Action) {
	if len(a.Values) > 0 {
		for _, v := range a.Values {
			w.command(&client.Send{
				Topic: w.cfg.Topic, Partition: w.cfg.partitionOf([]byte(v)), Value: []byte(v),
			}, a.Key)
		}
		return
	}
	for range a.Count {
		w.command(w.records.Make(), a.Key)
		w.records.Advance()
	}
}

func (w *workload) command(c *client.Send, key string) {
	if key != "" {
		c.Key = []byte(key)
	}
	w.p.world.Command(w.node, c)
}

// closeClient ends a client in good order.
func (p *player) closeClient(id model.NodeID) { p.world.Command(id, &client.Close{}) }
