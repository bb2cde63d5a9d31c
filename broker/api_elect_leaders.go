// ElectLeaders (key 43): v0–v2. Does: preferred and unclean elections (KIP-460). State:
// controller/elect_leaders.go.   Lessons: replication/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleElectLeaders(now model.Time, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.ElectLeadersRequest)
	b.controller.HandleElectLeaders(now, out, req, b.replier(r))
}
