package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// recording is a scenario's clients at work against a real cluster.
type recording struct {
	s       *scenarios.Scenario
	prefix  string
	seeds   []string
	history liveHistory
}

// adminPatience is how long an administrative request may take.
const adminPatience = 15 * time.Second

// newRecording reaches the cluster and creates the topics.
func newRecording(ctx context.Context, s *scenarios.Scenario, f *recordFlags) (*recording, error) {
	seeds, err := f.bootstrap.addrs()
	if err != nil {
		return nil, err
	}
	r := &recording{s: s, prefix: f.prefix, seeds: seeds}
	reach, cancel := context.WithTimeout(ctx, f.bootstrap.timeout)
	defer cancel()
	client, err := kgo.NewClient(r.common()...)
	if err != nil {
		return nil, &exitError{exitInternal, err}
	}
	defer client.Close()
	if err := client.Ping(reach); err != nil {
		return nil, inputError("no broker answers at %s: %s", strings.Join(seeds, ","), err)
	}
	return r, r.createTopics(ctx, client)
}

// common is what every client of a recording is made with.
func (r *recording) common(opts ...kgo.Opt) []kgo.Opt {
	return append([]kgo.Opt{kgo.SeedBrokers(r.seeds...), kgo.ClientID("sandcastle-record")}, opts...)
}

func (r *recording) createTopics(ctx context.Context, client *kgo.Client) error {
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = int32(adminPatience.Milliseconds())
	for i := range r.s.Topics {
		req.Topics = append(req.Topics, r.topic(&r.s.Topics[i]))
	}
	ctx, cancel := context.WithTimeout(ctx, adminPatience)
	defer cancel()
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return inputError("the topics cannot be created: %s", err)
	}
	for i := range resp.Topics {
		t := &resp.Topics[i]
		err := kerr.ErrorForCode(t.ErrorCode)
		switch {
		case errors.Is(err, kerr.TopicAlreadyExists):
			return inputError("topic %s is there already: delete it, or give a --prefix", t.Topic)
		case err != nil && t.ErrorMessage != nil:
			return inputError("topic %s: %s: %s", t.Topic, errorName(err), *t.ErrorMessage)
		case err != nil:
			return inputError("topic %s: %s", t.Topic, errorName(err))
		}
	}
	return nil
}

func (r *recording) topic(t *scenarios.Topic) kmsg.CreateTopicsRequestTopic {
	kt := kmsg.NewCreateTopicsRequestTopic()
	kt.Topic, kt.NumPartitions, kt.ReplicationFactor = r.prefix+t.Name, int32(t.Partitions),
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
func (r *recording) partitions(topic string) int {
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

// play runs every client for so long. announce is told what the timeline would do, when it would.
func (r *recording) play(ctx context.Context, length time.Duration,
	announce func(time.Duration, string),
) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	r.history.started = time.Now()
	var clients sync.WaitGroup
	for i := range r.s.Producers {
		clients.Go(func() { r.produce(ctx, &r.s.Producers[i]) })
	}
	n := 0
	for i := range r.s.Consumers {
		for range r.s.Consumers[i].Members {
			n++
			name := fmt.Sprintf("consumer-%d", n)
			clients.Go(func() { r.consume(ctx, name, &r.s.Consumers[i]) })
		}
	}
	for _, line := range r.s.Plan() {
		clients.Go(func() {
			if line.When == "" && r.sleepUntil(ctx, line.At) {
				announce(line.At, line.Text)
			}
		})
	}
	for _, line := range r.s.Plan() {
		if line.When != "" {
			announce(0, line.When+": "+line.Text)
		}
	}
	clients.Wait()
}

// sleepUntil waits for a time of the scenario; false when the recording ends before.
func (r *recording) sleepUntil(ctx context.Context, at time.Duration) bool {
	timer := time.NewTimer(time.Until(r.history.started.Add(at)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// key names a partition as the scenario does, without the prefix.
func (r *recording) key(topic string, partition int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: strings.TrimPrefix(topic, r.prefix), Partition: partition}
}
