// DescribeAcls (key 29): v0–v3.
// Does: answers SECURITY_DISABLED, as a broker without an authorizer does: everyone may do
// anything. A request with an unknown element (0) is malformed. Does not: access control.
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

// unknownElement is the code of a resource type, pattern type, operation or permission that means
// none of them. A request with it ends its connection like one that does not parse
// (DescribeAclsRequest.normalizeAndValidate, CreateAclsRequest.validate, 3.9).
const unknownElement = 0

func handleDescribeACLs(_ *Broker, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.DescribeACLsRequest)
	if req.ResourceType == unknownElement || req.ResourcePatternType == unknownElement ||
		req.Operation == unknownElement || req.PermissionType == unknownElement {
		r.HangUp(out)
		return
	}
	resp, why := kmsg.NewPtrDescribeACLsResponse(), noAuthorizer
	resp.ErrorCode, resp.ErrorMessage = int16(wire.SecurityDisabled), &why
	r.Reply(out, resp)
}

func handleCreateACLs(_ *Broker, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.CreateACLsRequest)
	resp, why := kmsg.NewPtrCreateACLsResponse(), noAuthorizer
	for _, c := range req.Creations {
		if c.ResourceType == unknownElement || c.ResourcePatternType == unknownElement ||
			c.Operation == unknownElement || c.PermissionType == unknownElement {
			r.HangUp(out)
			return
		}
		result := kmsg.NewCreateACLsResponseResult()
		result.ErrorCode, result.ErrorMessage = int16(wire.SecurityDisabled), &why
		resp.Results = append(resp.Results, result)
	}
	r.Reply(out, resp)
}

func handleDeleteACLs(_ *Broker, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.DeleteACLsRequest)
	resp, why := kmsg.NewPtrDeleteACLsResponse(), noAuthorizer
	for _, f := range req.Filters {
		if f.ResourceType == unknownElement || f.ResourcePatternType == unknownElement ||
			f.Operation == unknownElement || f.PermissionType == unknownElement {
			r.HangUp(out)
			return
		}
		result := kmsg.NewDeleteACLsResponseResult()
		result.ErrorCode, result.ErrorMessage = int16(wire.SecurityDisabled), &why
		resp.Results = append(resp.Results, result)
	}
	r.Reply(out, resp)
}
