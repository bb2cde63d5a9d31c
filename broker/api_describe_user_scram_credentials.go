// DescribeUserScramCredentials (key 50): v0.
// Does: answers that no user has credentials; whom the request names is RESOURCE_NOT_FOUND
// (KIP-554).
// Does not: SASL/SCRAM; AlterUserScramCredentials (key 51) is not served.
// State: none.   Lessons: none of its own.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// handleDescribeUserSCRAMCredentials is ZkAdminManager.describeUserScramCredentials (3.9).
func handleDescribeUserSCRAMCredentials(out *model.Effects,
	req *kmsg.DescribeUserSCRAMCredentialsRequest, reply reply,
) {
	users := req.Users
	resp := kmsg.NewPtrDescribeUserSCRAMCredentialsResponse()
	resp.ErrorMessage = new(string) // as Kafka's
	times := map[string]int{}
	for _, u := range users {
		times[u.Name]++
	}
	for _, u := range users {
		if times[u.Name] == 0 {
			continue // answered already
		}
		result := kmsg.NewDescribeUserSCRAMCredentialsResponseResult()
		code, why := wire.ResourceNotFound, "the user has no SCRAM credentials: "+u.Name
		if u.Name != "" && times[u.Name] > 1 {
			code, why = wire.DuplicateResource, "the request names a user twice: "+u.Name
		}
		result.User, result.ErrorCode, result.ErrorMessage = u.Name, int16(code), &why
		resp.Results = append(resp.Results, result)
		times[u.Name] = 0
	}
	reply(out, resp)
}
