package controller

import (
	"slices"
	"time"

	"sandcastle/broker/chain"
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

// zkClient issues the controller's operations on ZooKeeper, each again and again until it is
// answered (KafkaZkClient, 3.9).
type zkClient struct {
	session *zookeeper.Session
	retry   model.Timer
	// onFenced is called when a guarded write finds that another controller was elected.
	onFenced chain.Next

	// epochVersion is the zkVersion of /controller_epoch that this controller wrote when it was
	// elected, by which guarded writes are bound to its term.
	epochVersion int32
	// term counts the calls of abandon. What was begun in an earlier term does not continue.
	term uint64
	lost []chain.Next // operations to issue again, in order
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
// a lost connection is issued again (KafkaZkClient.retryRequestsUntilConnected, 3.9). When a
// guarded one finds that another controller was elected, onFenced is called and nothing continues.
func (z *zkClient) submit(out *model.Effects, requests []request,
	then func(out *model.Effects, results []result),
) {
	if len(requests) == 0 {
		then(out, nil)
		return
	}
	p := &pipeline{
		term: z.term, requests: requests, results: make([]result, len(requests)),
		open: len(requests), then: then,
	}
	for i := range requests {
		if z.term != p.term {
			return
		}
		z.issue(out, p, i)
	}
}

// issue sends request i of p.
func (z *zkClient) issue(out *model.Effects, p *pipeline, i int) {
	r := &p.requests[i]
	s := z.session
	done := func(out *model.Effects, res zookeeper.Result) {
		z.onResult(out, p, i, res)
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
			zookeeper.CheckOp(znode.ControllerEpochPath, z.epochVersion), writeOp(r),
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

func (z *zkClient) onResult(out *model.Effects, p *pipeline, i int,
	res zookeeper.Result,
) {
	if p.term != z.term {
		return // resigned since
	}
	switch res.Err {
	case zookeeper.ErrConnectionLoss:
		z.lost = append(z.lost, func(out *model.Effects) {
			if p.term == z.term {
				z.issue(out, p, i)
			}
		})
		out.SetTimer(z.retry, out.Now.Add(retryAfter))
		return
	case zookeeper.ErrSessionExpired:
		return // OnSessionExpired follows
	}
	r := &p.requests[i]
	answer := result{code: res.Err, data: res.Data, stat: res.Stat, children: res.Children}
	if len(res.Results) == 2 {
		if r.guarded && res.Results[0].Err != zookeeper.ErrNone {
			z.onFenced(out)
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

// abandon ends everything under way: nothing that was asked for before continues.
func (z *zkClient) abandon() {
	z.term++
	z.lost = nil
}

// retryLost issues again what was swallowed, in the same order.
func (z *zkClient) retryLost(out *model.Effects) {
	lost := z.lost
	z.lost = nil
	for _, again := range lost {
		again(out)
	}
}

// delete deletes nodes, whether or not they are still there.
func (z *zkClient) delete(out *model.Effects, paths []string, then chain.Next) {
	writes := make([]request, len(paths))
	for i, path := range paths {
		writes[i] = request{kind: opDelete, path: path, guarded: true, version: anyVersion}
	}
	z.submit(out, writes, func(out *model.Effects, _ []result) { then(out) })
}

// deleteChildren deletes the named nodes below parent, whether or not they are still there.
func (z *zkClient) deleteChildren(out *model.Effects, parent string,
	names []string, then chain.Next,
) {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = parent + "/" + name
	}
	z.delete(out, paths, then)
}

// readChildren reads the nodes below parent in the order of their names, and arms the watch for
// more.
func (z *zkClient) readChildren(out *model.Effects, parent string,
	then func(out *model.Effects, names []string, nodes []result),
) {
	list := request{kind: opChildren, path: parent, watch: true}
	z.submit(out, []request{list}, func(out *model.Effects, r []result) {
		names := r[0].children
		slices.Sort(names)
		reads := make([]request, len(names))
		for i, name := range names {
			reads[i] = request{kind: opGet, path: parent + "/" + name}
		}
		z.submit(out, reads, func(out *model.Effects, r []result) {
			then(out, names, r)
		})
	})
}
