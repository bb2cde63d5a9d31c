package host

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// administration is an administrator's calls through franz-go against three brokers.
type administration struct {
	*testing.T
	ctx     context.Context
	addrs   []string
	client  *kgo.Client
	admin   *kadm.Client
	brokers []int32
}

// Every call that an administrator can make comes back with what it asked for, or with the reason
// that Kafka gives.
func TestAdministration(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.Addrs()...), kgo.MetadataMinAge(10*time.Millisecond))
	require.NoError(t, err)
	defer client.Close()
	a := &administration{t, ctx, c.Addrs(), client, kadm.NewClient(client), []int32{1, 2, 3}}
	a.theCluster()
	a.topics()
	a.records()
	a.groups()
	a.configurations()
	a.replicas()
	a.logDirs()
	a.security()
	a.deleteTopics()
}

func (a *administration) theCluster() {
	meta, err := a.admin.BrokerMetadata(a.ctx)
	require.NoError(a, err)
	require.Equal(a, a.brokers, meta.Brokers.NodeIDs())
	require.Contains(a, a.brokers, meta.Controller)
	cluster, err := kmsg.NewPtrDescribeClusterRequest().RequestWith(a.ctx, a.client)
	require.NoError(a, err)
	require.Len(a, cluster.ClusterID, 22, "a UUID in base64")
	require.Equal(a, meta.Controller, cluster.ControllerID)
	require.Len(a, cluster.Brokers, 3)
	versions, err := a.admin.ApiVersions(a.ctx)
	require.NoError(a, err)
	require.Len(a, versions, 3)
	versions.Each(func(v kadm.BrokerApiVersions) {
		require.NoError(a, v.Err)
		newest, ok := v.KeyMaxVersion(int16(60))
		require.True(a, ok, "DescribeCluster")
		require.EqualValues(a, 1, newest)
	})
}

func (a *administration) topics() {
	value := "3600000"
	made, err := a.admin.CreateTopic(a.ctx, 2, 3, map[string]*string{"retention.ms": &value}, "bills")
	require.NoError(a, err)
	require.EqualValues(a, 2, made.NumPartitions)
	require.EqualValues(a, 3, made.ReplicationFactor)
	require.NotZero(a, made.ID)
	_, err = a.admin.CreateTopic(a.ctx, 1, 1, nil, "bills")
	require.ErrorIs(a, err, kerr.TopicAlreadyExists)
	checked, err := a.admin.ValidateCreateTopics(a.ctx, 1, 9, nil, "notes")
	require.NoError(a, err)
	require.ErrorIs(a, checked["notes"].Err, kerr.InvalidReplicationFactor)

	grown, err := a.admin.UpdatePartitions(a.ctx, 3, "bills")
	require.NoError(a, err)
	require.NoError(a, grown.Error())
	grown, err = a.admin.CreatePartitions(a.ctx, 1, "bills")
	require.NoError(a, err)
	require.NoError(a, grown.Error())
	require.Eventually(a, func() bool {
		listed, err := a.admin.ListTopics(a.ctx, "bills")
		return err == nil && len(listed["bills"].Partitions) == 4
	}, 10*time.Second, 20*time.Millisecond)
	listed, err := a.admin.ListTopics(a.ctx)
	require.NoError(a, err)
	require.Equal(a, []string{"bills", "orders"}, listed.Names())
	require.Len(a, listed["bills"].Partitions[0].Replicas, 3)
}

// write puts n records into bills-0 with the times 1000, 1001 and so on.
func (a *administration) write(n int) {
	p, err := kgo.NewClient(kgo.SeedBrokers(a.addrs...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(a, err)
	defer p.Close()
	var batch []*kgo.Record
	for i := range n {
		batch = append(batch, &kgo.Record{Topic: "bills", Partition: 0,
			Value: fmt.Append(nil, "bill ", i), Timestamp: time.UnixMilli(int64(1000 + i))})
	}
	require.NoError(a, p.ProduceSync(a.ctx, batch...).FirstErr())
}

func (a *administration) records() {
	a.write(10)
	offset := func(list func(context.Context, ...string) (kadm.ListedOffsets, error)) int64 {
		listed, err := list(a.ctx, "bills")
		require.NoError(a, err)
		require.NoError(a, listed.Error())
		found, ok := listed.Lookup("bills", 0)
		require.True(a, ok)
		return found.Offset
	}
	require.EqualValues(a, 0, offset(a.admin.ListStartOffsets))
	require.EqualValues(a, 10, offset(a.admin.ListEndOffsets))
	require.EqualValues(a, 10, offset(a.admin.ListCommittedOffsets))
	require.EqualValues(a, 9, offset(a.admin.ListMaxTimestampOffsets))
	require.EqualValues(a, 0, offset(a.admin.ListLocalLogStartOffsets))
	require.EqualValues(a, 4, offset(func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error) {
		return a.admin.ListOffsetsAfterMilli(ctx, 1004, topics...)
	}))

	var ask kadm.OffsetForLeaderEpochRequest
	ask.Add("bills", 0, 0)
	epochs, err := a.admin.OffsetForLeaderEpoch(a.ctx, ask)
	require.NoError(a, err)
	require.NoError(a, epochs["bills"][0].Err)
	require.EqualValues(a, 10, epochs["bills"][0].EndOffset)

	producers, err := a.admin.DescribeProducers(a.ctx, kadm.TopicsSet{"bills": {0: {}}})
	require.NoError(a, err)
	known := producers["bills"].Partitions[0]
	require.NoError(a, known.Err)
	require.Len(a, known.ActiveProducers, 1)
	for _, p := range known.ActiveProducers {
		require.EqualValues(a, 9, p.LastSequence)
		require.EqualValues(a, 1009, p.LastTimestamp)
	}

	var upTo kadm.Offsets
	upTo.AddOffset("bills", 0, 3, -1)
	deleted, err := a.admin.DeleteRecords(a.ctx, upTo)
	require.NoError(a, err)
	require.EqualValues(a, 3, deleted["bills"][0].LowWatermark)
	require.EqualValues(a, 3, offset(a.admin.ListStartOffsets))
}

// member reads bills in a group until the test ends, and waits for its first records.
func (a *administration) member(group, instance string) *kgo.Client {
	m, err := kgo.NewClient(kgo.SeedBrokers(a.addrs...), kgo.ConsumerGroup(group), kgo.InstanceID(instance),
		kgo.ConsumeTopics("bills"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit())
	require.NoError(a, err)
	fetched := m.PollFetches(a.ctx)
	require.NoError(a, fetched.Err())
	require.EqualValues(a, 3, fetched.Records()[0].Offset)
	require.NoError(a, m.CommitUncommittedOffsets(a.ctx))
	return m
}

func (a *administration) groups() {
	m := a.member("tax", "clerk-1")
	defer m.Close()
	var offsets kadm.Offsets
	offsets.AddOffset("bills", 0, 4, -1)
	offsets.AddOffset("orders", 1, 0, -1)
	written, err := a.admin.CommitOffsets(a.ctx, "audit", offsets)
	require.NoError(a, err)
	require.NoError(a, written.Error())

	listed, err := a.admin.ListGroups(a.ctx)
	require.NoError(a, err)
	require.Equal(a, []string{"audit", "tax"}, listed.Groups())
	listed, err = a.admin.ListGroups(a.ctx, "stable")
	require.NoError(a, err)
	require.Equal(a, []string{"tax"}, listed.Groups())
	found := a.admin.FindGroupCoordinators(a.ctx, "tax")
	require.NoError(a, found.Error())
	described, err := a.admin.DescribeGroups(a.ctx, "tax", "nobody")
	require.NoError(a, err)
	tax := described["tax"]
	require.NoError(a, tax.Err)
	require.Equal(a, "Stable", tax.State)
	require.Equal(a, found["tax"].NodeID, tax.Coordinator.NodeID)
	require.Len(a, tax.Members, 1)
	require.Equal(a, "clerk-1", *tax.Members[0].InstanceID)
	require.Equal(a, "Dead", described["nobody"].State)

	lags, err := a.admin.Lag(a.ctx, "tax", "audit")
	require.NoError(a, err)
	require.NoError(a, lags.Error())
	require.Zero(a, lags["tax"].Lag.Total())
	late, ok := lags["audit"].Lag.Lookup("bills", 0)
	require.True(a, ok)
	require.EqualValues(a, 6, late.Lag)

	gone, err := a.admin.DeleteOffsets(a.ctx, "tax", kadm.TopicsSet{"bills": {0: {}}})
	require.NoError(a, err)
	require.ErrorIs(a, gone["bills"][0], kerr.GroupSubscribedToTopic)
	gone, err = a.admin.DeleteOffsets(a.ctx, "audit", kadm.TopicsSet{"orders": {1: {}}})
	require.NoError(a, err)
	require.NoError(a, gone.Error())
	left, err := a.admin.FetchOffsets(a.ctx, "audit")
	require.NoError(a, err)
	require.Len(a, left.Offsets(), 1)

	_, err = a.admin.DeleteGroup(a.ctx, "tax")
	require.ErrorIs(a, err, kerr.NonEmptyGroup)
	leaving, err := a.admin.LeaveGroup(a.ctx, kadm.LeaveGroup("tax").InstanceIDs("clerk-1"))
	require.NoError(a, err)
	require.NoError(a, leaving.Error())
	m.Close()
	require.Eventually(a, func() bool {
		_, err = a.admin.DeleteGroup(a.ctx, "tax")
		return err == nil
	}, 10*time.Second, 50*time.Millisecond)
	_, err = a.admin.DeleteGroup(a.ctx, "tax")
	require.ErrorIs(a, err, kerr.GroupIDNotFound)
}

func (a *administration) configurations() {
	value := func(configs kadm.ResourceConfigs, err error, name string) string {
		require.NoError(a, err)
		for _, r := range configs {
			require.NoError(a, r.Err)
			for _, c := range r.Configs {
				if c.Key == name {
					return c.MaybeValue()
				}
			}
		}
		return ""
	}
	of := func(name string) string {
		configs, err := a.admin.DescribeTopicConfigs(a.ctx, "bills")
		return value(configs, err, name)
	}
	require.Equal(a, "3600000", of("retention.ms"))
	alter := func(alterations ...kadm.AlterConfig) {
		altered, err := a.admin.AlterTopicConfigs(a.ctx, alterations, "bills")
		require.NoError(a, err)
		require.NoError(a, altered[0].Err, altered[0].ErrMessage)
	}
	alter(kadm.AlterConfig{Op: kadm.SetConfig, Name: "max.message.bytes", Value: kadm.StringPtr("5000")})
	require.Equal(a, "5000", of("max.message.bytes"))
	require.Equal(a, "3600000", of("retention.ms"))
	replaced, err := a.admin.AlterTopicConfigsState(a.ctx,
		[]kadm.AlterConfig{{Name: "segment.bytes", Value: kadm.StringPtr("100000")}}, "bills")
	require.NoError(a, err)
	require.NoError(a, replaced[0].Err)
	require.Equal(a, "604800000", of("retention.ms"), "what is not named falls back to its default")
	wrong, err := a.admin.ValidateAlterTopicConfigs(a.ctx,
		[]kadm.AlterConfig{{Name: "segment.bytes", Value: kadm.StringPtr("many")}}, "bills")
	require.NoError(a, err)
	require.ErrorIs(a, wrong[0].Err, kerr.InvalidConfig)

	altered, err := a.admin.AlterBrokerConfigs(a.ctx,
		[]kadm.AlterConfig{{Name: "log.retention.ms", Value: kadm.StringPtr("7200000")}}, 2)
	require.NoError(a, err)
	require.NoError(a, altered[0].Err, altered[0].ErrMessage)
	require.Eventually(a, func() bool {
		configs, err := a.admin.DescribeBrokerConfigs(a.ctx, 2)
		return value(configs, err, "log.retention.ms") == "7200000"
	}, 10*time.Second, 20*time.Millisecond)
}

func (a *administration) replicas() {
	var move kadm.AlterPartitionAssignmentsReq
	move.Assign("orders", 0, []int32{3, 1, 2})
	moved, err := a.admin.AlterPartitionAssignments(a.ctx, move)
	require.NoError(a, err)
	require.NoError(a, moved.Error())
	require.Eventually(a, func() bool {
		under, err := a.admin.ListPartitionReassignments(a.ctx, kadm.TopicsSet{"orders": {0: {}}})
		return err == nil && len(under) == 0
	}, 10*time.Second, 50*time.Millisecond)
	var cancel kadm.AlterPartitionAssignmentsReq
	cancel.CancelAssign("orders", 0)
	moved, err = a.admin.AlterPartitionAssignments(a.ctx, cancel)
	require.NoError(a, err)
	require.ErrorIs(a, moved["orders"][0].Err, kerr.NoReassignmentInProgress)

	elected, err := a.admin.ElectLeaders(a.ctx, kadm.ElectPreferredReplica, kadm.TopicsSet{"orders": {0: {}}})
	require.NoError(a, err)
	if err := elected["orders"][0].Err; err != nil {
		require.ErrorIs(a, err, kerr.ElectionNotNeeded)
	}
	require.Eventually(a, func() bool {
		meta, err := a.admin.ListTopics(a.ctx, "orders")
		return err == nil && meta["orders"].Partitions[0].Leader == 3
	}, 10*time.Second, 20*time.Millisecond)
}

func (a *administration) logDirs() {
	dirs, err := a.admin.DescribeAllLogDirs(a.ctx, nil)
	require.NoError(a, err)
	require.Len(a, dirs, 3)
	dir := ""
	for _, id := range a.brokers {
		require.Len(a, dirs[id], 1)
		for _, d := range dirs[id] {
			require.NoError(a, d.Err)
			require.Contains(a, d.Dir, fmt.Sprint("broker-", id))
			require.Positive(a, d.Topics["bills"][0].Size)
			dir = d.Dir
		}
	}
	var alter kadm.AlterReplicaLogDirsReq
	alter.Add(dir, kadm.TopicsSet{"bills": {0: {}}})
	altered, err := a.admin.AlterAllReplicaLogDirs(a.ctx, alter)
	require.NoError(a, err)
	require.NoError(a, altered[3]["bills"][0].Err, "it is there")
	require.ErrorIs(a, altered[1]["bills"][0].Err, kerr.LogDirNotFound)
}

func (a *administration) security() {
	rule := kadm.NewACLs().Topics("bills").Allow("User:ada").AllowHosts("*").
		Operations(kadm.OpRead).ResourcePatternType(kadm.ACLPatternLiteral)
	created, err := a.admin.CreateACLs(a.ctx, rule)
	require.NoError(a, err)
	require.ErrorIs(a, created[0].Err, kerr.SecurityDisabled)
	listed, err := a.admin.DescribeACLs(a.ctx, rule)
	require.NoError(a, err)
	require.ErrorIs(a, listed[0].Err, kerr.SecurityDisabled)
	removed, err := a.admin.DeleteACLs(a.ctx, rule)
	require.NoError(a, err)
	require.ErrorIs(a, removed[0].Err, kerr.SecurityDisabled)

	_, err = a.admin.CreateDelegationToken(a.ctx, kadm.CreateDelegationToken{})
	require.ErrorIs(a, err, kerr.DelegationTokenRequestNotAllowed)
	_, err = a.admin.RenewDelegationToken(a.ctx, []byte("token"), time.Hour)
	require.ErrorIs(a, err, kerr.DelegationTokenRequestNotAllowed)
	_, err = a.admin.ExpireDelegationToken(a.ctx, []byte("token"), time.Hour)
	require.ErrorIs(a, err, kerr.DelegationTokenRequestNotAllowed)
	_, err = a.admin.DescribeDelegationTokens(a.ctx)
	require.ErrorIs(a, err, kerr.DelegationTokenRequestNotAllowed)
	quotas, err := a.admin.DescribeClientQuotas(a.ctx, false, nil)
	require.NoError(a, err)
	require.Empty(a, quotas)
	users, err := a.admin.DescribeUserSCRAMs(a.ctx)
	require.NoError(a, err)
	require.Empty(a, users)
	users, err = a.admin.DescribeUserSCRAMs(a.ctx, "ada")
	require.NoError(a, err)
	require.ErrorIs(a, users["ada"].Err, kerr.ResourceNotFound)
}

func (a *administration) deleteTopics() {
	deleted, err := a.admin.DeleteTopics(a.ctx, "bills", "nothing")
	require.NoError(a, err)
	require.NoError(a, deleted["bills"].Err)
	require.ErrorIs(a, deleted["nothing"].Err, kerr.UnknownTopicOrPartition)
	require.Eventually(a, func() bool {
		listed, err := a.admin.ListTopics(a.ctx)
		return err == nil && len(listed) == 1
	}, 10*time.Second, 20*time.Millisecond)
}
