package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sandcastle/broker/client"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func newTopic() *cobra.Command {
	var b bootstrapFlags
	cmd := &cobra.Command{
		Use:   "topic",
		Short: "Create, list, describe and delete topics of a running cluster",
		Example: `  sandcastle topic create users --partitions 2
  sandcastle topic create orders -p 3 -r 3 --config min.insync.replicas=2
  sandcastle topic list
  sandcastle topic describe orders
  sandcastle topic delete orders --bootstrap localhost:9093`,
		Args: oneOf,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	b.add(cmd)
	cmd.AddCommand(newTopicCreate(&b), newTopicList(&b), newTopicDescribe(&b), newTopicDelete(&b))
	return cmd
}

// oneOf refuses what is no command below cmd.
func oneOf(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return inputError("%s has no command %q: want one of %s", cmd.Name(), args[0],
		strings.Join(names, ", "))
}

// atLeast refuses fewer than n arguments.
func atLeast(n int, message string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return inputError("%s", message)
		}
		return nil
	}
}

func newTopicCreate(b *bootstrapFlags) *cobra.Command {
	var (
		topic       client.CreateTopic
		config      []string
		ifNotExists bool
	)
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a topic",
		Example: `  sandcastle topic create users --partitions 2
  sandcastle topic create orders --partitions 3 --replication-factor 3 --config retention.ms=60000`,
		Args: exactly(1, "topic create takes the NAME of a topic"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if topic.Config, err = parseConfig(config); err != nil {
				return err
			}
			topic.Name = args[0]
			if topic.Partitions < 1 && topic.Partitions != -1 || topic.Replicas < 1 && topic.Replicas != -1 {
				return inputError("a topic has at least 1 partition and 1 replica of each")
			}
			return createTopic(cmd, b, &topic, ifNotExists)
		},
	}
	flags := cmd.Flags()
	flags.Int32VarP(&topic.Partitions, "partitions", "p", -1,
		"`N` partitions (default: the brokers' num.partitions)")
	flags.Int16VarP(&topic.Replicas, "replication-factor", "r", -1,
		"`N` replicas of each (default: the brokers' default.replication.factor)")
	flags.StringArrayVarP(&config, "config", "c", nil, "topic setting `NAME=VALUE`; may be repeated")
	flags.BoolVar(&ifNotExists, "if-not-exists", false, "a topic that is there already is fine")
	plainDefault(cmd, "partitions", "replication-factor")
	return cmd
}

// plainDefault leaves the default out of the help of flags that explain it themselves.
func plainDefault(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		f := cmd.Flags().Lookup(name)
		switch f.Value.Type() { // the zero value is left out
		case "string":
			f.DefValue = ""
		case "bool":
			f.DefValue = "false"
		default:
			f.DefValue = "0"
		}
	}
}

func parseConfig(list []string) ([]client.Setting, error) {
	var settings []client.Setting
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, inputError("--config %s: want name=value, as in retention.ms=60000", text)
		}
		settings = append(settings, client.Setting{Name: name, Value: value})
	}
	return settings, nil
}

func createTopic(cmd *cobra.Command, b *bootstrapFlags, topic *client.CreateTopic, ifNotExists bool,
) error {
	return withAdmin(b, func(a *admin) error {
		results, err := a.ask(cmd.Context(), topic)
		if err != nil {
			return err
		}
		switch r := results[0]; {
		case r.Code == wire.TopicAlreadyExists && ifNotExists:
			return nil
		case r.Code != wire.None:
			return refusal("topic "+topic.Name, r.Code, r.Message)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "Created topic %s.\n", topic.Name)
		return err
	})
}

func newTopicList(b *bootstrapFlags) *cobra.Command {
	var userOnly bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the topics, one a line",
		Args:  exactly(0, "topic list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAdmin(b, func(a *admin) error {
				topics, err := a.topics(cmd.Context(), nil)
				for _, t := range topics {
					if !t.Internal || !userOnly {
						fmt.Fprintln(cmd.OutOrStdout(), t.Name)
					}
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&userOnly, "exclude-internal", false, "leave out Kafka's own topics")
	return cmd
}

// topics returns the named topics, or all, by name. One that is not there is an error.
func (a *admin) topics(ctx context.Context, names []string) ([]client.TopicDescription, error) {
	if len(names) == 0 {
		names = nil // all of them
	}
	question := client.DescribeTopics{Names: names}
	if err := a.must(ctx, "topics", &question); err != nil {
		return nil, err
	}
	topics := question.Topics
	slices.SortFunc(topics, func(a, b client.TopicDescription) int {
		return strings.Compare(a.Name, b.Name)
	})
	for i := range topics {
		if code := topics[i].Code; code != wire.None {
			return nil, refusal("topic "+topics[i].Name, code, "")
		}
	}
	return topics, nil
}

func newTopicDescribe(b *bootstrapFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "describe [NAME…]",
		Short: "Show the partitions of topics, who leads them, their replicas and settings",
		RunE: func(cmd *cobra.Command, names []string) error {
			return withAdmin(b, func(a *admin) error { return showTopics(cmd, a, names) })
		},
	}
}

func showTopics(cmd *cobra.Command, a *admin, names []string) error {
	topics, err := a.topics(cmd.Context(), names)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for i := range topics {
		t := &topics[i]
		question := client.DescribeConfigs{Topic: t.Name}
		if err := a.must(cmd.Context(), "settings of "+t.Name, &question); err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(out)
		}
		replicas := 0
		if len(t.Partitions) > 0 {
			replicas = len(t.Partitions[0].Replicas)
		}
		fmt.Fprintf(out,
			"Topic: %s  TopicId: %s  PartitionCount: %d  ReplicationFactor: %d  Configs: %s\n",
			t.Name, base64.RawURLEncoding.EncodeToString(t.ID[:]), len(t.Partitions), replicas,
			ownConfigs(question.Configs))
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, p := range t.Partitions {
			fmt.Fprintf(w, "  Topic: %s\tPartition: %d\tLeader: %s\tReplicas: %s\tIsr: %s\n",
				t.Name, p.Partition, leaderText(p.Leader), brokersText(p.Replicas), brokersText(p.ISR))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func ownConfigs(configs []client.ConfigDescription) string {
	var own []string
	for _, c := range configs {
		if c.Own {
			own = append(own, c.Name+"="+c.Value)
		}
	}
	return strings.Join(own, ",")
}

func leaderText(id kafka.BrokerID) string {
	if id == kafka.NoBroker {
		return "none"
	}
	return strconv.Itoa(int(id))
}

func brokersText(ids []int32) string {
	var list []string
	for _, id := range ids {
		list = append(list, strconv.Itoa(int(id)))
	}
	return strings.Join(list, ",")
}

func newTopicDelete(b *bootstrapFlags) *cobra.Command {
	var ifExists bool
	cmd := &cobra.Command{
		Use:   "delete NAME…",
		Short: "Delete topics",
		Args:  atLeast(1, "topic delete takes the NAME of a topic"),
		RunE: func(cmd *cobra.Command, names []string) error {
			return withAdmin(b, func(a *admin) error {
				for _, name := range names {
					results, err := a.ask(cmd.Context(), &client.DeleteTopic{Name: name})
					if err != nil {
						return err
					}
					switch r := results[0]; {
					case r.Code == wire.UnknownTopicOrPartition && ifExists:
					case r.Code != wire.None:
						return refusal("topic "+name, r.Code, r.Message)
					default:
						fmt.Fprintf(cmd.OutOrStdout(), "Deleted topic %s.\n", name)
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&ifExists, "if-exists", false, "a topic that is not there is fine")
	return cmd
}
