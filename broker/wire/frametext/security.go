package frametext

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// describeSecurity says what is asked of access control, credentials and quotas.
func describeSecurity(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.SASLHandshakeRequest:
		t.named("mechanism", m.Mechanism)
	case *kmsg.SASLHandshakeResponse:
		t.outcome(m.ErrorCode)
	case *kmsg.SASLAuthenticateRequest:
		t.count(int64(len(m.SASLAuthBytes)), "byte")
	case *kmsg.SASLAuthenticateResponse:
		t.outcome(m.ErrorCode)
		t.message(m.ErrorMessage)
	case *kmsg.DescribeACLsRequest:
		t.word("resource").word(m.ResourceType.String())
	case *kmsg.DescribeACLsResponse:
		t.outcome(m.ErrorCode)
		t.message(m.ErrorMessage)
	case *kmsg.CreateACLsRequest:
		t.count(int64(len(m.Creations)), "rule")
	case *kmsg.CreateACLsResponse:
		for _, r := range m.Results {
			t.item().raw(wire.Code(r.ErrorCode).String())
			t.message(r.ErrorMessage)
		}
	case *kmsg.DeleteACLsRequest:
		t.count(int64(len(m.Filters)), "filter")
	case *kmsg.DeleteACLsResponse:
		for i := range m.Results {
			t.item().raw(wire.Code(m.Results[i].ErrorCode).String())
			t.message(m.Results[i].ErrorMessage)
		}
	default:
		return describeTokens(t, m) || describeUsers(t, m)
	}
	return true
}

// describeTokens is describeSecurity for delegation tokens.
func describeTokens(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.CreateDelegationTokenRequest:
		t.count(int64(len(m.Renewers)), "renewer")
	case *kmsg.CreateDelegationTokenResponse:
		t.outcome(m.ErrorCode)
	case *kmsg.RenewDelegationTokenRequest:
		t.field("for_ms", m.RenewTimeMillis)
	case *kmsg.RenewDelegationTokenResponse:
		t.outcome(m.ErrorCode)
	case *kmsg.ExpireDelegationTokenRequest:
		t.field("after_ms", m.ExpiryPeriodMillis)
	case *kmsg.ExpireDelegationTokenResponse:
		t.outcome(m.ErrorCode)
	case *kmsg.DescribeDelegationTokenRequest:
		t.flag("all", m.Owners == nil)
		for _, o := range m.Owners {
			t.item().raw(o.PrincipalName)
		}
	case *kmsg.DescribeDelegationTokenResponse:
		t.outcome(m.ErrorCode)
	default:
		return false
	}
	return true
}

// describeUsers is describeSecurity for quotas and credentials.
func describeUsers(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.DescribeClientQuotasRequest:
		t.flag("all", len(m.Components) == 0).flag("strict", m.Strict)
		for _, c := range m.Components {
			t.item().raw(c.EntityType)
			if c.Match != nil {
				t.raw(" ").raw(*c.Match)
			}
		}
	case *kmsg.DescribeClientQuotasResponse:
		if t.code(m.ErrorCode) {
			t.message(m.ErrorMessage)
			return true
		}
		t.count(int64(len(m.Entries)), "quota")
	case *kmsg.DescribeUserSCRAMCredentialsRequest:
		t.flag("all", len(m.Users) == 0)
		for _, u := range m.Users {
			t.item().raw(u.Name)
		}
	case *kmsg.DescribeUserSCRAMCredentialsResponse:
		t.code(m.ErrorCode)
		for i := range m.Results {
			r := &m.Results[i]
			if !t.item().raw(r.User).problem(r.ErrorCode) {
				t.raw(": ").count(int64(len(r.CredentialInfos)), "credential")
			}
		}
	default:
		return false
	}
	return true
}
