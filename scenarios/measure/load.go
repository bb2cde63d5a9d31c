package measure

import (
	"slices"
	"time"

	"sandcastle/model"
	"sandcastle/sim"
)

// Load is what the nodes' machines have to do, second by second, until the workload ends. The
// zero value has seen nothing.
type Load struct {
	used []sim.Usage // at the beginning of the second, by node
	most []sim.Usage // of any second
	// Traffic is what was sent until the workload ended.
	Traffic []sim.Traffic
}

// Look closes a second.
func (m *Load) Look(w *sim.World) {
	nodes := w.Nodes()
	for len(m.used) < len(nodes) {
		m.used, m.most = append(m.used, sim.Usage{}), append(m.most, sim.Usage{})
	}
	for i, id := range nodes {
		now, most := w.Usage(id), &m.most[i]
		most.CPU = max(most.CPU, now.CPU-m.used[i].CPU)
		most.NIC = max(most.NIC, now.NIC-m.used[i].NIC)
		most.Disk = max(most.Disk, now.Disk-m.used[i].Disk)
		m.used[i] = now
	}
}

// Add writes what was measured, in percent. In one second a node may be asked for more work than
// fits into it; that is 100.
func (m *Load) Add(counters map[string]int64, nodes, brokers []model.NodeID) {
	percent := func(used time.Duration) int64 { return min(100, int64(used*100/time.Second)) }
	for i, most := range m.most {
		for _, of := range []struct {
			name string
			used time.Duration
		}{{"cpu.most", most.CPU}, {"nic.most", most.NIC}, {"disk.most", most.Disk}} {
			if percent(of.used) > 0 {
				counters[of.name+"."+string(nodes[i])] = percent(of.used)
			}
			if slices.Contains(brokers, nodes[i]) {
				counters[of.name] = max(counters[of.name], percent(of.used))
			}
		}
	}
	m.addTraffic(counters, brokers)
}

// addTraffic counts requests and bytes.
func (m *Load) addTraffic(counters map[string]int64, brokers []model.NodeID) {
	for i := range m.Traffic {
		t := &m.Traffic[i]
		ours := slices.Contains(brokers, t.From)
		if !t.Reply {
			counters["requests."+t.API] += t.Frames
			if t.API == "Fetch" {
				counters["requests.Fetch."+fetcher(ours)] += t.Frames
			}
		}
		if !ours {
			continue
		}
		counters["bytes.sent"] += t.Bytes
		counters["bytes.sent."+string(t.From)] += t.Bytes
		if slices.Contains(brokers, t.To) {
			counters["bytes.replicated"] += t.Bytes
		}
	}
	for _, id := range brokers {
		counters["bytes.sent.most"] = max(counters["bytes.sent.most"], counters["bytes.sent."+string(id)])
	}
	if acked := counters["send.ok"]; acked > 0 {
		counters["requests.per.1000"] = (counters["requests.Produce"]*1000 + acked/2) / acked
	}
}

// fetcher is who fetches.
func fetcher(broker bool) string {
	if broker {
		return "brokers"
	}
	return "consumers"
}
