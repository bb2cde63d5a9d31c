package host

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// python runs a program of scenarios/clients/python.
func python(t *testing.T, script string) clientProgram {
	program(t, "python3")
	path, err := filepath.Abs("../../scenarios/clients/python/" + script)
	require.NoError(t, err)
	return clientProgram{madeByClients(t, "python/bin/python", "Python with its venv"), path}
}

func pythonWork(t *testing.T, p clientProgram, incremental bool) {
	t.Run("topics", func(t *testing.T) {
		c := startCluster(t, 3, t.TempDir())
		defer c.kill()
		topicLife(t, p, c.Addrs(), newAdmin(t, c.Addrs()), incremental)
	})
	t.Run("records", func(t *testing.T) {
		ordinaryWork(t, p.library("none", "gzip", "snappy", "lz4", "zstd"))
	})
}

func TestKafkaPython(t *testing.T) { pythonWork(t, python(t, "with_kafka_python.py"), true) }

// aiokafka's admin client sets all settings of a topic anew.
func TestAIOKafka(t *testing.T) { pythonWork(t, python(t, "with_aiokafka.py"), false) }

// confluent-kafka is librdkafka, as kcat is, in its newest version.
func TestConfluentKafka(t *testing.T) { pythonWork(t, python(t, "with_confluent_kafka.py"), true) }
