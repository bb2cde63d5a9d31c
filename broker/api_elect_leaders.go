// ElectLeaders (key 43): v0–v2.
// Does: preferred and unclean elections of the partitions named, or of all (KIP-460).
// Does not: wait until this broker's metadata names the new leaders.
// State: controller/elect_leaders.go.   Lessons: replication/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleElectLeaders(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.ElectLeadersRequest)
	b.controller.HandleElectLeaders(out, req, b.replier(r))
}
