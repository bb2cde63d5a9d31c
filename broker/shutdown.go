package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

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
	attempts int32
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
	addr, known := b.metadata.controllerAddress()
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

// stop ends the service, makes every log durable, and then leaves the cluster.
func (b *Broker) stop(out *model.Effects) {
	b.shutdown.phase = stopping
	b.registered.phase = refusing
	b.dropConnections(out)
	b.replicas.Close(out, b.closeSession)
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
