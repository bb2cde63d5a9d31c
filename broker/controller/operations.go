package controller

import (
	"time"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// anyVersion stands for "whatever the node's version is".
const anyVersion = -1

// retryAfter is when operations that a lost connection swallowed are issued again.
const retryAfter = 200 * time.Millisecond

type opKind uint8

const (
	opGet opKind = iota + 1
	opExists
	opChildren
	opCreate
	opSet
	opDelete
	// opClaim creates /controller and sets /controller_epoch, both or neither.
	opClaim
)

// request is one ZooKeeper operation.
type request struct {
	kind    opKind
	path    string
	watch   bool
	data    []byte
	claim   []byte // opClaim: the content of /controller
	version int32
	// guarded writes happen only while /controller_epoch has the version that this controller
	// wrote.
	guarded bool
}

// result is how a request ended.
type result struct {
	code     zookeeper.Code
	data     []byte
	stat     zookeeper.Stat
	children []string
}

// pipeline is a group of requests that were issued together.
type pipeline struct {
	term     uint64
	requests []request
	results  []result
	open     int
	then     func(out *model.Effects, results []result)
}

// submit issues requests in order and continues when all have ended. A request that is swallowed by
// a lost connection is issued again (KafkaZkClient.retryRequestsUntilConnected, 3.9). If a guarded
// one finds that another controller was elected, this one resigns and nothing continues.
func (c *Controller) submit(out *model.Effects, requests []request,
	then func(out *model.Effects, results []result),
) {
	if len(requests) == 0 {
		then(out, nil)
		return
	}
	p := &pipeline{
		term: c.term, requests: requests, results: make([]result, len(requests)),
		open: len(requests), then: then,
	}
	for i := range requests {
		if c.term != p.term {
			return
		}
		c.issue(out, p, i)
	}
}

// issue sends request i of p.
func (c *Controller) issue(out *model.Effects, p *pipeline, i int) {
	r := &p.requests[i]
	s := c.cfg.Session
	done := func(out *model.Effects, res zookeeper.Result) {
		c.onResult(out, p, i, res)
	}
	switch {
	case r.kind == opGet:
		s.Get(out, r.path, r.watch, done)
	case r.kind == opExists:
		s.Exists(out, r.path, r.watch, done)
	case r.kind == opChildren:
		s.Children(out, r.path, r.watch, done)
	case r.kind == opClaim:
		s.Multi(out, []zookeeper.Op{
			zookeeper.CreateOp(znode.ControllerPath, r.claim, zookeeper.Ephemeral),
			zookeeper.SetOp(znode.ControllerEpochPath, r.data, r.version),
		}, done)
	case r.guarded:
		s.Multi(out, []zookeeper.Op{
			zookeeper.CheckOp(znode.ControllerEpochPath, c.epochVersion), writeOp(r),
		}, done)
	case r.kind == opCreate:
		s.Create(out, r.path, r.data, 0, done)
	case r.kind == opSet:
		s.Set(out, r.path, r.data, r.version, done)
	case r.kind == opDelete:
		s.Delete(out, r.path, r.version, done)
	}
}

func writeOp(r *request) zookeeper.Op {
	switch r.kind {
	case opCreate:
		return zookeeper.CreateOp(r.path, r.data, 0)
	case opSet:
		return zookeeper.SetOp(r.path, r.data, r.version)
	default:
		return zookeeper.DeleteOp(r.path, r.version)
	}
}

func (c *Controller) onResult(out *model.Effects, p *pipeline, i int,
	res zookeeper.Result,
) {
	if p.term != c.term {
		return // resigned since
	}
	switch res.Err {
	case zookeeper.ErrConnectionLoss:
		c.lost = append(c.lost, func(out *model.Effects) {
			if p.term == c.term {
				c.issue(out, p, i)
			}
		})
		out.SetTimer(c.timer(timerRetry), out.Now.Add(retryAfter))
		return
	case zookeeper.ErrSessionExpired:
		return // OnSessionExpired follows
	}
	r := &p.requests[i]
	answer := result{code: res.Err, data: res.Data, stat: res.Stat, children: res.Children}
	if len(res.Results) == 2 {
		if r.guarded && res.Results[0].Err != zookeeper.ErrNone {
			c.resignAndCheck(out, "another controller was elected")
			return
		}
		answer.code, answer.stat = res.Results[1].Err, res.Results[1].Stat
	}
	p.results[i] = answer
	p.open--
	if p.open == 0 {
		p.then(out, p.results)
	}
}

// retryLost issues again what was swallowed, in the same order.
func (c *Controller) retryLost(out *model.Effects) {
	lost := c.lost
	c.lost = nil
	for _, again := range lost {
		again(out)
	}
}
