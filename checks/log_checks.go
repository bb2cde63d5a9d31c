package checks

import (
	"slices"

	"sandcastle/checks/logs"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// logCheck is a check of the logs of a partition's replicas.
type logCheck func(*logs.Book, model.Time, []kafka.ReplicaView) []logs.Violation

// logChecks are those of package logs, and what they need.
func logChecks() []watcherCheck {
	tracking := []string{logTracking}
	list := []watcherCheck{{
		name: logTracking, observe: (*Watcher).observeLogs, observeOp: (*Watcher).observeAnswers,
		inspectPartition: (*Watcher).syncLogs,
	}}
	for _, c := range []struct {
		anomaly kafka.Anomaly
		run     logCheck
	}{
		{kafka.OutOfBounds, (*logs.Book).OutOfBounds},
		{kafka.BrokenBatch, (*logs.Book).BrokenBatches},
		{kafka.BrokenSequence, (*logs.Book).BrokenSequences},
		{kafka.EarlyDeletion, (*logs.Book).EarlyDeletions},
		{kafka.LateDeletion, (*logs.Book).LateDeletions},
		{kafka.UnrolledSegment, (*logs.Book).UnrolledSegments},
		{kafka.BadCompaction, (*logs.Book).BadCompactions},
		{kafka.ChangedLog, (*logs.Book).ChangedLogs},
		{kafka.ProducerState, (*logs.Book).ProducerStates},
		{kafka.EpochCache, (*logs.Book).EpochCaches},
		{kafka.WrongLookup, (*logs.Book).WrongLookups},
		{kafka.EarlyAck, (*logs.Book).EarlyAcks},
		{kafka.UncommittedRead, (*logs.Book).UncommittedReads},
		{kafka.MisroutedKey, (*logs.Book).MisroutedKeys},
	} {
		list = append(list, watcherCheck{
			name: string(c.anomaly), needs: tracking, inspectPartition: c.run.inspect,
		})
	}
	return append(list, watcherCheck{
		name: string(kafka.MisplacedReplica), inspect: (*Watcher).misplacedReplicas,
	})
}

func (w *Watcher) misplacedReplicas(v *look) []violation {
	return violations(w.logs.MisplacedReplicas(&v.ClusterView))
}

func (c logCheck) inspect(w *Watcher, v *look, replicas []kafka.ReplicaView) []violation {
	return violations(c(w.logs, v.At, replicas))
}

func violations(found []logs.Violation) (list []violation) {
	for _, x := range found {
		list = append(list, violation{
			anomaly: x.Anomaly, cause: x.Cause, identity: x.Identity, explanation: x.Explanation,
			witnesses: slices.Clone(x.Witnesses),
		})
	}
	return list
}

func (w *Watcher) observeLogs(line *kafka.TraceLine) []violation {
	w.logs.Observe(line)
	return nil
}

func (w *Watcher) observeAnswers(op *kafka.Op) { w.logs.ObserveOp(op, who(op)) }

func (w *Watcher) syncLogs(v *look, replicas []kafka.ReplicaView) []violation {
	w.logs.Sync(v.At, replicas)
	return nil
}

// Logs is what the Watcher knows of logs. It is to be told what topics are set to, and which
// records operators have deleted, for it believes no broker in that.
func (w *Watcher) Logs() *logs.Book { return w.logs }
