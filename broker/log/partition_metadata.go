package log

import (
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// partitionMetadata is the file that says of which topic a log is, by the id that tells it from
// others of its name (PartitionMetadataFile, 3.9; KIP-516).
const partitionMetadata = "partition.metadata"

// TopicID reads the id of the topic whose log lies on disk for tp, as text: "" when there is no
// log, one from before there were ids, or one whose file a power loss has damaged. The error is the
// disk's.
func TopicID(disk model.Disk, tp kafka.TopicPartition) (string, error) {
	name := tp.String() + "/" + partitionMetadata
	names, err := disk.List(tp.String())
	if err != nil || !slices.Contains(names, name) {
		return "", err
	}
	f, err := disk.Open(name)
	if err != nil {
		return "", err
	}
	b := make([]byte, f.Size())
	if err := readFull(f, b, 0); err != nil {
		return "", err
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if len(lines) != 2 || lines[0] != "version: 0" {
		return "", nil
	}
	id, ok := strings.CutPrefix(lines[1], "topic_id: ")
	if !ok || len(id) != topicIDLength {
		return "", nil
	}
	return id, nil
}

// topicIDLength is that of 16 bytes in base64.
const topicIDLength = 22

// WriteTopicID notes beside the log of which topic it is.
func (l *Log) WriteTopicID(id string) error {
	return WriteFile(l.disk, l.dir+"/"+partitionMetadata, "version: 0\ntopic_id: "+id)
}
