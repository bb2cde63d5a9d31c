// DescribeClientQuotas (key 48): v0–v1.
// Does: checks the filter (KIP-546) and answers that nobody has a quota.
// Does not: quotas of users, clients and addresses; AlterClientQuotas (key 49) is not served.
// State: none.   Lessons: none of its own.

package broker

import (
	"strconv"

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
		resp.ErrorMessage = new(string)                           // as Kafka's
		resp.Entries = []kmsg.DescribeClientQuotasResponseEntry{} // null would be an error
	}
	reply(out, resp)
}

// checkQuotaFilter is the first half of ZkAdminManager.describeClientQuotas (3.9). An unknown match
// is INVALID_REQUEST as in 4.x; 3.9 fails on it.
func checkQuotaFilter(filter []kmsg.DescribeClientQuotasRequestComponent) (wire.Code, string) {
	seen := map[string]bool{}
	for i := range filter {
		kind := filter[i].EntityType
		switch {
		case kind == "":
			return wire.InvalidRequest, "a filter component has no entity type"
		case kind != "user" && kind != "client-id" && kind != "ip":
			return wire.UnsupportedVersion, "there are no quotas for the entity type " + kind
		case seen[kind]:
			return wire.InvalidRequest, "two filter components have the entity type " + kind
		}
		if m := filter[i].MatchType; m < 0 || m > kmsg.QuotasMatchTypeAny {
			return wire.InvalidRequest, "there is no match type " + strconv.Itoa(int(m))
		}
		seen[kind] = true
	}
	if seen["ip"] && (seen["user"] || seen["client-id"]) {
		return wire.InvalidRequest, "ip cannot be combined with user or client-id"
	}
	return wire.None, ""
}
