package scenarios

import (
	"slices"
	"time"

	"sandcastle/broker/client"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// adminVerbs are what an operator asks of a cluster, through Kafka's own requests.
func adminVerbs() []verb {
	return []verb{
		{
			name: "create-topic",
			doc: "Creates a topic of `topics`, one that was deleted or has `create: off`, with the " +
				"settings that it has there, or with `partitions` and `config`.",
			on: onTopic, takes: []string{"partitions", "config"},
			do: (*player).createTopic,
		},
		{
			name: "delete-topic",
			doc: "Deletes the topic with its records. Nothing is claimed of what was sent to it until it " +
				"is created again.",
			on: onTopic,
			do: asks(func(a *Action) model.Command { return &client.DeleteTopic{Name: a.Name} }),
		},
		{
			name: "add-partitions", doc: "Has the topic get more partitions: `partitions` in all.",
			on: onTopic, needs: []string{"partitions"},
			do: func(p *player, f *firing) {
				p.topics.Grow(f.Name, f.Partitions)
				p.world.Command(adminNode,
					&client.CreatePartitions{Name: f.Name, Count: int32(f.Partitions)})
			},
		},
		{
			name: "alter-config", doc: "Changes the topic's configuration to `config`.",
			on: onTopic, needs: []string{"config"},
			do: func(p *player, f *firing) {
				p.tellAltered(f.Name, f.Config)
				p.world.Command(adminNode,
					&client.AlterConfigs{Topic: f.Name, Settings: clientSettings(f.Config)})
			},
		},
		{
			name: "delete-records",
			doc: "Deletes the partition's records `before` an offset; all below the high watermark " +
				"without.",
			on: onPartition, takes: []string{"before"},
			do: func(p *player, f *firing) {
				p.world.Command(adminNode, &client.DeleteRecords{TP: f.Partition, Before: f.Before})
			},
		},
		{
			name: "delete-group", doc: "Deletes the group with its committed offsets, if it has no members.",
			on: onGroup,
			do: asks(func(a *Action) model.Command { return &client.DeleteGroup{Group: a.Name} }),
		},
		{
			name: "describe",
			doc: "Asks the cluster about its topics, their `configs` and `offsets`, its groups or their " +
				"`group-offsets`, as an operator does who looks around.",
			on: onListing, do: describe,
		},
		{
			name: "reset-offsets",
			doc: "Commits `offset` for the group in `partition`, if it has no members, as " +
				"kafka-consumer-groups.sh --reset-offsets does.",
			on: onGroup, needs: []string{"partition", "offset"},
			do: asks(func(a *Action) model.Command {
				return &client.AlterGroupOffsets{Group: a.Name, Offsets: []kafka.PartitionOffset{
					{Key: a.Partition, Offset: a.Offset},
				}}
			}),
		},
		{
			name: "elect-preferred",
			doc:  "Makes the first replica of the partition its leader, if it is in sync.",
			on:   onPartition,
			do:   asks(func(a *Action) model.Command { return &client.ElectLeaders{TP: a.Partition} }),
		},
		{
			name: "elect-unclean", doc: "Gives an offline partition any live replica as its leader.",
			on: onPartition,
			do: asks(func(a *Action) model.Command {
				return &client.ElectLeaders{TP: a.Partition, Unclean: true}
			}),
		},
		{
			name: "reassign", doc: "Moves the partition to the brokers `replicas`.",
			on: onPartition, needs: []string{"replicas"},
			do: asks(func(a *Action) model.Command {
				c := &client.AlterPartitionReassignments{TP: a.Partition, Replicas: []int32{}}
				for _, id := range a.Replicas {
					c.Replicas = append(c.Replicas, int32(id))
				}
				return c
			}),
		},
	}
}

// asks is the do of a verb that sends the admin client a command.
func asks(command func(*Action) model.Command) func(*player, *firing) {
	return func(p *player, f *firing) { p.world.Command(adminNode, command(f.Action)) }
}

func clientSettings(settings []Setting) []client.Setting {
	var out []client.Setting
	for _, s := range settings {
		out = append(out, client.Setting{Name: s.Name, Value: s.Value})
	}
	return out
}

// listingNames are what `describe` can ask about.
func listingNames() []string {
	return []string{"topics", "configs", "offsets", "groups", "group-offsets"}
}

// describe asks about everything of a kind that the scenario has.
func describe(p *player, f *firing) {
	ask := func(c model.Command) { p.world.Command(adminNode, c) }
	switch f.Name {
	case "topics":
		ask(&client.DescribeTopics{})
	case "groups":
		ask(&client.ListGroups{})
	}
	for i := range p.s.Topics {
		name := p.s.Topics[i].Name
		switch f.Name {
		case "configs":
			ask(&client.DescribeConfigs{Topic: name})
		case "offsets":
			for n := range p.topics.Partitions(name) {
				tp := kafka.TopicPartition{Topic: name, Partition: int32(n)}
				// The earliest, the latest, the largest timestamp (KIP-734), and a time of the run.
				for _, at := range []int64{-2, -1, -3,
					time.Duration(p.world.Now()).Milliseconds() / 2} {
					ask(&client.ListOffsets{TP: tp, Time: at})
				}
			}
		}
	}
	var asked []string
	for i := range p.s.Consumers {
		g := p.s.Consumers[i].Group
		if g == "" || slices.Contains(asked, g) {
			continue
		}
		asked = append(asked, g)
		switch f.Name {
		case "groups":
			ask(&client.DescribeGroup{Group: g})
		case "group-offsets":
			ask(&client.ListGroupOffsets{Group: g})
		}
	}
}

// createTopic asks for a topic that is not there.
func (p *player) createTopic(f *firing) {
	for i := range p.s.Topics {
		if p.s.Topics[i].Name != f.Name {
			continue
		}
		t := p.s.Topics[i]
		if f.Partitions > 0 {
			t.Partitions, t.Assignment = f.Partitions, nil
		}
		t.Config = append(slices.Clone(t.Config), f.Config...)
		p.topics.Make(t.Name, t.Partitions)
		p.tellAltered(t.Name, t.Config)
		p.world.Command(adminNode, t.command())
	}
}

// tellSettings tells the checks of logs, which believe no broker in what may be deleted, what
// brokers and topics are set to from the beginning.
func (p *player) tellSettings() {
	book := p.watcher.Logs()
	for _, s := range p.s.Cluster.Config {
		book.SetBrokers(s.Name, s.Value)
	}
	for i := range p.s.Topics {
		t := &p.s.Topics[i]
		for _, s := range t.Config {
			book.SetTopic(t.Name, s.Name, s.Value)
		}
	}
}

// tellAltered says that an operator asks for other settings of a topic.
func (p *player) tellAltered(topic string, settings []Setting) {
	for _, s := range settings {
		p.watcher.Logs().AlterTopic(topic, s.Name, s.Value)
	}
}
