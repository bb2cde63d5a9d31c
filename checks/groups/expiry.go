package groups

import (
	"fmt"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// slack is what a member may be removed late, beyond a tenth of its timeout: clocks drift, and a
// broker has other things to do.
const slack = 3 * time.Second

// Expiry finds a member that was removed before its time: by its session although it was heard
// within it, or from a rebalance that it still had time to join.
func (f *Facts) Expiry(line *kafka.TraceLine, broker kafka.BrokerID) []Violation {
	n := &line.Note
	g := f.groups[n.Group]
	if n.Kind != kafka.MemberLeft || g == nil || !f.rules(broker, g.partition) {
		return nil
	}
	m, r := g.members[n.Member], f.reign(g.partition)
	if m == nil || m.join == nil || !m.joined || len(m.open) > 0 {
		return nil
	}
	why, since, timeout := "", model.Time(0), time.Duration(0)
	switch n.Reason {
	case kafka.ReasonExpired:
		why, since, timeout = "was heard", max(m.heard, r.since), m.join.Session
	case kafka.ReasonAbsent:
		why, since, timeout = "was called to a rebalance", g.rebalanced, m.join.Rebalance
		if g.rebalanced < r.since {
			return nil
		}
	default:
		return nil
	}
	if line.At.Sub(since) >= timeout*9/10 {
		return nil
	}
	return []Violation{{
		Anomaly: kafka.WrongExpiry, Identity: fmt.Sprint(n.Group, n.Member, n.Reason, "early"),
		Explanation: fmt.Sprintf("member %q of %s was removed %v after it %s, and its timeout is %v",
			n.Member, n.Group, line.At.Sub(since), why, timeout),
		Witnesses: []kafka.Witness{{
			Op: -1, Seq: line.Seq, At: line.At, Who: string(line.Node), Text: n.String(),
		}},
	}}
}

// Overdue finds members that should have been removed: their sessions are long over.
func (f *Facts) Overdue(v *kafka.ClusterView) (list []Violation) {
	for i := range v.Groups {
		gv := &v.Groups[i]
		g, r := f.groups[gv.Group], f.reign(gv.Partition)
		awake, runs := f.awake[gv.Broker]
		if g == nil || !f.rules(gv.Broker, gv.Partition) || !runs || v.At.Sub(awake) < slack {
			continue
		}
		for j := range gv.Members {
			mv := &gv.Members[j]
			m := g.members[mv.ID]
			if m == nil || !m.joined || len(m.open) > 0 || m.gone != nil {
				continue
			}
			silent := v.At.Sub(max(m.heard, r.since))
			if silent <= mv.Session+mv.Session/10+slack {
				continue
			}
			list = append(list, Violation{
				Anomaly: kafka.WrongExpiry, Identity: fmt.Sprint(gv.Group, mv.ID, "late"),
				Explanation: fmt.Sprintf("member %q of %s is still there %v after it was heard, and its "+
					"session timeout is %v", mv.ID, gv.Group, silent, mv.Session),
				Witnesses: []kafka.Witness{lookAt(v, gv)},
			})
		}
	}
	return list
}

func lookAt(v *kafka.ClusterView, g *kafka.GroupView) kafka.Witness {
	return kafka.Witness{
		Op: -1, At: v.At, Who: fmt.Sprintf("broker-%d", g.Broker),
		Text: fmt.Sprintf("coordinates %s: %s, generation %d, %d members, %d offsets", g.Group, g.State,
			g.Generation, len(g.Members), len(g.Offsets)),
	}
}
