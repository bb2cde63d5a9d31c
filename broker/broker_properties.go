package broker

import "time"

// brokerProperties returns the broker's own settings with Kafka's defaults, in the order of their
// names. Those that are the default of a topic's setting are in topicSynonyms.
func brokerProperties() []property[Config] {
	return append(replicationProperties(), append(logProperties(), clusterProperties()...)...)
}

func clusterProperties() []property[Config] {
	type c = Config
	return []property[c]{
		{"auto.create.topics.enable", "true", boolean(
			func(c *c) *bool { return &c.AutoCreateTopics })},
		{"auto.leader.rebalance.enable", "true", boolean(
			func(c *c) *bool { return &c.AutoLeaderRebalance })},
		{"broker.rack", "", word(stringValue, func(c *c) *string { return &c.Rack })},
		{"connections.max.idle.ms", "600000", millis(-1, maxLong,
			func(c *c) *time.Duration { return &c.ConnectionsMaxIdle })},
		{"controlled.shutdown.enable", "true", boolean(
			func(c *c) *bool { return &c.ControlledShutdown })},
		{"controlled.shutdown.max.retries", "3", integer(0, maxInt,
			func(c *c) *int32 { return &c.ControlledShutdownRetries })},
		{"controlled.shutdown.retry.backoff.ms", "5000", millis(0, maxLong,
			func(c *c) *time.Duration { return &c.ControlledShutdownBackoff })},
		{"controller.socket.timeout.ms", "30000", millis(0, maxInt,
			func(c *c) *time.Duration { return &c.ControllerSocketTimeout })},
		{"default.replication.factor", "1", integer(1, 1<<15-1,
			func(c *c) *int16 { return &c.DefaultReplication })},
		{"delete.topic.enable", "true", boolean(
			func(c *c) *bool { return &c.DeleteTopicEnable })},
		{"fetch.max.bytes", "57671680", integer(1024, maxInt,
			func(c *c) *int32 { return &c.FetchMaxBytes })},
		{"group.initial.rebalance.delay.ms", "3000", millis(0, maxInt,
			func(c *c) *time.Duration { return &c.GroupInitialRebalanceDelay })},
		{"group.max.session.timeout.ms", "1800000", millis(0, maxInt,
			func(c *c) *time.Duration { return &c.GroupMaxSessionTimeout })},
		{"group.max.size", "2147483647", integer(1, maxInt,
			func(c *c) *int64 { return &c.GroupMaxSize })},
		{"group.min.session.timeout.ms", "6000", millis(0, maxInt,
			func(c *c) *time.Duration { return &c.GroupMinSessionTimeout })},
		{"leader.imbalance.check.interval.seconds", "300", duration(time.Second, 1, maxLong,
			func(c *c) *time.Duration { return &c.LeaderImbalanceCheck })},
		{"leader.imbalance.per.broker.percentage", "10", integer(0, maxInt,
			func(c *c) *int32 { return &c.LeaderImbalancePercentage })},
		{"max.connections", "2147483647", integer(0, maxInt,
			func(c *c) *int32 { return &c.MaxConnections })},
		{"max.connections.per.ip", "2147483647", integer(0, maxInt,
			func(c *c) *int32 { return &c.MaxConnectionsPerIP })},
		{"num.partitions", "1", integer(1, maxInt,
			func(c *c) *int32 { return &c.NumPartitions })},
		{"offsets.commit.timeout.ms", "5000", millis(1, maxInt,
			func(c *c) *time.Duration { return &c.OffsetsCommitTimeout })},
		{"offsets.topic.num.partitions", "50", integer(1, maxInt,
			func(c *c) *int32 { return &c.OffsetsTopicPartitions })},
		{"offsets.topic.replication.factor", "3", integer(1, 1<<15-1,
			func(c *c) *int16 { return &c.OffsetsTopicReplication })},
		{"offsets.topic.segment.bytes", "104857600", integer(1, maxInt,
			func(c *c) *int64 { return &c.OffsetsTopicSegmentBytes })},
		{"producer.id.expiration.check.interval.ms", "600000", millis(1, maxInt,
			func(c *c) *time.Duration { return &c.ProducerIDExpiryCheck })},
		{"producer.id.expiration.ms", "86400000", millis(1, maxInt,
			func(c *c) *time.Duration { return &c.ProducerIDExpiration })},
		{"socket.request.max.bytes", "104857600", integer(1, maxInt,
			func(c *c) *int32 { return &c.SocketRequestMax })},
		{"zookeeper.session.timeout.ms", "18000", millis(0, maxInt,
			func(c *c) *time.Duration { return &c.ZooKeeperSessionTimeout })},
	}
}

func replicationProperties() []property[Config] {
	type c = Config
	return []property[c]{
		{"follower.replication.throttled.rate", "9223372036854775807", integer(0, maxLong,
			func(c *c) *int64 { return &c.FollowerThrottledRate })},
		{"leader.replication.throttled.rate", "9223372036854775807", integer(0, maxLong,
			func(c *c) *int64 { return &c.LeaderThrottledRate })},
		{"replica.fetch.backoff.ms", "1000", millis(0, maxInt,
			func(c *c) *time.Duration { return &c.ReplicaFetchBackoff })},
		{"replica.fetch.max.bytes", "1048576", integer(1, maxInt,
			func(c *c) *int32 { return &c.ReplicaFetchMaxBytes })},
		{"replica.fetch.min.bytes", "1", integer(0, maxInt,
			func(c *c) *int32 { return &c.ReplicaFetchMinBytes })},
		{"replica.fetch.response.max.bytes", "10485760", integer(1, maxInt,
			func(c *c) *int32 { return &c.ReplicaFetchResponseMax })},
		{"replica.fetch.wait.max.ms", "500", millis(0, maxInt,
			func(c *c) *time.Duration { return &c.ReplicaFetchWaitMax })},
		{"replica.high.watermark.checkpoint.interval.ms", "5000", millis(1, maxLong,
			func(c *c) *time.Duration { return &c.HighWatermarkCheckpoint })},
		{"replica.lag.time.max.ms", "30000", millis(1, maxLong,
			func(c *c) *time.Duration { return &c.ReplicaLagTimeMax })},
		{"replica.selector.class", "", word(classValue,
			func(c *c) *string { return &c.ReplicaSelectorClass }, "", RackAwareSelector)},
		{"replica.socket.timeout.ms", "30000", millis(0, maxInt,
			func(c *c) *time.Duration { return &c.ReplicaSocketTimeout })},
	}
}

func logProperties() []property[Config] {
	type c = Config
	return []property[c]{
		{"log.cleaner.backoff.ms", "15000", millis(0, maxLong,
			func(c *c) *time.Duration { return &c.LogCleanerBackoff })},
		{"log.cleaner.dedupe.buffer.size", "134217728", integer(1, maxLong,
			func(c *c) *int64 { return &c.LogCleanerBufferSize })},
		{"log.cleaner.enable", "true", boolean(
			func(c *c) *bool { return &c.LogCleanerEnable })},
		{"log.cleaner.io.buffer.load.factor", "0.9", ratio(
			func(c *c) *Ratio { return &c.LogCleanerLoadFactor })},
		{"log.flush.offset.checkpoint.interval.ms", "60000", millis(1, maxInt,
			func(c *c) *time.Duration { return &c.LogFlushCheckpoint })},
		{"log.flush.scheduler.interval.ms", "9223372036854775807", millis(1, maxLong,
			func(c *c) *time.Duration { return &c.LogFlushScheduler })},
		{"log.flush.start.offset.checkpoint.interval.ms", "60000", millis(1, maxInt,
			func(c *c) *time.Duration { return &c.LogStartCheckpoint })},
		{"log.initial.task.delay.ms", "30000", millis(0, maxLong,
			func(c *c) *time.Duration { return &c.LogInitialTaskDelay })},
		{"log.retention.check.interval.ms", "300000", millis(1, maxLong,
			func(c *c) *time.Duration { return &c.LogRetentionCheck })},
	}
}
