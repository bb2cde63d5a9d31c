package swarm

import (
	"slices"
	"strconv"
	"strings"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// Admits are the findings that a run of s may have although the cluster is sound: what Kafka does
// not promise under these settings and faults. It is judged by the scenario alone, whoever wrote
// it.
func Admits(s *scenarios.Scenario) []kafka.Anomaly {
	var out []kafka.Anomaly
	for _, rule := range rules() {
		if rule.holds(s) {
			out = append(out, rule.admits...)
		}
	}
	out = append(out, s.Expect.Findings...)
	out = append(out, s.Expect.Allow...)
	order := kafka.Anomalies()
	slices.SortFunc(out, func(a, b kafka.Anomaly) int {
		return slices.Index(order, a) - slices.Index(order, b)
	})
	return slices.Compact(out)
}

// rule is something that Kafka does not promise.
type rule struct {
	name   string
	holds  func(s *scenarios.Scenario) bool // tells whether a run may come to it
	admits []kafka.Anomaly
}

// lost is what shows when committed records go, those of groups among them.
func lost() []kafka.Anomaly {
	return []kafka.Anomaly{
		kafka.InconsistentOffsets, kafka.Duplicate, kafka.LostWrite, kafka.Unseen, kafka.G1a,
		kafka.NonmonotonicSend, kafka.PollSkip, kafka.NonmonotonicPoll, kafka.Unprocessed,
		kafka.ProcessedTwice, kafka.KeyReordered, kafka.Nonlinearizable, kafka.LogMatching,
		kafka.WeakIsr, kafka.StrongIsr, kafka.LeaderCompleteness, kafka.ConsistentRead,
		kafka.NoCommittedRecordLostGlobally, kafka.RegressedHW, kafka.LostOffset,
		kafka.RegressedOffset, kafka.OffsetBeyondEnd, kafka.RegressedGeneration,
		kafka.ResurrectedGroup,
	}
}

// unread is what shows when disks give back something else than was written: brokers and ZooKeeper
// stop there, or go on with what they read.
func unread() []kafka.Anomaly {
	return append(lost(), kafka.Stuck, kafka.StuckCore, kafka.StuckReader, kafka.UnstableGroup,
		kafka.StaleMetadata, kafka.RegressedZNode, kafka.OrphanEphemeral, kafka.MisorderedReply,
		kafka.WrongSessionExpiry, kafka.TwoControllers, kafka.TwoLeaders, kafka.PhantomOffset)
}

func rules() []rule {
	return []rule{
		{
			// A leader may go with what it alone has, and has acknowledged. Committed records stay.
			"acks", weakAcks, []kafka.Anomaly{
				kafka.InconsistentOffsets, kafka.LostWrite, kafka.Unseen, kafka.Nonlinearizable,
				kafka.LeaderCompleteness, kafka.NoCommittedRecordLostGlobally,
			},
		},
		{
			// The broker cannot tell that it has had a batch, so what is sent again stands twice, and behind
			// what was sent after it.
			"retries", blindRetries, []kafka.Anomaly{
				kafka.Duplicate, kafka.NonmonotonicSend, kafka.KeyReordered, kafka.ProcessedTwice,
				kafka.Nonlinearizable, kafka.G1a,
			},
		},
		{
			// Both together can double records: the snapshot that is written when a segment ends, or at a
			// shutdown, has only the last batch of each producer (ProducerStateManager.writeSnapshot, 3.9).
			// A broker that starts from it takes an older batch that is sent again for one out of order, and
			// the producer sends it under a new epoch (TransactionManager.canRetry, 3.9).
			"snapshots", func(s *scenarios.Scenario) bool { return pipelined(s) && rolls(s) },
			[]kafka.Anomaly{
				kafka.Duplicate, kafka.NonmonotonicSend, kafka.KeyReordered, kafka.ProcessedTwice,
				kafka.Nonlinearizable,
			},
		},
		{"unclean", unclean, lost()},
		{"power", losesPower, lost()},
		{"variant", oldProtocol, lost()},
		{
			// Before KIP-360 a broker forgot a producer with its records, which then began its numbers
			// anew in the same epoch.
			"forgotten",
			func(s *scenarios.Scenario) bool { return s.Cluster.Variants.Producers != "kip360" },
			[]kafka.Anomaly{kafka.BrokenSequence},
		},
		{
			// Kafka repairs nothing: who finds a batch that is not sound stops there.
			"damage", func(s *scenarios.Scenario) bool { return has(s, "rot", "misdirect") },
			unread(),
		},
		{
			// The group is a new one to those who come later.
			"groups deleted", func(s *scenarios.Scenario) bool {
				return has(s, "delete-group", "reset-offsets") && len(processes(s)) > 0
			},
			[]kafka.Anomaly{kafka.Unprocessed, kafka.ProcessedTwice},
		},
		{
			// An operator may set it to anything.
			"offsets set", func(s *scenarios.Scenario) bool { return has(s, "reset-offsets") },
			[]kafka.Anomaly{kafka.OffsetBeyondEnd, kafka.RegressedOffset},
		},
		{"keys move", keysMove, []kafka.Anomaly{kafka.KeyReordered}},
		// A group that commits before it works may die in between, one that commits after it may work
		// twice.
		{
			"before", func(s *scenarios.Scenario) bool {
				return slices.Contains(processes(s),
					"before")
			},
			[]kafka.Anomaly{kafka.Unprocessed},
		},
		{
			"after", func(s *scenarios.Scenario) bool {
				return slices.Contains(processes(s),
					"after")
			},
			[]kafka.Anomaly{kafka.ProcessedTwice},
		},
	}
}

// has tells whether the timeline does one of verbs.
func has(s *scenarios.Scenario, verbs ...string) bool {
	return slices.ContainsFunc(s.Timeline, func(a scenarios.Action) bool {
		return slices.Contains(verbs, a.Verb)
	})
}

// idempotent tells whether brokers know what a producer has sent already.
func idempotent(p *scenarios.Producer) bool {
	return p.Idempotence != "off" && p.Acks == "all" && p.Retries > 0 && p.InFlight <= 5
}

func weakAcks(s *scenarios.Scenario) bool {
	return slices.ContainsFunc(s.Producers,
		func(p scenarios.Producer) bool { return p.Acks != "all" })
}

// blindRetries tells whether a batch may come to a broker twice that cannot know it.
func blindRetries(s *scenarios.Scenario) bool {
	copied := slices.ContainsFunc(s.Timeline, func(a scenarios.Action) bool {
		return a.Verb == "duplicate" && a.API == "Produce"
	})
	return slices.ContainsFunc(s.Producers, func(p scenarios.Producer) bool {
		return !idempotent(&p) && (p.Retries > 0 || copied)
	})
}

// pipelined tells whether an idempotent producer has several batches on the way.
func pipelined(s *scenarios.Scenario) bool {
	return slices.ContainsFunc(s.Producers, func(p scenarios.Producer) bool {
		return idempotent(&p) && p.InFlight > 1
	})
}

// rolls tells whether segments end while the cluster works.
func rolls(s *scenarios.Scenario) bool {
	rolling := func(settings []scenarios.Setting) bool {
		return slices.ContainsFunc(settings, func(set scenarios.Setting) bool {
			return strings.HasPrefix(set.Name, "segment.") || strings.HasPrefix(set.Name,
				"retention.") ||
				strings.HasPrefix(set.Name, "log.roll.") || strings.HasPrefix(set.Name,
				"log.retention.ms") ||
				strings.HasPrefix(set.Name, "log.segment.bytes") || strings.HasPrefix(set.Name,
				"log.retention.bytes") ||
				set.Name == "max.compaction.lag.ms"
		})
	}
	return rolling(s.Cluster.Config) || has(s, "stop", "roll", "alter-config") ||
		slices.ContainsFunc(s.Topics, func(t scenarios.Topic) bool { return rolling(t.Config) })
}

func unclean(s *scenarios.Scenario) bool {
	on := func(settings []scenarios.Setting) bool {
		return slices.ContainsFunc(settings, func(set scenarios.Setting) bool {
			return set.Name == "unclean.leader.election.enable" && set.Value == "true"
		})
	}
	return on(s.Cluster.Config) || has(s, "elect-unclean") ||
		slices.ContainsFunc(s.Topics, func(t scenarios.Topic) bool { return on(t.Config) }) ||
		slices.ContainsFunc(s.Timeline, func(a scenarios.Action) bool {
			return a.Unclean ||
				on(a.Config)
		})
}

// losesPower tells whether disks lose more than replication makes up for: see drawPowerLoss.
func losesPower(s *scenarios.Scenario) bool {
	losses, restless := 0, false
	for i := range s.Timeline {
		a := &s.Timeline[i]
		switch {
		case a.Verb == "cut-tail":
			return true
		case slices.Contains([]string{"power-loss", "wipe", "tear"}, a.Verb) && !onlyZooKeeper(a):
			losses++
		case !calm(a):
			restless = true
		}
	}
	return losses > 0 && (losses > 1 || restless || !everywhere(s, "min.insync.replicas", 2))
}

// calm tells whether an entry keeps every broker alive and in touch with ZooKeeper and the others.
func calm(a *scenarios.Action) bool {
	toClients := !slices.ContainsFunc(a.To, func(r scenarios.Role) bool { return !client(r) })
	ofClients := !slices.ContainsFunc(a.Targets, func(r scenarios.Role) bool { return !client(r) })
	switch a.Verb {
	case "reset", "delete-records", "elect-preferred", "reassign", "lead", "add-partitions",
		"alter-config", "create-topic", "delete-topic", "delete-group", "reset-offsets",
		"describe":
		return true
	case "hold", "drop", "postpone", "slow", "cut", "cut-one-way":
		return toClients || ofClients
	case "answer":
		return ofClients
	default:
		return len(a.Targets) > 0 && ofClients
	}
}

// client tells whether a role is a producer or a consumer.
func client(r scenarios.Role) bool {
	return strings.HasPrefix(r.Arg, "producer-") || strings.HasPrefix(r.Arg, "consumer-")
}

// onlyZooKeeper tells whether ZooKeeper alone is meant, which flushes before it answers.
func onlyZooKeeper(a *scenarios.Action) bool {
	return a.Verb != "wipe" && len(a.Targets) == 1 && a.Targets[0].Kind == "zookeeper"
}

// everywhere tells whether a setting of every topic is at least so much.
func everywhere(s *scenarios.Scenario, name string, least int) bool {
	return !slices.ContainsFunc(s.Topics, func(t scenarios.Topic) bool {
		for _, set := range t.Config {
			if n, err := strconv.Atoi(set.Value); set.Name == name && err == nil && n >= least {
				return false
			}
		}
		return true
	})
}

// oldProtocol tells whether the cluster behaves as Kafka did before a fix.
func oldProtocol(s *scenarios.Scenario) bool {
	v := s.Cluster.Variants
	return v.Truncation != "kip320" || v.FollowerHW != "after" || v.Producers != "kip360" ||
		slices.ContainsFunc(s.Consumers, func(c scenarios.Consumer) bool { return !c.Epochs })
}

// keysMove tells whether records of one key may come to stand in several partitions.
func keysMove(s *scenarios.Scenario) bool {
	keyed := func(topic string) bool {
		return slices.ContainsFunc(s.Producers, func(p scenarios.Producer) bool {
			return p.Topic == topic && p.Keys > 0
		})
	}
	return slices.ContainsFunc(s.Timeline, func(a scenarios.Action) bool {
		return (a.Verb == "add-partitions" || a.Verb == "create-topic") && keyed(a.Name)
	})
}

// processes are the ways in which groups commit whose work is judged.
func processes(s *scenarios.Scenario) []string {
	var out []string
	for i := range s.Consumers {
		if c := s.Consumers[i].Commit; c == "before" || c == "after" {
			out = append(out, c)
		}
	}
	return out
}

// steadfast tells whether every send must end well: nobody who sends dies or gives up before the
// cluster is whole again.
func steadfast(s *scenarios.Scenario) bool {
	for i := range s.Producers {
		p := &s.Producers[i]
		given := func(name string) bool {
			return slices.ContainsFunc(p.Config,
				func(set scenarios.Setting) bool { return set.Name == name })
		}
		if !idempotent(p) || given("delivery.timeout.ms") || given("max.request.size") ||
			given("buffer.memory") || given("max.block.ms") {
			return false
		}
	}
	if has(s, "close", "delete-topic", "answer") || unclean(s) || losesPower(s) || oldProtocol(s) ||
		has(s, "rot", "misdirect") {
		return false
	}
	// Then followers take a small batch each replica.fetch.wait.max.ms only, and what queues up behind
	// it may grow older than delivery.timeout.ms.
	if slices.ContainsFunc(s.Cluster.Config, func(set scenarios.Setting) bool {
		return set.Name == "replica.fetch.min.bytes" && set.Value != "1"
	}) {
		return false
	}
	for i := range s.Topics {
		for _, set := range s.Topics[i].Config {
			if set.Name == "max.message.bytes" {
				return false
			}
		}
	}
	return !slices.ContainsFunc(s.Timeline, func(a scenarios.Action) bool {
		return slices.ContainsFunc(a.Targets, func(r scenarios.Role) bool {
			return r.Kind == "all" || strings.HasPrefix(r.Arg, "producer-")
		}) && slices.Contains([]string{"kill", "restart", "power-loss", "wipe", "pause"}, a.Verb)
	})
}
