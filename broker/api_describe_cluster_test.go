package broker_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

func TestDescribeCluster(t *testing.T) {
	c := startCluster(t, 3, "broker-2 broker.rack=west")
	for v := range int16(2) {
		req := kmsg.NewPtrDescribeClusterRequest()
		req.SetVersion(v)
		resp := c.Request(2, req).(*kmsg.DescribeClusterResponse)
		require.Zero(t, resp.ErrorCode)
		require.Equal(t, "sandcastle", resp.ClusterID)
		require.EqualValues(t, c.Controller(), resp.ControllerID)
		require.Len(t, resp.Brokers, 3)
		require.EqualValues(t, 1, resp.Brokers[0].NodeID)
		require.Equal(t, "broker-1", resp.Brokers[0].Host)
		require.EqualValues(t, 9092, resp.Brokers[0].Port)
		require.Nil(t, resp.Brokers[0].Rack)
		require.Equal(t, "west", *resp.Brokers[1].Rack)
		require.EqualValues(t, math.MinInt32, resp.ClusterAuthorizedOperations)
		req.IncludeClusterAuthorizedOperations = true
		resp = c.Request(2, req).(*kmsg.DescribeClusterResponse)
		require.EqualValues(t, 1<<5|1<<7|1<<8|1<<9|1<<10|1<<11|1<<12, resp.ClusterAuthorizedOperations)
	}
}

func TestDescribeClusterOfOtherEndpoints(t *testing.T) {
	c := startCluster(t, 1)
	for endpoint, code := range map[int8]wire.Code{
		2: wire.MismatchedEndpointType, 3: wire.UnsupportedEndpointType, 0: wire.UnsupportedEndpointType,
	} {
		req := latest(kmsg.NewPtrDescribeClusterRequest())
		req.EndpointType = endpoint
		resp := c.Request(1, req).(*kmsg.DescribeClusterResponse)
		require.Equal(t, code, wire.Code(resp.ErrorCode))
		require.NotEmpty(t, *resp.ErrorMessage)
		require.Empty(t, resp.Brokers)
	}
}

// A controller that this broker does not see alive is no controller to a client.
func TestDescribeClusterWithoutController(t *testing.T) {
	c := startCluster(t, 1)
	c.Broker(1).SetController(7)
	resp := c.Request(1, latest(kmsg.NewPtrDescribeClusterRequest())).(*kmsg.DescribeClusterResponse)
	require.EqualValues(t, -1, resp.ControllerID)
}

func TestAuthorizedOperationsInMetadata(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	for v := int16(8); v <= 12; v++ {
		req := kmsg.NewPtrMetadataRequest()
		req.SetVersion(v)
		resp := c.Request(1, req).(*kmsg.MetadataResponse)
		require.EqualValues(t, math.MinInt32, resp.Topics[0].AuthorizedOperations)
		require.EqualValues(t, math.MinInt32, resp.AuthorizedOperations)
		req.IncludeTopicAuthorizedOperations, req.IncludeClusterAuthorizedOperations = true, true
		resp = c.Request(1, req).(*kmsg.MetadataResponse)
		require.EqualValues(t, 0b110111111000, resp.Topics[0].AuthorizedOperations)
		if v <= 10 {
			require.EqualValues(t, 0b1111110100000, resp.AuthorizedOperations)
		}
	}
}
