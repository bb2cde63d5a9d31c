// DescribeLogDirs (key 35): v0–v4.
// Does: the replicas of this broker with the size of their logs, and how far a log's end is behind
// its high watermark (KIP-113); partitions that it does not hold are left out.
// Does not: more than one directory; the space of the disk (v4, KIP-827), which is −1 for unknown.
// State: partition.go.   Lessons: log/*.

package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleDescribeLogDirs is ReplicaManager.describeLogDirs (3.9).
func (rs *Set) HandleDescribeLogDirs(out *model.Effects, req *kmsg.DescribeLogDirsRequest,
	reply Reply,
) {
	resp := kmsg.NewPtrDescribeLogDirsResponse()
	dir := kmsg.NewDescribeLogDirsResponseDir()
	dir.Dir = rs.cfg.LogDir
	asked := partitionsAsked(req)
	for _, p := range rs.ordered {
		if req.Topics != nil && !asked[p.tp] { // without a list it asks for all
			continue
		}
		part := kmsg.NewDescribeLogDirsResponseDirTopicPartition()
		part.Partition, part.Size = p.tp.Partition, p.log.Size()
		part.OffsetLag = max(int64(p.highWatermark-p.log.LogEnd()), 0)
		if n := len(dir.Topics); n == 0 || dir.Topics[n-1].Topic != p.tp.Topic {
			topic := kmsg.NewDescribeLogDirsResponseDirTopic()
			topic.Topic = p.tp.Topic
			dir.Topics = append(dir.Topics, topic)
		}
		last := &dir.Topics[len(dir.Topics)-1]
		last.Partitions = append(last.Partitions, part)
	}
	resp.Dirs = append(resp.Dirs, dir)
	reply(out, resp)
}

// partitionsAsked are the partitions that a request lists.
func partitionsAsked(req *kmsg.DescribeLogDirsRequest) map[kafka.TopicPartition]bool {
	asked := map[kafka.TopicPartition]bool{}
	for _, t := range req.Topics {
		for _, n := range t.Partitions {
			asked[kafka.TopicPartition{Topic: t.Topic, Partition: n}] = true
		}
	}
	return asked
}
