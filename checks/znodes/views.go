package znodes

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Nodes finds nodes whose versions went back, or whose data changed without them.
func (f *Facts) Nodes(v *kafka.ClusterView) (list []Violation) {
	if v.ZooKeeper == nil || f.void {
		return nil
	}
	now := make(map[string]kafka.ZNodeView, len(v.ZooKeeper.Nodes))
	for _, n := range v.ZooKeeper.Nodes {
		now[n.Path] = n
		before, was := f.nodes[n.Path]
		why := ""
		switch {
		case n.Mzxid < n.Czxid:
			why = fmt.Sprintf("was changed by transaction %d and created by %d", n.Mzxid, n.Czxid)
		case !was:
		case n.Czxid < before.Czxid:
			why = fmt.Sprintf("was created by transaction %d, after it had been by %d", n.Czxid,
				before.Czxid)
		case n.Czxid > before.Czxid:
		case n.Version < before.Version || n.Mzxid < before.Mzxid:
			why = fmt.Sprintf("went from version %d of transaction %d back to %d of %d", before.Version,
				before.Mzxid, n.Version, n.Mzxid)
		case n.Version == before.Version && !bytes.Equal(n.Data, before.Data):
			why = fmt.Sprintf("has other data in the same version %d", n.Version)
		case n.Version != before.Version && n.Mzxid == before.Mzxid:
			why = fmt.Sprintf("has versions %d and %d of the same transaction %d", before.Version, n.Version,
				n.Mzxid)
		}
		if why != "" {
			list = append(list, violation(kafka.RegressedZNode, v, n.Path, why))
		}
	}
	for path, n := range f.nodes { //unordered: one is enough, and there are none but in a fault
		if _, there := now[path]; !there && n.Owner == 0 && permanent(path) {
			list = append(list, violation(kafka.RegressedZNode, v, path, "is gone, and nobody deletes it"))
		}
	}
	f.nodes = now
	return list
}

// permanent tells whether Kafka never deletes a node.
func permanent(path string) bool {
	return path == "/controller_epoch" || path == "/cluster/id" || strings.Count(path, "/") == 1 &&
		path != "/controller"
}

func violation(a kafka.Anomaly, v *kafka.ClusterView, what, why string) Violation {
	return Violation{
		Anomaly: a, Identity: what, Explanation: what + " " + why,
		Witnesses: []kafka.Witness{{Op: -1, At: v.At, Who: "ZooKeeper", Text: "holds " + what}},
	}
}

// Ephemerals finds nodes that should have gone with their sessions, and registrations that another
// than their broker made.
func (f *Facts) Ephemerals(v *kafka.ClusterView) (list []Violation) {
	if v.ZooKeeper == nil {
		return nil
	}
	f.shown = v.ZooKeeper.Sessions
	owners := map[int64]string{}
	for _, s := range v.ZooKeeper.Sessions {
		owners[s.ID] = s.Owner
	}
	for _, n := range v.ZooKeeper.Nodes {
		if n.Owner == 0 {
			if strings.HasPrefix(n.Path, "/brokers/ids/") || n.Path == "/controller" {
				list = append(list, violation(kafka.OrphanEphemeral, v, n.Path, "goes with no session"))
			}
			continue
		}
		owner, there := owners[n.Owner]
		broker, registers := strings.CutPrefix(n.Path, "/brokers/ids/")
		switch {
		case !there:
			list = append(list, violation(kafka.OrphanEphemeral, v, n.Path, fmt.Sprintf(
				"goes with session 0x%x, which is over", n.Owner)))
		case registers && owner != "broker-"+broker:
			list = append(list, violation(kafka.OrphanEphemeral, v, n.Path, "was made by "+owner))
		}
	}
	return list
}

// Overdue finds sessions that ZooKeeper keeps although it has heard nothing of them for long.
func (f *Facts) Overdue(v *kafka.ClusterView) (list []Violation) {
	if v.ZooKeeper == nil || f.void || f.started == model.Never || v.At.Sub(f.started) < 3*Tick {
		return nil
	}
	for _, s := range v.ZooKeeper.Sessions {
		known := f.sessions[s.ID]
		if known == nil {
			continue
		}
		if silent := v.At.Sub(max(known.heard, f.started)); silent > known.timeout*11/10+3*Tick {
			list = append(list, violation(kafka.WrongSessionExpiry, v, fmt.Sprintf("session 0x%x", s.ID),
				fmt.Sprintf("of %s is still there %v after it was heard, and its timeout is %v", s.Owner,
					silent, known.timeout)))
		}
	}
	return list
}

// Expired finds a session that ended although it was heard within its timeout. Which one ended, the
// last view tells: a node has one session at a time.
func (f *Facts) Expired(line *kafka.TraceLine) []Violation {
	if line.Note.Kind != kafka.SessionExpired || f.void {
		return nil
	}
	least := time.Duration(-1)
	var of *session
	for _, s := range f.shown {
		known := f.sessions[s.ID]
		if s.Owner != line.Note.Text || known == nil {
			continue
		}
		// The oldest silence of the node's sessions is that of the one that ended.
		if silent := line.At.Sub(known.heard); silent > least {
			least, of = silent, known
		}
	}
	if of == nil || least >= of.timeout*9/10 || of.overdue > 0 && line.At.Sub(of.overdue) < 3*Tick {
		return nil
	}
	return []Violation{{
		Anomaly: kafka.WrongSessionExpiry, Identity: line.Note.Text,
		Explanation: fmt.Sprintf("the session of %s ended %v after it was heard, and its timeout is %v",
			line.Note.Text, least, of.timeout),
		Witnesses: []kafka.Witness{witnessOf(line)},
	}}
}

// Controllers finds two brokers that were controller in one epoch.
func (f *Facts) Controllers(line *kafka.TraceLine) []Violation {
	n := &line.Note
	first, had := f.controllers[n.Epoch]
	if n.Kind != kafka.ControllerElected || !had || f.void {
		return nil
	}
	return []Violation{{
		Anomaly: kafka.TwoControllers, Identity: fmt.Sprint(n.Epoch),
		Explanation: fmt.Sprintf("controller epoch %d began twice", n.Epoch),
		Witnesses:   []kafka.Witness{first, witnessOf(line)},
	}}
}
