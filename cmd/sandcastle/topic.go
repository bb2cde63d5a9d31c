package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sandcastle/broker/client"
	"sandcastle/broker/tools"
	"sandcastle/model"
)

func newTopic() *cobra.Command {
	var b tools.Bootstrap
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
	addBootstrap(cmd, &b)
	cmd.AddCommand(newTopicCreate(&b), newTopicList(&b), newTopicDescribe(&b), newTopicDelete(&b))
	return cmd
}

func newTopicCreate(b *tools.Bootstrap) *cobra.Command {
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
			if topic.Config, err = tools.ParseConfig(config); err != nil {
				return err
			}
			topic.Name = args[0]
			if topic.Partitions < 1 && topic.Partitions != -1 || topic.Replicas < 1 && topic.Replicas != -1 {
				return model.BadInput("a topic has at least 1 partition and 1 replica of each")
			}
			return tools.WithAdmin(b, func(a *tools.Admin) error {
				created, err := a.CreateTopic(cmd.Context(), &topic, ifNotExists)
				if created {
					fmt.Fprintf(cmd.OutOrStdout(), "Created topic %s.\n", topic.Name)
				}
				return err
			})
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

func newTopicList(b *tools.Bootstrap) *cobra.Command {
	var userOnly bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the topics, one a line",
		Args:  exactly(0, "topic list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return tools.WithAdmin(b, func(a *tools.Admin) error {
				return a.ListTopics(cmd.Context(), cmd.OutOrStdout(), userOnly)
			})
		},
	}
	cmd.Flags().BoolVar(&userOnly, "exclude-internal", false, "leave out Kafka's own topics")
	return cmd
}

func newTopicDescribe(b *tools.Bootstrap) *cobra.Command {
	return &cobra.Command{
		Use:   "describe [NAME…]",
		Short: "Show the partitions of topics, who leads them, their replicas and settings",
		RunE: func(cmd *cobra.Command, names []string) error {
			return tools.WithAdmin(b, func(a *tools.Admin) error {
				return a.ShowTopics(cmd.Context(), cmd.OutOrStdout(), names)
			})
		},
	}
}

func newTopicDelete(b *tools.Bootstrap) *cobra.Command {
	var ifExists bool
	cmd := &cobra.Command{
		Use:   "delete NAME…",
		Short: "Delete topics",
		Args:  atLeast(1, "topic delete takes the NAME of a topic"),
		RunE: func(cmd *cobra.Command, names []string) error {
			return tools.WithAdmin(b, func(a *tools.Admin) error {
				for _, name := range names {
					deleted, err := a.DeleteTopic(cmd.Context(), name, ifExists)
					if err != nil {
						return err
					}
					if deleted {
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
