package record

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// Recording is a scenario's clients at work against a real cluster.
type Recording struct {
	s       *scenarios.Scenario
	o       Options
	out     *os.File
	history history
}

// adminPatience is how long an administrative request may take.
const adminPatience = 15 * time.Second

// reach reaches the cluster and creates the topics.
func (r *Recording) reach(ctx context.Context) error {
	soon, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	client, err := kgo.NewClient(r.common()...)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Ping(soon); err != nil {
		return model.BadInput("no broker answers at %s: %s",
			strings.Join(r.o.Servers, ","), err)
	}
	return r.createTopics(ctx, client)
}

// common is what every client of a recording is made with.
func (r *Recording) common(opts ...kgo.Opt) []kgo.Opt {
	own := []kgo.Opt{kgo.SeedBrokers(r.o.Servers...), kgo.ClientID("sandcastle-record")}
	return append(own, opts...)
}

func (r *Recording) createTopics(ctx context.Context, client *kgo.Client) error {
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = int32(adminPatience.Milliseconds())
	for i := range r.s.Topics {
		if r.s.Topics[i].Create { // others are somebody's to create by hand
			req.Topics = append(req.Topics, r.topic(&r.s.Topics[i]))
		}
	}
	ctx, cancel := context.WithTimeout(ctx, adminPatience)
	defer cancel()
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return model.BadInput("the topics cannot be created: %s", err)
	}
	for i := range resp.Topics {
		t := &resp.Topics[i]
		err := kerr.ErrorForCode(t.ErrorCode)
		switch {
		case errors.Is(err, kerr.TopicAlreadyExists):
			return model.BadInput("topic %s is there already: delete it, or give a --prefix", t.Topic)
		case err != nil && t.ErrorMessage != nil:
			return model.BadInput("topic %s: %s: %s", t.Topic, errorName(err), *t.ErrorMessage)
		case err != nil:
			return model.BadInput("topic %s: %s", t.Topic, errorName(err))
		}
	}
	return nil
}

func (r *Recording) topic(t *scenarios.Topic) kmsg.CreateTopicsRequestTopic {
	kt := kmsg.NewCreateTopicsRequestTopic()
	kt.Topic, kt.NumPartitions, kt.ReplicationFactor = r.o.Prefix+t.Name, int32(t.Partitions),
		int16(t.Replicas)
	for n, brokers := range t.Assignment {
		kt.NumPartitions, kt.ReplicationFactor = -1, -1
		a := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
		a.Partition = int32(n)
		for _, id := range brokers {
			a.Replicas = append(a.Replicas, int32(id))
		}
		kt.ReplicaAssignment = append(kt.ReplicaAssignment, a)
	}
	for _, s := range t.Config {
		c := kmsg.NewCreateTopicsRequestTopicConfig()
		c.Name, c.Value = s.Name, kmsg.StringPtr(s.Value)
		kt.Configs = append(kt.Configs, c)
	}
	return kt
}

// partitions is how many partitions a topic of the scenario has.
func (r *Recording) partitions(topic string) int {
	i := slices.IndexFunc(r.s.Topics, func(t scenarios.Topic) bool { return t.Name == topic })
	if n := len(r.s.Topics[i].Assignment); n > 0 {
		return n
	}
	return r.s.Topics[i].Partitions
}

// errorName is Kafka's name of an error, or its text.
func errorName(err error) string {
	var kafka *kerr.Error
	if errors.As(err, &kafka) {
		return kafka.Message
	}
	return err.Error()
}

// key names a partition as the scenario does, without the prefix.
func (r *Recording) key(topic string, partition int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: strings.TrimPrefix(topic, r.o.Prefix), Partition: partition}
}
