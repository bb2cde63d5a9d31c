package replica

import (
	"time"

	"sandcastle/broker/config"
	"sandcastle/model"
)

// logTask is something that the broker does for its logs from time to time.
type logTask struct {
	first time.Duration // after the start
	every time.Duration
	run   func(out *model.Effects)
}

// logTasks are the tasks in the order of their timers' ids (LogManager.startup, 3.9).
func (rs *Set) logTasks() []logTask {
	c := rs.cfg
	first := c.LogInitialTaskDelay
	return []logTask{
		{first, c.LogRetentionCheck, rs.deleteOldSegments},
		{first, c.LogFlushScheduler, rs.flushDirtyLogs},
		{first, c.LogFlushCheckpoint, rs.checkpoints.writeRecoveryPoints},
		{first, c.LogStartCheckpoint, rs.checkpoints.writeLogStarts},
		{c.ProducerIDExpiryCheck, c.ProducerIDExpiryCheck, rs.expireProducers},
	}
}

// startLogTasks sets the timers of the tasks that have an interval.
func (rs *Set) startLogTasks(out *model.Effects) {
	for i, task := range rs.logTasks() {
		if task.every < config.Forever {
			out.SetTimer(model.Timer{Kind: rs.timers.LogTask, ID: uint64(i)}, out.Now.Add(task.first))
		}
	}
}

// expireProducers forgets idempotent producers that have been silent for producer.id.expiration.ms.
func (rs *Set) expireProducers(out *model.Effects) {
	for _, p := range rs.ordered {
		p.log.ExpireProducers(out.Wall, rs.cfg.ProducerIDExpiration)
	}
}

func (rs *Set) onLogTaskTimer(out *model.Effects, id uint64) {
	task := rs.logTasks()[id]
	task.run(out)
	out.SetTimer(model.Timer{Kind: rs.timers.LogTask, ID: id}, out.Now.Add(task.every))
}
