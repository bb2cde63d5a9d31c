// DescribeAcls (key 29): v0–v3.
// Does: answers SECURITY_DISABLED, as a broker without an authorizer does: everyone may do
// anything. Does not: access control.
// State: none.   Lessons: none of its own.
//
// CreateAcls (key 30): v0–v3.
// Does: answers SECURITY_DISABLED for each. Does not: access control.
// State: none.   Lessons: none of its own.
//
// DeleteAcls (key 31): v0–v3.
// Does: answers SECURITY_DISABLED for each. Does not: access control.
// State: none.   Lessons: none of its own.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// noAuthorizer is what AclApis (3.9) says when authorizer.class.name is not set.
const noAuthorizer = "No Authorizer is configured on the broker"

func handleDescribeACLs(out *model.Effects, _ *kmsg.DescribeACLsRequest, reply reply) {
	resp, why := kmsg.NewPtrDescribeACLsResponse(), noAuthorizer
	resp.ErrorCode, resp.ErrorMessage = int16(wire.SecurityDisabled), &why
	reply(out, resp)
}

func handleCreateACLs(out *model.Effects, req *kmsg.CreateACLsRequest, reply reply) {
	resp, why := kmsg.NewPtrCreateACLsResponse(), noAuthorizer
	for range req.Creations {
		result := kmsg.NewCreateACLsResponseResult()
		result.ErrorCode, result.ErrorMessage = int16(wire.SecurityDisabled), &why
		resp.Results = append(resp.Results, result)
	}
	reply(out, resp)
}

func handleDeleteACLs(out *model.Effects, req *kmsg.DeleteACLsRequest, reply reply) {
	resp, why := kmsg.NewPtrDeleteACLsResponse(), noAuthorizer
	for range req.Filters {
		result := kmsg.NewDeleteACLsResponseResult()
		result.ErrorCode, result.ErrorMessage = int16(wire.SecurityDisabled), &why
		resp.Results = append(resp.Results, result)
	}
	reply(out, resp)
}
