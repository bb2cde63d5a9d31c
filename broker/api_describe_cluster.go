// DescribeCluster (key 60): v0–v1.
// Does: the cluster's id, its controller and the brokers alive with their racks, as Metadata has
// them (KIP-700); authorized operations when asked for, all of them; endpoint types (v1, KIP-919).
// Does not: describe the endpoints of KRaft controllers.
// State: metadata_cache.go.   Lessons: none of its own.

package broker

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// The types of endpoints (EndpointType, 3.9). The broker serves the first.
const (
	brokerEndpoint     = 1
	controllerEndpoint = 2
)

// handleDescribeCluster is AuthHelper.computeDescribeClusterResponse (3.9).
func (b *Broker) handleDescribeCluster(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.DescribeClusterRequest)
	resp := kmsg.NewPtrDescribeClusterResponse()
	if req.EndpointType != brokerEndpoint {
		code, message := endpointRefusal(req.EndpointType)
		if r.Version == 0 {
			code = wire.InvalidRequest
		}
		resp.ErrorCode, resp.ErrorMessage = int16(code), &message
		r.Reply(out, resp)
		return
	}
	resp.EndpointType, resp.ClusterID, resp.ControllerID = brokerEndpoint, b.cfg.ClusterID, -1
	for i := range b.metadata.brokers {
		lb := &b.metadata.brokers[i]
		at, ok := lb.at(r.conn.listener)
		if !ok {
			continue
		}
		db := kmsg.NewDescribeClusterResponseBroker()
		db.NodeID, db.Host, db.Port = int32(lb.id), at.host, at.port
		if rack := lb.rack; rack != "" {
			db.Rack = &rack
		}
		resp.Brokers = append(resp.Brokers, db)
		if lb.id == b.metadata.controller {
			resp.ControllerID = int32(lb.id)
		}
	}
	if req.IncludeClusterAuthorizedOperations {
		resp.ClusterAuthorizedOperations = wire.ClusterOperations
	}
	r.Reply(out, resp)
}

func endpointRefusal(endpoint int8) (wire.Code, string) {
	if endpoint == controllerEndpoint {
		return wire.MismatchedEndpointType, "this is the endpoint of a broker, not of a controller"
	}
	return wire.UnsupportedEndpointType, fmt.Sprintf("there is no endpoint type %d", endpoint)
}
