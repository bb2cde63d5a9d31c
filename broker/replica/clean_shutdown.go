package replica

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"sandcastle/broker/log"
	"sandcastle/model"
)

// Close makes every log durable, with a snapshot of its producers, then the checkpoints, and behind
// them the marker by which the next start relies on the logs, and calls done (LogManager.shutdown,
// 3.9). It never does when the disk fails: the broker ends without the marker.
func (rs *Set) Close(out *model.Effects, done func(*model.Effects)) {
	rs.closing = true
	for _, p := range rs.ordered {
		rs.fetchers.unfollow(p)
	}
	open := 1
	onFlushed := func(out *model.Effects) {
		if open--; open == 0 {
			rs.markClean(out, done)
		}
	}
	for _, p := range rs.ordered {
		if p.log.SnapshotProducers() != nil {
			return
		}
		open++
		p.flushAll(out, onFlushed)
	}
	onFlushed(out)
}

func (rs *Set) markClean(out *model.Effects, done func(*model.Effects)) {
	rs.checkpoints.writeRecoveryPoints(out)
	rs.checkpoints.writeLogStarts(out)
	rs.checkpoints.writeHighWatermarks(out)
	if !rs.cleanStart && rs.unopenedLogs() {
		done(out)
		return
	}
	if rs.writeMarker() == nil {
		rs.dir.Flush(out, log.CleanShutdownFile, done)
	}
}

// cleanMarker is what the marker says since 3.7 (CleanShutdownFileHandler, KIP-966).
type cleanMarker struct {
	Version     int   `json:"version"`
	BrokerEpoch int64 `json:"brokerEpoch"`
}

func (rs *Set) writeMarker() error {
	data, err := json.Marshal(cleanMarker{0, rs.membership.BrokerEpoch()})
	if err != nil {
		panic("replica: " + err.Error())
	}
	f, err := rs.dir.Open(log.CleanShutdownFile)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(data, 0)
	return err
}

// removeMarker tells whether the last incarnation shut down cleanly, and removes what says so, for
// from now on the logs may be written to.
func (rs *Set) removeMarker() bool {
	names, err := rs.dir.List("")
	return err == nil && slices.Contains(names, log.CleanShutdownFile) &&
		rs.dir.Remove(log.CleanShutdownFile) == nil
}

// unopenedLogs tells whether a log on the disk was not opened by this incarnation. Kafka opens all
// of them at the start, here the controller's word opens them; until then nobody knows whether they
// are whole.
func (rs *Set) unopenedLogs() bool {
	names, err := rs.dir.List("")
	if err != nil {
		return true
	}
	opened := map[string]bool{}
	for _, p := range rs.ordered {
		opened[p.log.Dir()] = true
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.HasSuffix(name, ".log") && !opened[path.Dir(name)]
	})
}
