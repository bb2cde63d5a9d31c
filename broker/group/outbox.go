package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

// outbox keeps replies until the groups are at rest: a reply may make the broker handle the
// next request of the same connection, which must not find a group halfway.
type outbox struct {
	waiting []answer
	depth   int // of calls from outside
	sending bool
}

type answer struct {
	reply Reply
	resp  kmsg.Response
}

// enter opens a call from outside; leave closes it and, at the outermost, sends the replies.
func (ob *outbox) enter() { ob.depth++ }

func (ob *outbox) leave(out *model.Effects) {
	ob.depth--
	if ob.depth > 0 || ob.sending {
		return
	}
	ob.sending = true
	for i := 0; i < len(ob.waiting); i++ {
		a := ob.waiting[i]
		ob.waiting[i] = answer{}
		a.reply(out, a.resp)
	}
	ob.waiting, ob.sending = ob.waiting[:0], false
}

// answer queues the response to one request.
func (ob *outbox) answer(reply Reply, resp kmsg.Response) {
	ob.waiting = append(ob.waiting, answer{reply, resp})
}
