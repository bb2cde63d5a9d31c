// ApiVersions (key 18): v0–v4.
// Does: the ranges of api.go; an unknown version is answered in v0 with UNSUPPORTED_VERSION
// (KIP-511). Does not: features (KIP-584) and the fields of v3 that carry them stay empty. State:
// none.   Lessons: none of its own.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func handleAPIVersions(out *model.Effects, req *kmsg.ApiVersionsRequest, reply reply) {
	reply(out, apiVersions(req.Version))
}

// apiVersions lists what the table serves.
func apiVersions(version int16) *kmsg.ApiVersionsResponse {
	resp := kmsg.NewPtrApiVersionsResponse()
	resp.SetVersion(version)
	for _, a := range apiTable() {
		key := kmsg.NewApiVersionsResponseApiKey()
		key.ApiKey, key.MinVersion, key.MaxVersion = a.key, a.min, a.max
		resp.ApiKeys = append(resp.ApiKeys, key)
	}
	return resp
}
