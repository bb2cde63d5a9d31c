package scenarios

import (
	"time"

	"sandcastle/broker/client"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// clientVerbs have clients do something at a chosen moment.
func clientVerbs() []verb {
	return []verb{
		{
			name: "send",
			doc: "Has producers send records now: `values`, or `count` generated ones (1 if not given), " +
				"to `partition` if it is given, with `timestamp` and `headers`.",
			takes: []string{"values", "key", "count", "partition", "timestamp", "headers"},
			of:    aProducer,
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
			name: "change",
			doc: "Changes what clients do: the `rate` of producers, what the application of consumers " +
				"takes for a record (`process`).",
			takes: []string{"rate", "process"}, of: aClient,
			do:   func(p *player, f *firing) { p.loads.change(p, f) },
			undo: func(p *player, f *firing) { p.loads.changeBack(p, f) },
		},
		{
			name: "pause-partition",
			doc: "Keeps consumers from reading `partition`, as KafkaConsumer.pause does, until it is " +
				"resumed or assigned anew; they go on polling.",
			needs: []string{"partition"}, of: aConsumer,
			do: func(p *player, f *firing) {
				attempt(notRunning, func(p *player, id model.NodeID) {
					p.world.Command(id, &client.PausePartition{TP: f.Partition})
				})(p, f)
			},
			undo: resumePartition,
		},
		{
			name: "resume-partition", doc: "Ends `pause-partition`.",
			needs: []string{"partition"}, of: aConsumer, do: resumePartition,
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
		{
			name: "seek-to-time",
			doc: "Has consumers go on at the first record of `partition` that is not older than " +
				"`timestamp`.",
			needs: []string{"partition", "timestamp"}, of: aConsumer,
			do: func(p *player, f *firing) {
				attempt(notRunning, func(p *player, id model.NodeID) {
					at := time.Duration(*f.Timestamp) * time.Millisecond
					p.world.Command(id, &client.SeekToTime{TP: f.Partition, Time: at})
				})(p, f)
			},
		},
		{
			name: "assign",
			doc: "Has consumers without a group read `partition` alone, from `offset` on, which may be " +
				"inside a batch.",
			needs: []string{"partition", "offset"}, of: aConsumer,
			do: func(p *player, f *firing) {
				attempt(notAlone, func(p *player, id model.NodeID) {
					p.world.Command(id, &client.Assign{Partitions: []kafka.TopicPartition{f.Partition}})
					p.world.Command(id, &client.Seek{TP: f.Partition, Offset: f.Offset})
				})(p, f)
			},
		},
	}
}

// notAlone is why a consumer cannot be given partitions by hand.
func notAlone(p *player, id model.NodeID) string {
	for i, consumer := range p.consumers {
		if consumer == id && p.consumerOf[i].Group != "" {
			return "it is in a group, which gives it its partitions"
		}
	}
	return notRunning(p, id)
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
			w.sendAs(a, &client.Send{
				Topic: w.cfg.Topic, Partition: w.cfg.partitionOf([]byte(v)), Value: []byte(v),
			})
		}
		return
	}
	for range a.Count {
		w.sendAs(a, w.records.Make())
		w.records.Advance()
	}
}

// sendAs sends a record with what the action says of it.
func (w *workload) sendAs(a *Action, c *client.Send) {
	if a.Partition.Topic != "" {
		c.Partition = a.Partition.Partition
	}
	c.Timestamp, c.Headers = a.Timestamp, a.Headers
	w.command(c, a.Key)
}

// resumePartition ends a pause of one partition.
func resumePartition(p *player, f *firing) {
	attempt(notRunning, func(p *player, id model.NodeID) {
		p.world.Command(id, &client.ResumePartition{TP: f.Partition})
	})(p, f)
}

func (w *workload) command(c *client.Send, key string) {
	if key != "" {
		c.Key = []byte(key)
	}
	w.p.world.Command(w.node, c)
}

// closeClient ends a client in good order.
func (p *player) closeClient(id model.NodeID) { p.world.Command(id, &client.Close{}) }
