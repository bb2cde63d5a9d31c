package broker

import (
	"time"

	"sandcastle/model"
)

// logTask is something that the broker does for its logs from time to time.
type logTask struct {
	every time.Duration
	run   func(b *Broker, now model.Time, out *model.Effects)
}

// logTasks are the tasks in the order of their timers' ids (LogManager.startup, 3.9).
func (b *Broker) logTasks() []logTask {
	c := &b.cfg
	return []logTask{
		{c.LogRetentionCheck, (*Broker).deleteOldSegments},
		{c.LogFlushScheduler, (*Broker).flushDirtyLogs},
		{c.LogFlushCheckpoint, (*Broker).checkpointRecoveryPoints},
		{c.LogStartCheckpoint, (*Broker).checkpointLogStarts},
	}
}

// startLogTasks sets the timers of the tasks that have an interval.
func (b *Broker) startLogTasks(now model.Time, out *model.Effects) {
	for i, task := range b.logTasks() {
		if task.every < forever {
			out.SetTimer(model.Timer{Kind: timerLogTask, ID: uint64(i)}, now.Add(b.cfg.LogInitialTaskDelay))
		}
	}
}

func (b *Broker) onLogTaskTimer(now model.Time, out *model.Effects, id uint64) {
	task := b.logTasks()[id]
	task.run(b, now, out)
	out.SetTimer(model.Timer{Kind: timerLogTask, ID: id}, now.Add(task.every))
}
