package broker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// A broker without security answers like one: the client learns why, and keeps its connection.
func TestWithoutSecurity(t *testing.T) {
	c := startCluster(t, 1)
	call := func(req kmsg.Request) kmsg.Response { return c.Request(1, latest(req)) }

	describe := kmsg.NewPtrDescribeACLsRequest()
	describe.ResourceType, describe.Operation, describe.PermissionType = 1, 1, 1 // any
	described := call(describe).(*kmsg.DescribeACLsResponse)
	require.Equal(t, wire.SecurityDisabled, wire.Code(described.ErrorCode))
	require.Equal(t, "No Authorizer is configured on the broker", *described.ErrorMessage)

	create := kmsg.NewPtrCreateACLsRequest()
	creation := kmsg.NewCreateACLsRequestCreation()
	creation.ResourceType, creation.Operation, creation.PermissionType = 2, 3, 3
	create.Creations = []kmsg.CreateACLsRequestCreation{creation, creation}
	created := call(create).(*kmsg.CreateACLsResponse)
	require.Len(t, created.Results, 2)
	require.Equal(t, wire.SecurityDisabled, wire.Code(created.Results[1].ErrorCode))

	remove := kmsg.NewPtrDeleteACLsRequest()
	filter := kmsg.NewDeleteACLsRequestFilter()
	filter.ResourceType, filter.Operation, filter.PermissionType = 1, 1, 1
	remove.Filters = []kmsg.DeleteACLsRequestFilter{filter, filter}
	removed := call(remove).(*kmsg.DeleteACLsResponse)
	require.Len(t, removed.Results, 2)
	require.Equal(t, wire.SecurityDisabled, wire.Code(removed.Results[1].ErrorCode))

	shaken := call(kmsg.NewPtrSASLHandshakeRequest()).(*kmsg.SASLHandshakeResponse)
	require.Equal(t, wire.IllegalSASLState, wire.Code(shaken.ErrorCode))
	require.Empty(t, shaken.SupportedMechanisms)
	authenticated := call(kmsg.NewPtrSASLAuthenticateRequest()).(*kmsg.SASLAuthenticateResponse)
	require.Equal(t, wire.IllegalSASLState, wire.Code(authenticated.ErrorCode))
}

// An element that is unknown (0) is one that the request should not have had.
func TestACLsOfUnknownElements(t *testing.T) {
	c := startCluster(t, 1)
	refused := func(req kmsg.Request) {
		l := c.Dial(1)
		req.SetVersion(2)
		l.Send(req)
		c.Eventually(time.Second, "the connection closes", func() bool { return l.Closed })
		require.Empty(t, l.Replies, "%+v", req)
	}
	for i := range 4 {
		e := [4]int8{1, 3, 3, 3}
		e[i] = 0
		describe := kmsg.NewPtrDescribeACLsRequest()
		describe.ResourceType, describe.ResourcePatternType = kmsg.ACLResourceType(e[0]), kmsg.ACLResourcePatternType(e[1])
		describe.Operation, describe.PermissionType = kmsg.ACLOperation(e[2]), kmsg.ACLPermissionType(e[3])
		refused(describe)
		create := kmsg.NewPtrCreateACLsRequest()
		create.Creations = []kmsg.CreateACLsRequestCreation{{ResourceType: describe.ResourceType,
			ResourcePatternType: describe.ResourcePatternType, Operation: describe.Operation,
			PermissionType: describe.PermissionType}}
		refused(create)
		remove := kmsg.NewPtrDeleteACLsRequest()
		remove.Filters = []kmsg.DeleteACLsRequestFilter{{ResourceType: describe.ResourceType,
			ResourcePatternType: describe.ResourcePatternType, Operation: describe.Operation,
			PermissionType: describe.PermissionType}}
		refused(remove)
	}
}

func TestDelegationTokensAreNotAllowed(t *testing.T) {
	c := startCluster(t, 1)
	call := func(req kmsg.Request) kmsg.Response { return c.Request(1, latest(req)) }
	create := kmsg.NewPtrCreateDelegationTokenRequest()
	created := call(create).(*kmsg.CreateDelegationTokenResponse)
	require.Equal(t, wire.DelegationTokenRequestNotAllowed, wire.Code(created.ErrorCode))
	require.Equal(t, "ANONYMOUS", created.PrincipalName)
	create.OwnerPrincipalType, create.OwnerPrincipalName = kmsg.StringPtr("User"), kmsg.StringPtr("ada")
	created = call(create).(*kmsg.CreateDelegationTokenResponse)
	require.Equal(t, "ada", created.PrincipalName)
	require.Equal(t, "ANONYMOUS", created.TokenRequesterPrincipalName)
	require.EqualValues(t, -1, created.ExpiryTimestamp)

	renewed := call(kmsg.NewPtrRenewDelegationTokenRequest()).(*kmsg.RenewDelegationTokenResponse)
	require.Equal(t, wire.DelegationTokenRequestNotAllowed, wire.Code(renewed.ErrorCode))
	expired := call(kmsg.NewPtrExpireDelegationTokenRequest()).(*kmsg.ExpireDelegationTokenResponse)
	require.Equal(t, wire.DelegationTokenRequestNotAllowed, wire.Code(expired.ErrorCode))
	described := call(kmsg.NewPtrDescribeDelegationTokenRequest()).(*kmsg.DescribeDelegationTokenResponse)
	require.Equal(t, wire.DelegationTokenRequestNotAllowed, wire.Code(described.ErrorCode))
}

func TestNobodyHasAQuota(t *testing.T) {
	c := startCluster(t, 1)
	for _, row := range []struct {
		kinds []string
		code  wire.Code
	}{
		{nil, wire.None}, {[]string{"user", "client-id"}, wire.None}, {[]string{"ip"}, wire.None},
		{[]string{""}, wire.InvalidRequest}, {[]string{"user", "user"}, wire.InvalidRequest},
		{[]string{"ip", "user"}, wire.InvalidRequest}, {[]string{"team"}, wire.UnsupportedVersion},
	} {
		for v := range int16(2) {
			req := kmsg.NewPtrDescribeClientQuotasRequest()
			req.SetVersion(v)
			for _, kind := range row.kinds {
				req.Components = append(req.Components,
					kmsg.DescribeClientQuotasRequestComponent{EntityType: kind})
			}
			resp := c.Request(1, req).(*kmsg.DescribeClientQuotasResponse)
			require.Equal(t, row.code, wire.Code(resp.ErrorCode), row.kinds)
			require.Equal(t, row.code != wire.None, resp.Entries == nil, row.kinds)
		}
	}
}

// A match type that there is not is a mistake of the client, as from 4.x; 3.9 fails at it.
func TestQuotaFilterOfAnUnknownMatch(t *testing.T) {
	c := startCluster(t, 1)
	req := latest(kmsg.NewPtrDescribeClientQuotasRequest())
	for match, code := range map[kmsg.QuotasMatchType]wire.Code{
		0: wire.None, 1: wire.None, 2: wire.None, 3: wire.InvalidRequest, -1: wire.InvalidRequest,
	} {
		req.Components = []kmsg.DescribeClientQuotasRequestComponent{{EntityType: "user", MatchType: match}}
		resp := c.Request(1, req).(*kmsg.DescribeClientQuotasResponse)
		require.Equal(t, code, wire.Code(resp.ErrorCode), "match type %d", match)
	}
}

func TestNobodyHasSCRAMCredentials(t *testing.T) {
	c := startCluster(t, 1)
	req := latest(kmsg.NewPtrDescribeUserSCRAMCredentialsRequest())
	all := c.Request(1, req).(*kmsg.DescribeUserSCRAMCredentialsResponse)
	require.Zero(t, all.ErrorCode)
	require.Empty(t, all.Results)
	for _, name := range []string{"ada", "bob", "ada", ""} {
		req.Users = append(req.Users, kmsg.DescribeUserSCRAMCredentialsRequestUser{Name: name})
	}
	some := c.Request(1, req).(*kmsg.DescribeUserSCRAMCredentialsResponse)
	codes := map[string]wire.Code{}
	for _, r := range some.Results {
		codes[r.User] = wire.Code(r.ErrorCode)
	}
	require.Len(t, some.Results, 3)
	require.Equal(t, map[string]wire.Code{
		"ada": wire.DuplicateResource, "bob": wire.ResourceNotFound, "": wire.ResourceNotFound,
	}, codes)
}
