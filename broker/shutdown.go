package broker

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Shutdown asks a broker to shut down in good order, as SIGTERM does: its leaders move away, its
// logs are flushed, its ZooKeeper session is closed, and it ends.
type Shutdown struct {
	// Whole says that every broker shuts down, so that there is nowhere to move leaders to.
	Whole bool
}

// String implements model.Command.
func (s Shutdown) String() string {
	if s.Whole {
		return "shutdown of the whole cluster"
	}
	return "shutdown"
}

// Sum implements model.Command.
func (s Shutdown) Sum() uint64 { return model.SumString(kafka.SumShutdown, s.String()) }

// shutdown is how far a broker has come with it (KafkaServer.shutdown, 3.9).
type shutdown struct {
	phase shutdownPhase
	// attempts are how often the controller may still be asked to move the leaders.
	attempts  int32
	unflushed int // logs and files whose last flush is out
	// clean says that every log that lay on the disk at the start was flushed then.
	clean bool
}

// shutdownPhase is how far a shutdown has come.
type shutdownPhase uint8

const (
	running  shutdownPhase = iota
	moving                 // the controller moves the leaders; requests are served
	stopping               // requests are refused; the logs are flushed, then the session closed
)

// shutDown begins. A broker that was never registered has no leaders to move.
func (b *Broker) shutDown(command Shutdown, out *model.Effects) {
	if b.shutdown.phase != running {
		return
	}
	if !b.cfg.ControlledShutdown || command.Whole || b.registered.phase != serving {
		b.stop(out)
		return
	}
	b.shutdown.phase, b.shutdown.attempts = moving, b.cfg.ControlledShutdownRetries
	b.askToMove(out)
}

// askToMove asks the controller to take this broker's leaders away (KafkaServer.
// controlledShutdown, 3.9). When it does not in time the broker stops all the same.
func (b *Broker) askToMove(out *model.Effects) {
	if b.shutdown.attempts == 0 {
		b.stop(out)
		return
	}
	b.shutdown.attempts--
	addr, known := b.metadata.address(b.metadata.controller)
	if !known {
		b.retryMove(out)
		return
	}
	req := kmsg.NewPtrControlledShutdownRequest()
	req.SetVersion(3)
	req.BrokerID, req.BrokerEpoch = int32(b.cfg.ID), b.registered.epoch
	b.forwardLinks.To(addr).Send(out, req, b.cfg.ControllerSocketTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			if err != nil {
				b.retryMove(out)
				return
			}
			r := resp.(*kmsg.ControlledShutdownResponse)
			if wire.Code(r.ErrorCode) != wire.None || len(r.PartitionsRemaining) > 0 {
				b.retryMove(out)
				return
			}
			b.stop(out)
		})
}

func (b *Broker) retryMove(out *model.Effects) {
	if b.shutdown.attempts == 0 {
		b.stop(out)
		return
	}
	out.SetTimer(model.Timer{Kind: timerShutdown}, out.Now.Add(b.cfg.ControlledShutdownBackoff))
}

// stop ends the service and makes every log durable, with a snapshot of its producers.
func (b *Broker) stop(out *model.Effects) {
	b.shutdown.phase = stopping
	b.registered.phase = refusing
	b.dropConnections(out)
	for _, p := range b.ordered {
		b.unfollow(p)
	}
	b.shutdown.unflushed = 1
	for _, p := range b.ordered {
		if p.log.SnapshotProducers() != nil {
			return // the disk has failed, and the broker ends without the marker
		}
		b.shutdown.unflushed++
		p.flushAll(out, b.onStopFlushed)
	}
	b.onStopFlushed(out)
}

// onStopFlushed goes on when the last log is durable: the checkpoints, and behind them the marker
// by which the next start believes the logs (LogManager.shutdown, 3.9).
func (b *Broker) onStopFlushed(out *model.Effects) {
	if b.shutdown.unflushed--; b.shutdown.unflushed > 0 {
		return
	}
	b.checkpointRecoveryPoints(out)
	b.checkpointLogStarts(out)
	b.checkpointHighWatermarks(out)
	if !b.shutdown.clean && b.unopenedLogs() {
		b.closeSession(out)
		return
	}
	if b.writeMarker() == nil {
		b.flush(out, log.CleanShutdownFile, b.closeSession)
	}
}

// closeSession removes this broker from ZooKeeper at once, where a crash would leave it there until
// the session expires. Then the process ends, even if ZooKeeper cannot be reached.
func (b *Broker) closeSession(out *model.Effects) {
	if !b.session.Connected() {
		out.Halt(shutDownReason)
		return
	}
	b.session.Close(out, func(out *model.Effects, _ zookeeper.Result) {
		out.Halt(shutDownReason)
	})
}

const shutDownReason = "shut down"

// cleanMarker is what the marker says since 3.7 (CleanShutdownFileHandler, KIP-966).
type cleanMarker struct {
	Version     int   `json:"version"`
	BrokerEpoch int64 `json:"brokerEpoch"`
}

func (b *Broker) writeMarker() error {
	data, err := json.Marshal(cleanMarker{0, b.registered.epoch})
	if err != nil {
		panic("broker: " + err.Error())
	}
	f, err := b.dir.Open(log.CleanShutdownFile)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(data, 0)
	return err
}

// takeMarker tells whether the last incarnation shut down cleanly, and removes what says so, for
// from now on the logs may be written to.
func (b *Broker) takeMarker() bool {
	names, err := b.dir.List("")
	return err == nil && slices.Contains(names, log.CleanShutdownFile) &&
		b.dir.Rename(log.CleanShutdownFile, "") == nil
}

// lastCheckpoint is what the last incarnation left written of one log.
func (b *Broker) lastCheckpoint(tp kafka.TopicPartition) log.Checkpoint {
	at := b.checkpoints.log(tp)
	if b.shutdown.clean {
		at.RecoveryPoint = log.CleanShutdown
	}
	return at
}

// unopenedLogs tells whether a log on the disk was not opened by this incarnation. Kafka opens all
// of them at the start, here the controller's word opens them; until then nobody knows whether they
// are whole.
func (b *Broker) unopenedLogs() bool {
	names, err := b.dir.List("")
	if err != nil {
		return true
	}
	return slices.ContainsFunc(names, func(name string) bool {
		dir := path.Dir(name)
		return strings.HasSuffix(name, ".log") && !slices.ContainsFunc(b.ordered,
			func(p *Partition) bool { return p.log.Dir() == dir })
	})
}
