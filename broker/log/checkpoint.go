package log

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// CleanShutdownFile is the file that a broker leaves when it has flushed everything and shuts down,
// and removes when it starts. Logs are opened with CleanShutdown as their recovery point if it was
// there.
const CleanShutdownFile = ".kafka_cleanshutdown"

// CleanShutdown is the recovery point of a log that was flushed to its end.
const CleanShutdown kafka.Offset = math.MaxInt64

// The checkpoint files of a broker, in Kafka's text format: version, count, and a line
// "topic partition offset" for each partition (OffsetCheckpointFile, 3.9).
const (
	ReplicationOffsetCheckpoint = "replication-offset-checkpoint"
	RecoveryPointCheckpoint     = "recovery-point-offset-checkpoint"
	LogStartCheckpoint          = "log-start-offset-checkpoint"
)

// WriteCheckpoint replaces the file called name, which the caller then flushes.
func WriteCheckpoint(disk model.Disk, name string,
	offsets map[kafka.TopicPartition]kafka.Offset,
) error {
	tps := make([]kafka.TopicPartition, 0, len(offsets))
	for tp := range offsets { //unordered: they are sorted below
		tps = append(tps, tp)
	}
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	var b strings.Builder
	fmt.Fprintf(&b, "0\n%d\n", len(tps))
	for _, tp := range tps {
		fmt.Fprintf(&b, "%s %d %d\n", tp.Topic, tp.Partition, offsets[tp])
	}
	return WriteFile(disk, name, b.String())
}

// ReadCheckpoint reads what WriteCheckpoint wrote. A file that was never written is empty; a
// damaged one is an error that names it.
func ReadCheckpoint(disk model.Disk, name string) (map[kafka.TopicPartition]kafka.Offset, error) {
	offsets := map[kafka.TopicPartition]kafka.Offset{}
	if names, err := disk.List(""); err != nil || !slices.Contains(names, name) {
		return offsets, err
	}
	lines, ok, err := readCheckpointLines(disk, name)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s: not a checkpoint file of version 0", name)
	}
	for _, line := range lines {
		words := strings.Split(line, " ")
		if len(words) != 3 {
			return nil, fmt.Errorf("%s: %q is no line of a checkpoint", name, line)
		}
		partition, err1 := strconv.ParseInt(words[1], 10, 32)
		offset, err2 := strconv.ParseInt(words[2], 10, 64)
		if err1 != nil || err2 != nil || partition < 0 || offset < 0 {
			return nil, fmt.Errorf("%s: %q is no line of a checkpoint", name, line)
		}
		tp := kafka.TopicPartition{Topic: words[0], Partition: int32(partition)}
		offsets[tp] = kafka.Offset(offset)
	}
	return offsets, nil
}

// readCheckpointLines returns the lines behind version and count, false when those are not right.
// The error is the disk's.
func readCheckpointLines(disk model.Disk, name string) ([]string, bool, error) {
	f, err := disk.Open(name)
	if err != nil {
		return nil, false, err
	}
	b := make([]byte, f.Size())
	if err := readFull(f, b, 0); err != nil {
		return nil, false, err
	}
	text, whole := strings.CutSuffix(string(b), "\n")
	lines := strings.Split(text, "\n")
	if !whole || len(lines) < 2 || lines[0] != "0" || lines[1] != strconv.Itoa(len(lines)-2) {
		return nil, false, nil
	}
	return lines[2:], true, nil
}

// WriteFile replaces a file by renaming a new one over it. Until the caller flushes it, a power
// loss may leave the old one, the new one, or a damaged one.
func WriteFile(disk model.Disk, name, content string) error {
	f, err := disk.Open(name + ".tmp")
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte(content), 0); err != nil {
		return err
	}
	return disk.Rename(name+".tmp", name)
}
