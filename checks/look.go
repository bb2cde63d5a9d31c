package checks

import (
	"slices"

	"sandcastle/model/kafka"
)

// look is a view as the checks of one Inspect share it.
type look struct {
	kafka.ClusterView
	parts [][]kafka.ReplicaView // all replicas, by partition
	// trusted are the replicas by partition without those that have lost what was committed, and may.
	trusted [][]kafka.ReplicaView
}

// trust fills v.trusted. After an unclean election, or when disks lost data, a replica speaks for
// the partition again when it leads or its leader counts it as in sync. Until then it has not cut
// its log yet; from then on it is trusted, also when it falls behind.
func (w *Watcher) trust(v *look) []violation {
	if len(w.unclean) == 0 && len(w.losses.hit) == 0 {
		v.trusted = v.parts
		return nil
	}
	for _, p := range v.parts {
		if !w.unclean[p[0].TP] && !w.allowedLossAnywhere(p) {
			v.trusted = append(v.trusted, p)
			continue
		}
		leader := currentLeader(v, p)
		var kept []kafka.ReplicaView
		for i := range p {
			r := &p[i]
			at := replica{r.TP, r.Broker}
			inSync := leader != nil &&
				(r.Broker == leader.Broker || slices.Contains(leader.ISR, r.Broker))
			if inSync || w.rejoined[at] {
				kept = append(kept, *r)
			}
			if inSync && r.LogEnd <= leader.LogEnd && difference(leader, r, r.LogEnd) < 0 {
				w.rejoined[at] = true
			}
		}
		if len(kept) > 0 {
			v.trusted = append(v.trusted, kept)
		}
	}
	return nil
}

// eachTrusted makes a check of views of one that looks at the trusted replicas of a partition.
func eachTrusted(check func(*look, []kafka.ReplicaView) []violation,
) func(*Watcher, *look) []violation {
	return func(_ *Watcher, v *look) (list []violation) {
		for _, p := range v.trusted {
			list = append(list, check(v, p)...)
		}
		return list
	}
}

// byPartition cuts replicas, which stand by partition, into those of each.
func byPartition(replicas []kafka.ReplicaView) (parts [][]kafka.ReplicaView) {
	for rest := replicas; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].TP == rest[0].TP {
			n++
		}
		parts = append(parts, rest[:n])
		rest = rest[n:]
	}
	return parts
}
