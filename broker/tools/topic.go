package tools

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"sandcastle/broker/client"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ParseConfig reads NAME=VALUE for the settings of a topic.
func ParseConfig(list []string) ([]client.Setting, error) {
	var settings []client.Setting
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, model.BadInput("--config %s: want name=value, as in retention.ms=60000", text)
		}
		settings = append(settings, client.Setting{Name: name, Value: value})
	}
	return settings, nil
}

// CreateTopic creates a topic. One that is there already is fine if ifNotExists; then it was not
// created.
func (a *Admin) CreateTopic(ctx context.Context, topic *client.CreateTopic, ifNotExists bool,
) (created bool, err error) {
	results, err := a.ask(ctx, topic)
	if err != nil {
		return false, err
	}
	switch r := results[0]; {
	case r.Code == wire.TopicAlreadyExists && ifNotExists:
		return false, nil
	case r.Code != wire.None:
		return false, refusal("topic "+topic.Name, r.Code, r.Message)
	}
	return true, nil
}

// DeleteTopic deletes a topic. One that is not there is fine if ifExists; then it was not deleted.
func (a *Admin) DeleteTopic(ctx context.Context, name string, ifExists bool,
) (deleted bool, err error) {
	results, err := a.ask(ctx, &client.DeleteTopic{Name: name})
	if err != nil {
		return false, err
	}
	switch r := results[0]; {
	case r.Code == wire.UnknownTopicOrPartition && ifExists:
		return false, nil
	case r.Code != wire.None:
		return false, refusal("topic "+name, r.Code, r.Message)
	}
	return true, nil
}

// ListTopics prints the names of all topics, one a line.
func (a *Admin) ListTopics(ctx context.Context, out io.Writer, userOnly bool) error {
	topics, err := a.topics(ctx, nil)
	for _, t := range topics {
		if !t.Internal || !userOnly {
			fmt.Fprintln(out, t.Name)
		}
	}
	return err
}

// topics returns the named topics, or all, by name. One that is not there is an error.
func (a *Admin) topics(ctx context.Context, names []string) ([]client.TopicDescription, error) {
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

// ShowTopics shows the named topics, or all, with who leads their partitions.
func (a *Admin) ShowTopics(ctx context.Context, out io.Writer, names []string) error {
	topics, err := a.topics(ctx, names)
	if err != nil {
		return err
	}
	for i := range topics {
		t := &topics[i]
		question := client.DescribeConfigs{Topic: t.Name}
		if err := a.must(ctx, "settings of "+t.Name, &question); err != nil {
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
