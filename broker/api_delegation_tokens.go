// CreateDelegationToken (key 38): v0–v3.
// Does: answers DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, as every PLAINTEXT listener does (KIP-48).
// Does not: delegation tokens.
// State: none.   Lessons: none of its own.
//
// RenewDelegationToken (key 39): v0–v2.
// Does: answers DELEGATION_TOKEN_REQUEST_NOT_ALLOWED. Does not: delegation tokens.
// State: none.   Lessons: none of its own.
//
// ExpireDelegationToken (key 40): v0–v2.
// Does: answers DELEGATION_TOKEN_REQUEST_NOT_ALLOWED. Does not: delegation tokens.
// State: none.   Lessons: none of its own.
//
// DescribeDelegationToken (key 41): v0–v3.
// Does: answers DELEGATION_TOKEN_REQUEST_NOT_ALLOWED. Does not: delegation tokens.
// State: none.   Lessons: none of its own.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// The principal behind a connection without authentication (KafkaPrincipal.ANONYMOUS, 3.9).
const (
	userPrincipal = "User"
	anonymous     = "ANONYMOUS"
)

// handleCreateDelegationToken is KafkaApis.handleCreateTokenRequest (3.9) where allowTokenRequests
// is false.
func handleCreateDelegationToken(out *model.Effects,
	req *kmsg.CreateDelegationTokenRequest, reply reply,
) {
	resp := kmsg.NewPtrCreateDelegationTokenResponse()
	resp.ErrorCode = int16(wire.DelegationTokenRequestNotAllowed)
	resp.PrincipalType, resp.PrincipalName = userPrincipal, anonymous
	if req.OwnerPrincipalName != nil && *req.OwnerPrincipalName != "" {
		resp.PrincipalName = *req.OwnerPrincipalName
		if req.OwnerPrincipalType != nil {
			resp.PrincipalType = *req.OwnerPrincipalType
		}
	}
	resp.TokenRequesterPrincipalType, resp.TokenRequesterPrincipalName = userPrincipal, anonymous
	resp.IssueTimestamp, resp.ExpiryTimestamp, resp.MaxTimestamp = -1, -1, -1
	reply(out, resp)
}

func handleRenewDelegationToken(out *model.Effects,
	_ *kmsg.RenewDelegationTokenRequest, reply reply,
) {
	resp := kmsg.NewPtrRenewDelegationTokenResponse()
	resp.ErrorCode = int16(wire.DelegationTokenRequestNotAllowed)
	resp.ExpiryTimestamp = -1
	reply(out, resp)
}

func handleExpireDelegationToken(out *model.Effects,
	_ *kmsg.ExpireDelegationTokenRequest, reply reply,
) {
	resp := kmsg.NewPtrExpireDelegationTokenResponse()
	resp.ErrorCode = int16(wire.DelegationTokenRequestNotAllowed)
	resp.ExpiryTimestamp = -1
	reply(out, resp)
}

func handleDescribeDelegationToken(out *model.Effects,
	_ *kmsg.DescribeDelegationTokenRequest, reply reply,
) {
	resp := kmsg.NewPtrDescribeDelegationTokenResponse()
	resp.ErrorCode = int16(wire.DelegationTokenRequestNotAllowed)
	reply(out, resp)
}
