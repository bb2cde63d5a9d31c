package broker

import (
	"time"

	"sandcastle/broker/config"
	"sandcastle/model"
)

// logTask is something that the broker does for its logs from time to time.
type logTask struct {
	first time.Duration // after the start
	every time.Duration
	run   func(b *Broker, out *model.Effects)
}

// logTasks are the tasks in the order of their timers' ids (LogManager.startup, 3.9).
func (b *Broker) logTasks() []logTask {
	c := b.cfg
	first := c.LogInitialTaskDelay
	return []logTask{
		{first, c.LogRetentionCheck, (*Broker).deleteOldSegments},
		{first, c.LogFlushScheduler, (*Broker).flushDirtyLogs},
		{first, c.LogFlushCheckpoint, (*Broker).checkpointRecoveryPoints},
		{first, c.LogStartCheckpoint, (*Broker).checkpointLogStarts},
		{c.ProducerIDExpiryCheck, c.ProducerIDExpiryCheck, (*Broker).expireProducers},
	}
}

// startLogTasks sets the timers of the tasks that have an interval.
func (b *Broker) startLogTasks(out *model.Effects) {
	for i, task := range b.logTasks() {
		if task.every < config.Forever {
			out.SetTimer(model.Timer{Kind: timerLogTask, ID: uint64(i)}, out.Now.Add(task.first))
		}
	}
}

// expireProducers forgets idempotent producers that have been silent for producer.id.expiration.ms.
func (b *Broker) expireProducers(out *model.Effects) {
	for _, p := range b.ordered {
		p.log.ExpireProducers(out.Now, b.cfg.ProducerIDExpiration)
	}
}

func (b *Broker) onLogTaskTimer(out *model.Effects, id uint64) {
	task := b.logTasks()[id]
	task.run(b, out)
	out.SetTimer(model.Timer{Kind: timerLogTask, ID: id}, out.Now.Add(task.every))
}
