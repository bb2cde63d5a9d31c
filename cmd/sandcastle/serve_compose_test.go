package main

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// Every service of the compose file is one that serve understands, and together they are a cluster:
// nobody's ports or ids collide, and each advertises what it has published.
func TestComposeFile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("compose.yaml")
	require.NoError(t, err)
	var compose struct {
		Services map[string]struct {
			Command     []string
			Ports       []string
			Environment map[string]string
		}
	}
	require.NoError(t, yaml.Unmarshal(data, &compose))
	require.Len(t, compose.Services, 4)
	ids := map[int]bool{}
	for name, service := range compose.Services {
		var environ []string
		for k, v := range service.Environment {
			environ = append(environ, k+"="+v)
		}
		require.Equal(t, "serve", service.Command[0])
		p, err := planned(t, environ, service.Command[1:]...)
		require.NoError(t, err, name)
		cluster := p.Cluster()
		if len(cluster.Brokers) == 0 {
			require.Contains(t, service.Command, "--zookeeper-only")
			require.Equal(t, ":2181", cluster.ZooKeeperListen)
			continue
		}
		require.Len(t, cluster.Brokers, 1)
		require.Equal(t, "zookeeper:2181", cluster.ZooKeeper)
		b := cluster.Brokers[0]
		require.Equal(t, "/data", b.Dir)
		id := int(b.Broker.ID)
		require.False(t, ids[id])
		ids[id] = true
		require.Equal(t, fmt.Sprintf("broker-%d", id), name)
		require.Equal(t, "INTERNAL", b.Broker.InterBrokerListener)
		require.Equal(t, name, b.Listeners[0].Host)
		require.Equal(t, "localhost", b.Listeners[1].Host)
		published := fmt.Sprintf("127.0.0.1:%d:%d", b.Listeners[1].Port, b.Listeners[1].Port)
		require.True(t, slices.Contains(service.Ports, published), "%s publishes %v", name, service.Ports)
	}
}
