package client

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Doing says what a member of a group waits for, for people.
func (c *Consumer) Doing() string {
	switch {
	case !c.group.subscribed:
		return "is a member of no group"
	case !c.coordinator.known():
		return "looks for the coordinator of its group"
	}
	return [...]string{
		unjoined:  "is about to join its group",
		revoking:  "commits once more before it gives up its partitions",
		joining:   "waits for the answer to its JoinGroup",
		assigning: "waits for metadata to divide the partitions",
		syncing:   "waits for the answer to its SyncGroup",
		stable:    "is in its group",
	}[c.group.state]
}

// Polling tells whether the application takes part: it is neither paused nor over, so that it can
// be a member and read.
func (c *Consumer) Polling() bool {
	return !c.processing.paused && c.closing == notClosing && c.failed == 0
}

// Reads tells whether the application wants the records of a partition now, and could have them.
func (c *Consumer) Reads(tp kafka.TopicPartition) bool {
	p := c.subscription.find(tp)
	return p != nil && !p.paused && p.state != stopped
}

// Behind are the partitions in which the consumer has not read to the high watermark that it was
// told last, without those that the application has paused.
func (c *Consumer) Behind() (list []kafka.PartitionOffset) {
	for _, p := range c.subscription.owned {
		if !p.paused && p.state != stopped && (p.state != fetchable || p.position < p.highWatermark) {
			list = append(list, kafka.PartitionOffset{Key: p.tp, Offset: p.position})
		}
	}
	return list
}

// Busy tells whether the application works on what it has read.
func (c *Consumer) Busy(now model.Time) bool { return !c.processing.free(now) }
