// ControlledShutdown (key 7): v0–v3.
// Does: moves the leaders off a broker that stops, takes it out of the ISRs, names what it still
// leads.
// State: controller/controlled_shutdown.go; the broker's side is shutdown.go.
// Lessons: replication/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleControlledShutdown(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.ControlledShutdownRequest)
	b.controller.HandleControlledShutdown(out, req, b.replier(r))
}
