package controller

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
)

// answer is the reply to an admin request as it takes shape: one row per topic of the request.
type answer struct {
	topics []answerTopic
	at     map[string]int // where in topics a name stands, if topic is asked
	reply  Reply
	build  func(a *answer) kmsg.Response
	sent   bool
	// version is the request's.
	version int16
}

// answerTopic is what is said of one topic.
type answerTopic struct {
	name    string
	id      znode.TopicID
	deleted znode.TopicID // of the topic that a deletion has found
	code    wire.Code
	message string
	// assignment and config are those of a created topic.
	assignment []znode.Assignment
	config     map[string]string
}

func (t *answerTopic) fail(code wire.Code, message string) { t.code, t.message = code, message }

// send replies. Only the first call counts.
func (a *answer) send(out *model.Effects) {
	if a.sent {
		return
	}
	a.sent = true
	a.reply(out, a.build(a))
}

// topic is what is said of the topic with that name, which the request named.
func (a *answer) topic(name string) *answerTopic {
	if a.at == nil {
		a.at = make(map[string]int, len(a.topics))
		for i := range a.topics {
			a.at[a.topics[i].name] = i
		}
	}
	i, named := a.at[name]
	if !named {
		panic("controller: no answer for the topic " + name)
	}
	return &a.topics[i]
}

// failAll refuses every topic.
func (a *answer) failAll(code wire.Code, message string) {
	for i := range a.topics {
		a.topics[i].fail(code, message)
	}
}

// failNotController replies for every topic that this broker is not the controller.
func (a *answer) failNotController(out *model.Effects) {
	for i := range a.topics {
		a.topics[i].code = wire.NotController
	}
	a.send(out)
}

// disabledCode is what a deletion is refused with when delete.topic.enable is false (KafkaApis,
// 3.9).
func (a *answer) disabledCode(enabled bool) wire.Code {
	switch {
	case enabled:
		return wire.None
	case a.version < 3:
		return wire.InvalidRequest
	default:
		return wire.TopicDeletionDisabled
	}
}
