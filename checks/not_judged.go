package checks

import (
	"sandcastle/model/kafka"
)

// NothingToJudge says why a history can neither be right nor wrong, "" when it can: what is judged
// is what was acknowledged and what was read.
func NothingToJudge(h kafka.Operations) string {
	if h.Len() == 0 {
		return "the history has no operations"
	}
	for i := range h.Len() {
		op := h.At(i)
		for j := range op.Value {
			m := &op.Value[j]
			if m.F == kafka.FSend && op.Type == kafka.OK {
				return ""
			}
			for k := range m.Polled {
				if len(m.Polled[k].Records) > 0 {
					return ""
				}
			}
		}
	}
	return "no record was acknowledged, and none was read"
}

// NotJudged names what may be wrong with a history and is looked for by no check, and says why.
func NotJudged(h kafka.Operations) (list []string) {
	polls, final, groups, txns := false, false, false, false
	for i := range h.Len() {
		op := h.At(i)
		polls = polls || op.Type == kafka.OK && (op.F == kafka.FPoll || op.F == kafka.FTxn)
		final = final || op.Final
		groups = groups || op.F == kafka.FSubscribe || op.Group != ""
		txns = txns || len(op.Value) > 1
	}
	if polls && !final {
		list = append(list, "poll-skip: no poll is marked \"final\": true, so nobody knows what stands "+
			"in the log in the end")
	}
	if polls && groups {
		list = append(list, "poll-skip of consumers in groups: rebalances move them about")
	}
	if polls {
		list = append(list, "nonmonotonic-poll: there is no check for it yet")
	}
	if txns {
		list = append(list, "precommitted-read, int-poll-skip, int-nonmonotonic-poll, int-send-skip, "+
			"int-nonmonotonic-send, G0 and G1c: there is no check for transactions yet")
	}
	return list
}
