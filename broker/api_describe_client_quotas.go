// DescribeClientQuotas (key 48): v0–v1.
// Does: checks the filter (KIP-546) and answers that nobody has a quota.
// Does not: quotas of users, clients and addresses; AlterClientQuotas (key 49) is not served.
// State: none.   Lessons: none of its own.

package broker

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

func handleDescribeClientQuotas(out *model.Effects,
	req *kmsg.DescribeClientQuotasRequest, reply reply,
) {
	resp := kmsg.NewPtrDescribeClientQuotasResponse()
	if code, why := checkQuotaFilter(req.Components); code != wire.None {
		resp.ErrorCode, resp.ErrorMessage = int16(code), &why
	} else {
		resp.Entries = []kmsg.DescribeClientQuotasResponseEntry{} // null would be an error
		resp.ErrorMessage = new(string)
	}
	reply(out, resp)
}

// checkQuotaFilter is the first half of ZkAdminManager.describeClientQuotas (3.9).
func checkQuotaFilter(filter []kmsg.DescribeClientQuotasRequestComponent) (wire.Code, string) {
	const exact, anySpecified = 0, 2 // the first and the last match type (KIP-546)
	seen := map[string]bool{}
	for i := range filter {
		kind := filter[i].EntityType
		switch match := filter[i].MatchType; {
		case match < exact || match > anySpecified: // as 4.x; 3.9 has UNKNOWN_SERVER_ERROR for it
			return wire.InvalidRequest, fmt.Sprintf("%d is no match type", match)
		case kind == "":
			return wire.InvalidRequest, "a filter component has no entity type"
		case kind != "user" && kind != "client-id" && kind != "ip":
			return wire.UnsupportedVersion, "there are no quotas for the entity type " + kind
		case seen[kind]:
			return wire.InvalidRequest, "two filter components have the entity type " + kind
		}
		seen[kind] = true
	}
	if seen["ip"] && (seen["user"] || seen["client-id"]) {
		return wire.InvalidRequest, "ip cannot be combined with user or client-id"
	}
	return wire.None, ""
}
