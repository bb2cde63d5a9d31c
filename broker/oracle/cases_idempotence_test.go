package oracle

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) idempotenceCases() {
	pid := func(r *player) int64 {
		q := kmsg.NewPtrInitProducerIDRequest()
		q.TransactionTimeoutMillis = 60000
		for range 100 {
			resp, _ := r.quiet(q, 4).(*kmsg.InitProducerIDResponse)
			if resp != nil && resp.ErrorCode == 0 {
				r.t.alias("pid", fmt.Sprint(resp.ProducerID))
				return resp.ProducerID
			}
			time.Sleep(100 * time.Millisecond)
		}
		panic("no producer id")
	}
	idem := func(name string, steps func(r *player, id int64, send func(epoch int16, seq int32, vals ...string))) {
		cs.add("idempotence/"+name, func(r *player) {
			n := r.topic("i-"+name, 1)
			id := pid(r)
			steps(r, id, func(epoch int16, seq int32, vals ...string) {
				r.ask(produceReq(n, 0, -1, strs(vals...).idem(id, epoch, seq).encode()), 9)
			})
			r.say("log", fetchReq(n, 0, 0), 11)
		})
	}
	type S = func(epoch int16, seq int32, vals ...string)
	idem("in-order", func(r *player, id int64, s S) { s(0, 0, "a", "b"); s(0, 2, "c") })
	idem("duplicate-of-last", func(r *player, id int64, s S) { s(0, 0, "a"); s(0, 1, "b"); s(0, 1, "b") })
	idem("duplicate-of-fifth-last", func(r *player, id int64, s S) {
		for i := range int32(6) {
			s(0, i, "x")
		}
		s(0, 1, "x")
		s(0, 0, "x")
	})
	idem("gap", func(r *player, id int64, s S) { s(0, 0, "a"); s(0, 2, "b") })
	idem("first-not-zero", func(r *player, id int64, s S) { s(0, 5, "a"); s(0, 6, "b"); s(0, 0, "c") })
	idem(
		"overlap",
		func(r *player, id int64, s S) { s(0, 0, "a", "b", "c"); s(0, 1, "b", "c"); s(0, 0, "a", "b") },
	)
	idem("new-epoch", func(r *player, id int64, s S) { s(0, 0, "a"); s(1, 0, "b"); s(1, 1, "c") })
	idem("new-epoch-not-zero", func(r *player, id int64, s S) { s(0, 0, "a"); s(1, 3, "b") })
	idem("old-epoch", func(r *player, id int64, s S) { s(3, 0, "a"); s(2, 1, "b"); s(2, 0, "b") })
	idem("epoch-max", func(r *player, id int64, s S) { s(32767, 0, "a"); s(32767, 1, "b") })
	idem(
		"sequence-wraps",
		func(r *player, id int64, s S) { s(0, 2147483646, "a", "b"); s(0, 0, "c"); s(0, 1, "d") },
	)
	idem("sequence-negative", func(r *player, id int64, s S) { s(0, -1, "a"); s(0, -5, "a") })
	idem("epoch-negative", func(r *player, id int64, s S) { s(-1, 0, "a"); s(-2, 0, "a") })
	cs.add("idempotence/unknown-producer", func(r *player) {
		n := r.topic("i-unk", 1)
		r.ask(produceReq(n, 0, -1, strs("a").idem(5555555, 0, 0).encode()), 9)
		r.ask(produceReq(n, 0, -1, strs("a").idem(6666666, 0, 7).encode()), 9)
		r.say("log", fetchReq(n, 0, 0), 11)
	})
	cs.add("idempotence/two-batches-in-one", func(r *player) {
		n := r.topic("i-two", 1)
		id := pid(r)
		r.ask(
			produceReq(n, 0, -1, append(strs("a").idem(id, 0, 0).encode(), strs("b").idem(id, 0, 1).encode()...)),
			9,
		)
		r.ask(
			produceReq(n, 0, -1, append(strs("c").idem(id, 0, 2).encode(), strs("b").idem(id, 0, 9).encode()...)),
			9,
		)
		r.say("log", fetchReq(n, 0, 0), 11)
	})
	cs.add("idempotence/acks1", func(r *player) {
		n := r.topic("i-acks1", 1)
		id := pid(r)
		r.ask(produceReq(n, 0, 1, strs("a").idem(id, 0, 0).encode()), 9)
		r.ask(produceReq(n, 0, 1, strs("a").idem(id, 0, 0).encode()), 9)
	})
	cs.add("idempotence/transactional-id-but-plain-batch", func(r *player) {
		n := r.topic("i-txn", 1)
		req := produceReq(n, 0, -1, strs("a").encode())
		req.TransactionID = ptr("tx")
		r.ask(req, 9)
		r.say("log", fetchReq(n, 0, 0), 11)
	})
	cs.add("idempotence/transactional-id-and-batch", func(r *player) {
		n := r.topic("i-txn2", 1)
		id := pid(r)
		req := produceReq(n, 0, -1, strs("a").idem(id, 0, 0).with(func(b *bat) { b.attrs = 0x10 }).encode())
		req.TransactionID = ptr("tx2")
		r.transactions()
		r.ask(req, 9)
		r.say("log", fetchReq(n, 0, 0), 11)
	})
	cs.add("idempotence/describe-producers", func(r *player) {
		n := r.topic("i-desc", 1)
		id := pid(r)
		r.ask(produceReq(n, 0, -1, strs("a", "b").idem(id, 0, 0).encode()), 9)
		q := kmsg.NewPtrDescribeProducersRequest()
		q.Topics = []kmsg.DescribeProducersRequestTopic{
			{Topic: n, Partitions: []int32{0, 5}},
			{Topic: r.N("nosuch"), Partitions: []int32{0}},
		}
		r.ask(q, 0)
	})
	for v := int16(0); v <= 4; v++ {
		cs.add(fmt.Sprintf("init-producer-id/idempotent/v%d", v), func(r *player) {
			q := kmsg.NewPtrInitProducerIDRequest()
			q.TransactionTimeoutMillis = 60000
			r.ask(q, v)
			r.ask(q, v)
		})
	}
	ip := func(name string, f func(r *player, q *kmsg.InitProducerIDRequest)) {
		cs.add("init-producer-id/"+name, func(r *player) {
			q := kmsg.NewPtrInitProducerIDRequest()
			q.TransactionTimeoutMillis = 60000
			q.ProducerID, q.ProducerEpoch = -1, -1
			f(r, q)
			r.ask(q, 4)
		})
	}
	ip(
		"with-id-and-epoch",
		func(r *player, q *kmsg.InitProducerIDRequest) { q.ProducerID, q.ProducerEpoch = pid(r), 0 },
	)
	ip("with-id-only", func(r *player, q *kmsg.InitProducerIDRequest) { q.ProducerID = 5 })
	ip("with-epoch-only", func(r *player, q *kmsg.InitProducerIDRequest) { q.ProducerEpoch = 5 })
	ip("empty-transactional-id", func(r *player, q *kmsg.InitProducerIDRequest) { q.TransactionalID = ptr("") })
	ip("transactional-id", func(r *player, q *kmsg.InitProducerIDRequest) {
		r.transactions()
		q.TransactionalID = ptr(r.N("tx"))
	})
	ip("timeout-zero", func(r *player, q *kmsg.InitProducerIDRequest) { q.TransactionTimeoutMillis = 0 })
}
