package swarm

import "fmt"

// coresOf100 is how many of 100 seeds end with a healed core before everything is healed, and with
// groups and metadata that have to come to rest.
const coresOf100 = 70

// drawCore draws which servers are healed first: ZooKeeper, and more than half of the brokers.
func (d *drawing) drawCore(sh *shape) {
	r := d.dice("core")
	if !r.chance(coresOf100) {
		return
	}
	core := []string{"zookeeper"}
	left := sh.brokers
	for i := range sh.brokers {
		if len(core)-1+left <= sh.brokers/2+1 || r.chance(70) {
			core = append(core, fmt.Sprintf("broker-%d", i+1))
		}
		left--
	}
	d.doc.core = list(core)
}
