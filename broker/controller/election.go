package controller

import (
	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// office is what controllers are elected to. The Controller implements it.
type office interface {
	// Active tells whether this broker is the controller already.
	Active() bool
	// becomeController takes office in an epoch, which was written to /controller_epoch at version.
	becomeController(out *model.Effects, epoch kafka.Epoch, version int32, then chain.Next)
	// resign leaves the office.
	resign(out *model.Effects, reason string)
}

// controllerElection finds out who is the controller, and campaigns when nobody is.
type controllerElection struct {
	self    kafka.BrokerID
	session *zookeeper.Session
	zk      *zkClient
	events  *eventQueue
	office  office
	known   kafka.BrokerID // the last known controller; NoBroker when nobody is
}

// checkLater queues a check.
func (e *controllerElection) checkLater(out *model.Effects) {
	e.events.add(out, event{work: chain.Do("check the controller", e.check)})
}

// check reads /controller, arms its watch, and acts on what it finds: it resigns, or runs for
// controller (KafkaController.processReelect and processControllerChange, 3.9).
func (e *controllerElection) check(out *model.Effects, then chain.Next) {
	exists := request{kind: opExists, path: znode.ControllerPath, watch: true}
	e.zk.submit(out, []request{exists}, func(out *model.Effects, r []result) {
		if r[0].code == zookeeper.ErrNoNode {
			e.known = kafka.NoBroker
			if e.office.Active() {
				e.office.resign(out, "/controller is gone")
				e.checkLater(out)
				return
			}
			e.campaign(out, then)
			return
		}
		get := request{kind: opGet, path: znode.ControllerPath}
		e.zk.submit(out, []request{get}, func(out *model.Effects, r []result) {
			e.onControllerRead(out, r[0], then)
		})
	})
}

func (e *controllerElection) onControllerRead(out *model.Effects, node result,
	then chain.Next,
) {
	found, err := znode.DecodeController(node.data)
	if node.code != zookeeper.ErrNone || err != nil {
		then(out) // gone again: the watch has fired, and its event is queued
		return
	}
	e.known = found.Broker
	switch {
	case e.office.Active() && found.Broker != e.self:
		e.office.resign(out, "another controller was elected")
	case !e.office.Active() && found.Broker == e.self && node.stat.EphemeralOwner == e.session.ID():
		// We created it but gave up in between. Nobody else can be elected while it is there.
		remove := request{kind: opDelete, path: znode.ControllerPath, version: node.stat.Version}
		e.zk.submit(out, []request{remove}, func(out *model.Effects, _ []result) {
			then(out)
		})
	default:
		then(out)
	}
}

// campaign tries to become controller: in one transaction it creates /controller and counts
// /controller_epoch up from the value read before. It fails when another was faster
// (KafkaZkClient.registerControllerAndIncrementControllerEpoch, 3.9).
func (e *controllerElection) campaign(out *model.Effects, then chain.Next) {
	get := request{kind: opGet, path: znode.ControllerEpochPath}
	e.zk.submit(out, []request{get}, func(out *model.Effects, r []result) {
		if r[0].code == zookeeper.ErrNoNode {
			create := request{kind: opCreate, path: znode.ControllerEpochPath,
				data: znode.EncodeControllerEpoch(0)}
			e.zk.submit(out, []request{create},
				func(out *model.Effects, _ []result) {
					e.campaign(out, then) // created, by us or by another
				})
			return
		}
		epoch, err := znode.DecodeControllerEpoch(r[0].data)
		if err != nil {
			then(out)
			return
		}
		e.register(out, epoch+1, r[0].stat.Version, then)
	})
}

// register claims epoch, expecting /controller_epoch at version.
func (e *controllerElection) register(out *model.Effects, epoch kafka.Epoch,
	version int32, then chain.Next,
) {
	claim := request{kind: opClaim, version: version, data: znode.EncodeControllerEpoch(epoch)}
	claim.claim = znode.EncodeController(znode.Controller{
		Broker: e.self, Timestamp: out.Wall.Millis(),
	})
	e.zk.submit(out, []request{claim}, func(out *model.Effects, r []result) {
		if r[0].code == zookeeper.ErrNone {
			e.won(out, epoch, r[0].stat.Version, then)
			return
		}
		e.checkClaim(out, epoch, then)
	})
}

// checkClaim finds out whether a claim that was answered by an error has succeeded after all: the
// first answer may have been lost with its connection.
func (e *controllerElection) checkClaim(out *model.Effects, claimed kafka.Epoch,
	then chain.Next,
) {
	reads := []request{
		{kind: opGet, path: znode.ControllerPath}, {kind: opGet, path: znode.ControllerEpochPath},
	}
	e.zk.submit(out, reads, func(out *model.Effects, r []result) {
		found, err1 := znode.DecodeController(r[0].data)
		epoch, err2 := znode.DecodeControllerEpoch(r[1].data)
		ours := r[0].code == zookeeper.ErrNone && err1 == nil && found.Broker == e.self &&
			r[0].stat.EphemeralOwner == e.session.ID()
		if ours && err2 == nil && epoch == claimed {
			e.won(out, epoch, r[1].stat.Version, then)
			return
		}
		e.check(out, then)
	})
}

func (e *controllerElection) won(out *model.Effects, epoch kafka.Epoch,
	version int32, then chain.Next,
) {
	e.known = e.self
	e.office.becomeController(out, epoch, version, then)
}
