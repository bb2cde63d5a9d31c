// AlterReplicaLogDirs (key 34): v0–v2.
// Does: answers for the one directory that the broker has: a replica is there already, and any
// other directory is LOG_DIR_NOT_FOUND (KIP-113).
// Does not: move a log, for there is nowhere to move it to.
// State: partition.go.   Lessons: none of its own.

package replica

import (
	"strconv"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleAlterReplicaLogDirs answers a request.
func (rs *Set) HandleAlterReplicaLogDirs(out *model.Effects, req *kmsg.AlterReplicaLogDirsRequest,
	reply Reply,
) {
	resp := kmsg.NewPtrAlterReplicaLogDirsResponse()
	var places wire.Places // of a partition that is named more than once the last directory counts
	for i := range req.Dirs {
		for _, asked := range req.Dirs[i].Topics {
			at, known := places.Topic(asked.Topic)
			if !known {
				topic := kmsg.NewAlterReplicaLogDirsResponseTopic()
				topic.Topic = asked.Topic
				resp.Topics = append(resp.Topics, topic)
			}
			for _, n := range asked.Partitions {
				part := kmsg.NewAlterReplicaLogDirsResponseTopicPartition()
				part.Partition = n
				tp := kafka.TopicPartition{Topic: asked.Topic, Partition: n}
				part.ErrorCode = int16(rs.alterLogDir(tp, req.Dirs[i].Dir))
				if in, known := places.Partition(tp); known {
					resp.Topics[at].Partitions[in] = part
				} else {
					resp.Topics[at].Partitions = append(resp.Topics[at].Partitions, part)
				}
			}
		}
	}
	reply(out, resp)
}

// longestLogName is what a file system allows a directory to be called; a log on its way to another
// directory has a longer name than others (UnifiedLog.logFutureDirName, 3.9).
const longestLogName = 255

// alterLogDir is ReplicaManager.alterReplicaLogDirs (3.9) for one partition.
func (rs *Set) alterLogDir(tp kafka.TopicPartition, dir string) wire.Code {
	const suffix = ".00000000000000000000000000000000-future"
	if len(tp.Topic)+len("-")+len(strconv.Itoa(int(tp.Partition)))+len(suffix) > longestLogName {
		return wire.InvalidTopicException
	}
	if dir != rs.cfg.LogDir {
		return wire.LogDirNotFound
	}
	_, code := rs.Find(tp)
	if code == wire.NotLeaderOrFollower {
		return wire.ReplicaNotAvailable // the word until 2.6, for clients that know only that
	}
	return code
}
