package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// What a scenario may ask for. Kafka bounds little of it, but here all of it stands in one
// process's memory; reaching a limit is an error with its place, not the end of the program.
const (
	maxFile     = 1 << 20          // bytes of a scenario file
	maxText     = 10_000           // bytes of one text in it
	maxEntries  = 1_000            // of one list in it
	maxSettle   = time.Hour        // virtual time in which a run comes to rest
	maxRecords  = 5_000_000        // that producers send
	maxLogBytes = int64(4) << 30   // that they put into the logs of all replicas
	maxRecord   = int64(100) << 20 // bytes of a record: what socket.request.max.bytes lets in
	maxReplicas = 40_000           // of all partitions
	maxClients  = 1_100            // producers and consumers
	maxBrokers  = 200
	// maxEvents ends a run that would go on: at a million events a second it takes some minutes.
	maxEvents = 200_000_000
)

// maxPartitions bounds the topics that brokers create by themselves, too.
const maxPartitions = 10_000

// load is what the producers of a scenario ask for, at most.
type load struct{ records, bytes int64 }

func (l load) add(records, bytes int64) load {
	return load{capped(l.records, records), capped(l.bytes, bytes)}
}

// capped adds without ever becoming negative.
func capped(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// times multiplies without ever becoming negative.
func times(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64/a {
		return math.MaxInt64
	}
	return a * b
}

// loadOf is what one producer sends, by itself and when the timeline has it send.
func (s *Scenario) loadOf(p *Producer) load {
	replicas := int64(1)
	for i := range s.Topics {
		if t := &s.Topics[i]; t.Name == p.Topic {
			replicas = int64(t.Replicas)
		}
	}
	of := func(records, size int64) (int64, int64) {
		return records, times(times(records, max(size, 1)), replicas)
	}
	l := load{}.add(of(p.sends(), p.Size))
	for i := range s.Timeline {
		a := &s.Timeline[i]
		if !a.targets("producer-" + p.Name) {
			continue
		}
		switch a.Verb {
		case "send":
			if len(a.Values) > 0 {
				for _, v := range a.Values {
					l = l.add(of(1, max(int64(len(v)), p.Size)))
				}
				continue
			}
			l = l.add(of(int64(a.Count), p.Size))
		case "change":
			faster := *p
			faster.Rate, faster.Start = a.Rate, max(p.Start, a.At)
			l = l.add(of(faster.sends(), p.Size))
		}
	}
	return l
}

// sends is how many records the producer sends by itself, at most.
func (p *Producer) sends() int64 {
	if p.Rate.N == 0 || p.Until <= p.Start {
		return 0
	}
	every := p.Rate.Every()
	n := int64((p.Until - p.Start + every - 1) / every)
	if p.Count > 0 {
		n = min(n, int64(p.Count))
	}
	if len(p.Values) > 0 {
		n = min(n, int64(len(p.Values)))
	}
	return n
}

// targets tells whether an action may be done to a producer.
func (a *Action) targets(node string) bool {
	for _, r := range a.Targets {
		if r.Kind == "all" || r.Arg == node {
			return true
		}
	}
	return false
}

// completePartitions refuses settings of brokers by which topics get more partitions than there may
// be.
func (d *decoder) completePartitions(settings []Setting) {
	for _, set := range settings {
		if set.Name != "num.partitions" && set.Name != "offsets.topic.num.partitions" {
			continue
		}
		if n, err := strconv.Atoi(set.Value); err == nil && n > maxPartitions {
			d.failAt(set.pos, "", "%s=%d would be more partitions than a scenario may have, %d", set.Name, n,
				maxPartitions)
		}
	}
}

// completeLimits refuses what would not fit into any machine.
func (d *decoder) completeLimits(s *Scenario) {
	var all load
	for i := range s.Producers {
		p := &s.Producers[i]
		l := s.loadOf(p)
		all = all.add(l.records, l.bytes)
		switch {
		case p.Size > maxRecord:
			d.failAt(p.pos, "give it a smaller size: a broker takes no request above "+
				sizeText(maxRecord), "producer %q would send %s", p.Name, l.text(p.Size))
		case all.records > maxRecords || all.bytes > maxLogBytes:
			d.failAt(p.pos, fmt.Sprintf("a scenario may have %d records and %s in the logs of all "+
				"replicas: lower the rate or the size, or give until or count", maxRecords,
				sizeText(maxLogBytes)), "producer %q would send %s", p.Name, l.text(p.Size))
		}
	}
	d.completePartitions(s.Cluster.Config)
	replicas := 0
	for i := range s.Topics {
		t := &s.Topics[i]
		if replicas += s.mostPartitions(t) * t.Replicas; replicas > maxReplicas {
			d.failAt(t.pos, "lower partitions or replicas", "with topic %q the brokers would hold %d "+
				"replicas of partitions, and a scenario may have %d", t.Name, replicas, maxReplicas)
		}
	}
	clients := len(s.Producers)
	for i := range s.Consumers {
		if clients += s.Consumers[i].Members; clients > maxClients {
			d.failAt(s.Consumers[i].pos, "lower members", "that makes %d producers and consumers, and a "+
				"scenario may have %d", clients, maxClients)
		}
	}
}

// text says how much a load is.
func (l load) text(size int64) string {
	return fmt.Sprintf("%s of %s, %s with every replica", counted(l.records, "record"), sizeText(size),
		sizeText(l.bytes))
}

func counted(n int64, noun string) string {
	switch n {
	case 1:
		return "1 " + noun
	case math.MaxInt64:
		return "more " + noun + "s than can be counted"
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}

// sizeText is a number of bytes in the largest unit that leaves a whole number of three digits.
func sizeText(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	at := 0
	for n >= 10_000 && at < len(units)-1 || n >= 1024 && n%1024 == 0 && at < len(units)-1 {
		n, at = n/1024, at+1
	}
	return fmt.Sprintf("%d %s", n, units[at])
}

// mostPartitions is how many partitions a topic may have in the course of the run.
func (s *Scenario) mostPartitions(t *Topic) int {
	most := t.Partitions
	for i := range s.Timeline {
		if a := &s.Timeline[i]; a.Name == t.Name {
			most = max(most, a.Partitions)
		}
	}
	return most
}
