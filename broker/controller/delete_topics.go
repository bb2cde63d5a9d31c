package controller

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// HandleDeleteTopics answers DeleteTopics v0–v6: it marks topics for deletion and replies when this
// broker's metadata cache has dropped them, or at the timeout (ZkAdminManager.deleteTopics, 3.9).
func (c *Controller) HandleDeleteTopics(out *model.Effects,
	req *kmsg.DeleteTopicsRequest,
	reply Reply,
) {
	a := newDeletionAnswer(req, reply)
	c.whenActive(out, chain.Do("delete topics", func(out *model.Effects, then chain.Next) {
		c.topics.markDeleted(out, req, a, then)
	}), a.failNotController)
}

// markDeleted resolves the topics of a and creates their marks.
func (ta *topicAdmin) markDeleted(out *model.Effects,
	req *kmsg.DeleteTopicsRequest, a *answer, then chain.Next,
) {
	var marked []int
	var writes []request
	disabled := a.disabledCode(!ta.cfg.DeleteTopicDisabled)
	for i := range a.topics {
		at := &a.topics[i]
		if at.code = ta.resolve(at, disabled); at.code == wire.None {
			marked = append(marked, i)
			writes = append(writes,
				request{kind: opCreate, path: znode.DeleteTopicPath(at.name), guarded: true})
		}
	}
	ta.zk.submit(out, writes, func(out *model.Effects, r []result) {
		for i, at := range marked {
			if code := r[i].code; code != zookeeper.ErrNone && code != zookeeper.ErrNodeExists {
				a.topics[at].code = wire.UnknownServerError
			}
		}
		ta.waiters.await(out, a, req.TimeoutMillis, ta.dropped)
		then(out)
	})
}

// dropped tells whether brokers were asked to drop a topic from their metadata, and this one has
// answered.
func (ta *topicAdmin) dropped(at *answerTopic) bool {
	t := ta.cluster.topics[at.name]
	return t == nil || t.id != at.deleted || t.dropped()
}

// dropped tells it of a topic, which for whoever asks is gone then.
func (t *topic) dropped() bool {
	return t.deletion != nil && t.deletion.announced && t.unanswered == 0
}

// resolve finds the topic that at names by name or id.
func (ta *topicAdmin) resolve(at *answerTopic, disabled wire.Code) wire.Code {
	if disabled != wire.None {
		return disabled
	}
	byID := at.id != znode.TopicID{}
	switch {
	case byID && at.name != "":
		return wire.InvalidRequest
	case byID:
		t := ta.cluster.byID[at.id]
		if t == nil {
			return wire.UnknownTopicID
		}
		at.name = t.name
	}
	t := ta.cluster.topics[at.name]
	if t == nil || t.dropped() {
		return wire.UnknownTopicOrPartition
	}
	at.deleted = t.id
	return wire.None
}

// newDeletionAnswer reads the topics of a DeleteTopics: names up to v5, names or ids from v6.
func newDeletionAnswer(req *kmsg.DeleteTopicsRequest, reply Reply) *answer {
	a := &answer{reply: reply, version: req.GetVersion(), build: buildDeletion}
	if req.GetVersion() < 6 {
		for _, name := range req.TopicNames {
			a.topics = append(a.topics, answerTopic{name: name})
		}
		return a
	}
	for i := range req.Topics {
		at := answerTopic{id: req.Topics[i].TopicID}
		if req.Topics[i].Topic != nil {
			at.name = *req.Topics[i].Topic
		}
		a.topics = append(a.topics, at)
	}
	return a
}

func buildDeletion(a *answer) kmsg.Response {
	resp := kmsg.NewPtrDeleteTopicsResponse()
	resp.SetVersion(a.version)
	for i := range a.topics {
		at := &a.topics[i]
		t := kmsg.NewDeleteTopicsResponseTopic()
		t.TopicID, t.ErrorCode = at.id, int16(at.code)
		if at.name != "" || a.version < 6 {
			t.Topic = &at.name
		}
		if at.message != "" {
			t.ErrorMessage = &at.message
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp
}
