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
func (b *Broker) handleCreateDelegationToken(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.CreateDelegationTokenRequest)
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
	b.reply(out, r, resp)
}

func (b *Broker) handleRenewDelegationToken(out *model.Effects, r *request) {
	resp := kmsg.NewPtrRenewDelegationTokenResponse()
	resp.ErrorCode = int16(wire.DelegationTokenRequestNotAllowed)
	resp.ExpiryTimestamp = -1
	b.reply(out, r, resp)
}

func (b *Broker) handleExpireDelegationToken(out *model.Effects, r *request) {
	resp := kmsg.NewPtrExpireDelegationTokenResponse()
	resp.ErrorCode = int16(wire.DelegationTokenRequestNotAllowed)
	resp.ExpiryTimestamp = -1
	b.reply(out, r, resp)
}

func (b *Broker) handleDescribeDelegationToken(out *model.Effects, r *request) {
	resp := kmsg.NewPtrDescribeDelegationTokenResponse()
	resp.ErrorCode = int16(wire.DelegationTokenRequestNotAllowed)
	b.reply(out, r, resp)
}
