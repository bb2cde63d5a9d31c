package sim

import "sandcastle/model"

// Undisturbed tells whether nothing keeps nodes from working together: all of them run, with sound
// disks, no way between two of them is cut or has a latency of its own, and no filter is in place
// that could touch their messages.
func (w *World) Undisturbed(nodes ...model.NodeID) bool {
	if len(w.filters) > 0 || len(w.held) > 0 {
		return false
	}
	in := make(map[*node]bool, len(nodes))
	for _, id := range nodes {
		n := w.byID[id]
		if n == nil || n.state != running ||
			n.disk != nil && (n.disk.fault != DiskSound || n.disk.late > 0 || n.disk.rotten) {
			return false
		}
		in[n] = true
	}
	for _, l := range w.linkList {
		if (l.cut || l.slow) && in[l.from] && in[l.to] {
			return false
		}
	}
	return true
}
