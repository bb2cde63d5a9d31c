package metrics

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sandcastle/broker"
	"sandcastle/broker/replica"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// exporter turns what brokers count into Prometheus's metrics, under the names that the JMX
// exporter gives to Apache Kafka's.
type exporter struct {
	cluster Cluster
	ids     []string // of its brokers
}

// Cluster is where brokers are asked for what they count: a *host.Cluster.
type Cluster interface {
	Meters() []*broker.Meters // of each broker, nil for one that has ended
}

// Describe implements prometheus.Collector: what there is depends on topics and requests, so
// nothing is promised.
func (m *exporter) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (m *exporter) Collect(out chan<- prometheus.Metric) {
	for i, meters := range m.cluster.Meters() {
		if meters != nil {
			(&sample{out, m.ids[i]}).broker(meters)
		}
	}
}

// sample sends the metrics of one broker.
type sample struct {
	out chan<- prometheus.Metric
	id  string
}

func (s *sample) put(kind prometheus.ValueType, name, help string, value int64, labels ...string) {
	names, values := []string{"broker"}, []string{s.id}
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	desc := prometheus.NewDesc(name, help, names, nil)
	s.out <- prometheus.MustNewConstMetric(desc, kind, float64(value), values...)
}

func (s *sample) count(name, help string, value int64, labels ...string) {
	s.put(prometheus.CounterValue, name, help, value, labels...)
}

func (s *sample) gauge(name, help string, value int64, labels ...string) {
	s.put(prometheus.GaugeValue, name, help, value, labels...)
}

func (s *sample) broker(m *broker.Meters) {
	const replicas, controller = "kafka_server_replicamanager_", "kafka_controller_kafkacontroller_"
	var leaders, under, underMin int64
	for i := range m.Replicas {
		r := &m.Replicas[i]
		leaders, under, underMin = leaders+bit(r.Leading), under+bit(r.UnderReplicated),
			underMin+bit(r.UnderMinISR)
		s.replica(r)
	}
	s.gauge(replicas+"partitioncount", "Replicas on this broker.", int64(len(m.Replicas)))
	s.gauge(replicas+"leadercount", "Partitions that this broker leads.", leaders)
	s.gauge(replicas+"underreplicatedpartitions", "Led partitions with replicas out of sync.", under)
	s.gauge(replicas+"underminisrpartitioncount",
		"Led partitions with fewer replicas in sync than min.insync.replicas.", underMin)
	s.count(replicas+"isrshrinks_total", "Times an ISR of a led partition shrank.", m.ISRShrinks)
	s.count(replicas+"isrexpands_total", "Times an ISR of a led partition grew.", m.ISRExpands)
	s.gauge(controller+"activecontrollercount", "1 on the controller.", bit(m.Controller))
	s.gauge(controller+"offlinepartitionscount", "Partitions without a leader, on the controller.",
		int64(m.OfflinePartitions))
	s.gauge(controller+"globaltopiccount", "Topics, on the controller.", int64(m.ClusterTopics))
	s.gauge(controller+"globalpartitioncount", "Partitions, on the controller.",
		int64(m.ClusterPartitions))
	s.gauge("kafka_server_kafkaserver_brokerstate", "1 while it starts, 3 when it serves.",
		1+2*bit(m.Serving))
	s.gauge("kafka_server_socketservermetrics_connection_count", "Open connections.",
		int64(m.Connections))
	for api, n := range m.Requests {
		s.count("kafka_network_requestmetrics_requests_total", "Requests.", n, "request", api)
	}
	for topic, t := range m.Topics {
		s.topic(topic, t)
	}
}

func (s *sample) topic(name string, t replica.TopicMeter) {
	const topics = "kafka_server_brokertopicmetrics_"
	s.count(topics+"messagesin_total", "Records that producers sent.", t.Messages, "topic", name)
	s.count(topics+"bytesin_total", "Bytes that producers sent.", t.BytesIn, "topic", name)
	s.count(topics+"bytesout_total", "Bytes that consumers read.", t.BytesOut, "topic", name)
	s.count(topics+"replicationbytesin_total", "Bytes copied from leaders.", t.ReplicationIn,
		"topic", name)
	s.count(topics+"replicationbytesout_total", "Bytes copied by followers.", t.ReplicationOut,
		"topic", name)
}

func (s *sample) replica(r *replica.Meter) {
	at := []string{"topic", r.TP.Topic, "partition", strconv.Itoa(int(r.TP.Partition))}
	s.gauge("kafka_log_log_size", "Bytes of the log.", r.Size, at...)
	s.gauge("kafka_log_log_logstartoffset", "First offset of the log.", int64(r.LogStart), at...)
	s.gauge("kafka_log_log_logendoffset", "Offset after the last record.", int64(r.LogEnd), at...)
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Serve answers /metrics and /healthz at addr until the returned function is called. ids are those
// of the cluster's brokers.
func Serve(addr string, c Cluster, ids []kafka.BrokerID) (stop func(), err error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, model.BadInput("--metrics %s is in use: stop what listens there, or give another",
			addr)
	}
	if err != nil {
		return nil, model.BadInput("--metrics %s: %s", addr, model.PlainCause(err))
	}
	m := &exporter{cluster: c}
	for _, id := range ids {
		m.ids = append(m.ids, strconv.Itoa(int(id)))
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m)
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { m.health(w) })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(l)
	return func() { server.Close() }, nil
}

// health is 200 when every broker of this process serves.
func (m *exporter) health(w http.ResponseWriter) {
	for i, meters := range m.cluster.Meters() {
		switch {
		case meters == nil:
			http.Error(w, fmt.Sprintf("broker %s has ended", m.ids[i]), http.StatusServiceUnavailable)
			return
		case !meters.Serving:
			http.Error(w, fmt.Sprintf("broker %s is starting", m.ids[i]), http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ok")
}
