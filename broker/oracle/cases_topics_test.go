package oracle

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func deleteReq(names ...string) *kmsg.DeleteTopicsRequest {
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TimeoutMillis = 30000
	req.TopicNames = names
	for _, n := range names {
		t := kmsg.NewDeleteTopicsRequestTopic()
		t.Topic = ptr(n)
		req.Topics = append(req.Topics, t)
	}
	return req
}

func (cs *script) topicCases() {
	for v := int16(0); v <= 6; v++ {
		cs.add(fmt.Sprintf("delete-topics/known/v%d", v), func(r *player) {
			n := r.topic(fmt.Sprintf("del%d", v), 1)
			r.ask(deleteReq(n), v)
			r.say("again", deleteReq(n), v)
			r.say("metadata", metadata(n), 9)
		})
	}
	cs.add(
		"delete-topics/unknown",
		func(r *player) { r.ask(deleteReq(r.N("nosuch")), 5); r.ask(deleteReq(r.N("nosuch")), 6) },
	)
	cs.add("delete-topics/bad-name", func(r *player) { r.ask(deleteReq("a b"), 5) })
	cs.add("delete-topics/empty-name", func(r *player) { r.ask(deleteReq(""), 5) })
	cs.add("delete-topics/none", func(r *player) { r.ask(deleteReq(), 5) })
	cs.add(
		"delete-topics/twice-in-request",
		func(r *player) { n := r.topic("deltw", 1); r.ask(deleteReq(n, n), 6) },
	)
	cs.add("delete-topics/unknown-twice", func(r *player) { n := r.N("nosuch"); r.ask(deleteReq(n, n), 5) })
	cs.add("delete-topics/by-id", func(r *player) {
		n := r.topic("delid", 1)
		req := kmsg.NewPtrDeleteTopicsRequest()
		req.TimeoutMillis = 30000
		t := kmsg.NewDeleteTopicsRequestTopic()
		t.TopicID = r.topicID(n)
		req.Topics = append(req.Topics, t)
		r.ask(req, 6)
		time.Sleep(2 * time.Second) // until the last replica is gone
		r.say("again", req, 6)
	})
	cs.add("delete-topics/by-id-and-name", func(r *player) {
		n := r.topic("delidn", 1)
		req := deleteReq(n)
		req.Topics[0].TopicID = r.topicID(n)
		r.ask(req, 6)
	})
	cs.add("delete-topics/name-and-id-of-one-topic", func(r *player) {
		n := r.topic("delboth", 1)
		req := deleteReq(n)
		t := kmsg.NewDeleteTopicsRequestTopic()
		t.TopicID = r.topicID(n)
		req.Topics = append(req.Topics, t)
		r.ask(req, 6)
	})
	cs.add("delete-topics/neither", func(r *player) {
		req := kmsg.NewPtrDeleteTopicsRequest()
		req.Topics = append(req.Topics, kmsg.NewDeleteTopicsRequestTopic())
		r.ask(req, 6)
	})
	cs.add("delete-topics/then-produce-and-fetch", func(r *player) {
		n := r.topic("delpf", 1)
		r.put(n, "x")
		id := r.topicID(n)
		r.ask(deleteReq(n), 6)
		time.Sleep(500 * time.Millisecond)
		r.ask(produceReq(n, 0, 1, strs("y").encode()), 9)
		r.ask(fetchReq(n, 0, 0), 11)
		f := fetchReq(n, 0, 0)
		f.Topics[0].TopicID = id
		r.ask(f, 13)
	})
	parts := func(name string, f func(r *player, q *kmsg.CreatePartitionsRequest, t *kmsg.CreatePartitionsRequestTopic)) {
		for _, v := range []int16{1, 3} {
			for _, validate := range []bool{false, true} {
				suffix := fmt.Sprintf("v%d", v)
				if validate {
					suffix += "-validate-only"
				}
				cs.add("create-partitions/"+name+"/"+suffix, func(r *player) {
					n := r.topic("cp-"+name+suffix, 2)
					q := kmsg.NewPtrCreatePartitionsRequest()
					q.TimeoutMillis, q.ValidateOnly = 30000, validate
					t := kmsg.NewCreatePartitionsRequestTopic()
					t.Topic, t.Count = n, 3
					q.Topics = append(q.Topics, t)
					f(r, q, &q.Topics[0])
					r.ask(q, v)
					if name == "timeout-zero" {
						return // whether it is done when that is asked is chance
					}
					r.say("metadata", metadata(n), 9)
				})
			}
		}
	}
	type Q = *kmsg.CreatePartitionsRequest
	type T = *kmsg.CreatePartitionsRequestTopic
	asg := func(t T, lists ...[]int32) {
		for _, l := range lists {
			t.Assignment = append(t.Assignment, kmsg.CreatePartitionsRequestTopicAssignment{Replicas: l})
		}
	}
	parts("one-more", func(r *player, q Q, t T) {})
	parts("same", func(r *player, q Q, t T) { t.Count = 2 })
	parts("fewer", func(r *player, q Q, t T) { t.Count = 1 })
	parts("zero", func(r *player, q Q, t T) { t.Count = 0 })
	parts("negative", func(r *player, q Q, t T) { t.Count = -1 })
	parts("unknown-topic", func(r *player, q Q, t T) { t.Topic = r.N("nosuch") })
	parts("bad-name", func(r *player, q Q, t T) { t.Topic = "a b" })
	parts("twice", func(r *player, q Q, t T) { q.Topics = append(q.Topics, *t) })
	parts("assigned", func(r *player, q Q, t T) { asg(t, []int32{1}) })
	parts("assigned-too-few", func(r *player, q Q, t T) { t.Count = 4; asg(t, []int32{1}) })
	parts("assigned-too-many", func(r *player, q Q, t T) { asg(t, []int32{1}, []int32{1}) })
	parts("assigned-empty", func(r *player, q Q, t T) { asg(t, []int32{}) })
	parts("assigned-duplicate", func(r *player, q Q, t T) { asg(t, []int32{1, 1}) })
	parts("assigned-unknown-broker", func(r *player, q Q, t T) { asg(t, []int32{9}) })
	parts("assigned-other-factor", func(r *player, q Q, t T) { asg(t, []int32{1, 9}) })
	parts("timeout-zero", func(r *player, q Q, t T) { q.TimeoutMillis = 0 })
}
