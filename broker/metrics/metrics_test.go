package metrics

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"sandcastle/broker/client"
	"sandcastle/broker/host"
	"sandcastle/broker/serve"
)

func TestMetrics(t *testing.T) {
	p, err := serve.NewPlan(&serve.Options{
		Brokers: 2, Bind: "127.0.0.1", Advertised: "127.0.0.1", Data: t.TempDir(),
	}, func(string) bool { return false }, nil)
	require.NoError(t, err)
	c, err := host.StartCluster(p.Cluster())
	require.NoError(t, err)
	defer c.Shutdown(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, c.Ready(ctx))
	require.NoError(t, c.CreateTopics(ctx, []client.CreateTopic{
		{Name: "orders", Partitions: 3, Replicas: 2},
	}))

	registry := prometheus.NewPedanticRegistry() // refuses what Prometheus could not read
	registry.MustRegister(&exporter{cluster: c, ids: []string{"1", "2"}})
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer server.Close()
	var text string
	require.Eventually(t, func() bool {
		resp, err := http.Get(server.URL)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		text = string(body)
		return strings.Contains(text, `kafka_server_replicamanager_partitioncount{broker="2"} 3`)
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 1, strings.Count(text, `kafka_controller_kafkacontroller_activecontrollercount`+
		`{broker="1"} 1`)+strings.Count(text, `activecontrollercount{broker="2"} 1`))
	require.Contains(t, text, `request="CreateTopics"`)
	require.Contains(t, text, `kafka_server_kafkaserver_brokerstate{broker="1"} 3`)
	require.Contains(t, text, `kafka_log_log_logendoffset{broker="1",partition="2",topic="orders"} 0`)

	w := httptest.NewRecorder()
	(&exporter{cluster: c, ids: []string{"1", "2"}}).health(w)
	require.Equal(t, http.StatusOK, w.Code)
	c.Shutdown(ctx)
	w = httptest.NewRecorder()
	(&exporter{cluster: c, ids: []string{"1", "2"}}).health(w)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "broker 1 has ended")
}
