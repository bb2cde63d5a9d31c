package log

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

const epochCheckpoint = "leader-epoch-checkpoint"

// epochCache knows at which offset each leader epoch of a log began (LeaderEpochFileCache, 3.9).
type epochCache struct {
	entries []epochStart // ascending in both
}

type epochStart struct {
	epoch kafka.Epoch
	start kafka.Offset
}

// assign notes that epoch begins at start and says whether that was news. Entries that contradict
// it, of a later epoch or offset, are wrong and go.
func (c *epochCache) assign(epoch kafka.Epoch, start kafka.Offset) bool {
	if c.latest() >= epoch {
		return false
	}
	for n := len(c.entries); n > 0 && c.entries[n-1].start >= start; n = len(c.entries) {
		c.entries = c.entries[:n-1]
	}
	c.entries = append(c.entries, epochStart{epoch, start})
	return true
}

func (c *epochCache) latest() kafka.Epoch {
	if len(c.entries) == 0 {
		return kafka.NoEpoch
	}
	return c.entries[len(c.entries)-1].epoch
}

// endOffsetFor is the largest epoch not above the one asked for and where it ends: where the next
// begins, or at the log's end (KIP-279). An epoch newer than the newest ends nowhere: −1, −1
// (KIP-320); so does −1.
func (c *epochCache) endOffsetFor(epoch kafka.Epoch, logEnd kafka.Offset,
) (kafka.Epoch, kafka.Offset) {
	if epoch < 0 {
		return kafka.NoEpoch, kafka.NoOffset
	}
	if epoch == c.latest() {
		return epoch, logEnd
	}
	i := sort.Search(len(c.entries), func(i int) bool { return c.entries[i].epoch > epoch })
	if i == len(c.entries) {
		return kafka.NoEpoch, kafka.NoOffset
	}
	if i == 0 {
		// Older than all that is known: nothing of it is here, so it ends where the first begins.
		return epoch, c.entries[0].start
	}
	return c.entries[i-1].epoch, c.entries[i].start
}

// at is the epoch of the record at offset.
func (c *epochCache) at(offset kafka.Offset) kafka.Epoch {
	i := sort.Search(len(c.entries), func(i int) bool { return c.entries[i].start > offset })
	if i == 0 {
		return kafka.NoEpoch
	}
	return c.entries[i-1].epoch
}

// truncateFrom drops the epochs that begin at or behind end and says whether there were any.
func (c *epochCache) truncateFrom(end kafka.Offset) bool {
	n := sort.Search(len(c.entries), func(i int) bool { return c.entries[i].start >= end })
	changed := n < len(c.entries)
	c.entries = c.entries[:n]
	return changed
}

// behind counts the epochs that begin behind end.
func (c *epochCache) behind(end kafka.Offset) int {
	return len(c.entries) - sort.Search(len(c.entries),
		func(i int) bool { return c.entries[i].start > end })
}

// truncateFromStart drops the epochs that end at or before start, lets the one that goes on there
// begin there, and says whether that changed anything.
func (c *epochCache) truncateFromStart(start kafka.Offset) bool {
	n := sort.Search(len(c.entries), func(i int) bool { return c.entries[i].start > start })
	if n == 0 || n == 1 && c.entries[0].start == start {
		return false
	}
	c.entries = c.entries[n-1:]
	c.entries[0].start = start
	return true
}

func (c *epochCache) clear() { c.entries = nil }

// write puts the cache into its file: version, count, and a line for each epoch.
func (c *epochCache) write(disk model.Disk, dir string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "0\n%d\n", len(c.entries))
	for _, e := range c.entries {
		fmt.Fprintf(&b, "%d %d\n", e.epoch, e.start)
	}
	return WriteFile(disk, dir+"/"+epochCheckpoint, b.String())
}

// read takes the cache from its file. It is false, and the cache empty, when the file is missing or
// damaged: recovery learns the epochs from the batches again.
func (c *epochCache) read(disk model.Disk, dir string) (bool, error) {
	c.entries = nil
	lines, ok, err := readCheckpointLines(disk, dir+"/"+epochCheckpoint)
	if err != nil || !ok {
		return false, err
	}
	last := epochStart{kafka.NoEpoch, kafka.NoOffset}
	for _, line := range lines {
		first, second, ok := strings.Cut(line, " ")
		epoch, err1 := strconv.ParseInt(first, 10, 32)
		start, err2 := strconv.ParseInt(second, 10, 64)
		e := epochStart{kafka.Epoch(epoch), kafka.Offset(start)}
		if !ok || err1 != nil || err2 != nil || e.epoch <= last.epoch || e.start <= last.start {
			c.entries = nil
			return false, nil
		}
		c.entries = append(c.entries, e)
		last = e
	}
	return true, nil
}
