// ApiVersions (key 18): v0–v4.
// Does: the ranges of api.go; an unknown version is answered in v0 with UNSUPPORTED_VERSION and the
// range of this API alone; a client whose name or version is none by KIP-511 is INVALID_REQUEST.
// Does not: features (KIP-584) and the fields of v3 that carry them stay empty. State: none.
// Lessons: none of its own.

package broker

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

func handleAPIVersions(out *model.Effects, req *kmsg.ApiVersionsRequest, reply reply) {
	if req.Version >= 3 && !(softwareName(req.ClientSoftwareName) &&
		softwareName(req.ClientSoftwareVersion)) {
		resp := kmsg.NewPtrApiVersionsResponse()
		resp.ErrorCode = int16(wire.InvalidRequest)
		reply(out, resp)
		return
	}
	reply(out, apiVersions(req.Version))
}

// softwareName tells whether a client may call itself or its version so: letters, digits, and
// within it '-' and '.' (ApiVersionsRequest.isValid, 3.9).
func softwareName(s string) bool {
	for i := range len(s) {
		c := s[i]
		alphanumeric := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alphanumeric && (c != '-' && c != '.' || i == 0 || i == len(s)-1) {
			return false
		}
	}
	return s != ""
}

// unsupportedVersions is the answer to a version that is not served, in v0: what is served of this
// API (ApiVersionsRequest.getErrorResponse, 3.9; KIP-511).
func unsupportedVersions() *kmsg.ApiVersionsResponse {
	resp := apiVersions(0)
	resp.ErrorCode = int16(wire.UnsupportedVersion)
	resp.ApiKeys = slices.DeleteFunc(resp.ApiKeys, func(k kmsg.ApiVersionsResponseApiKey) bool {
		return k.ApiKey != int16(kmsg.ApiVersions)
	})
	return resp
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
