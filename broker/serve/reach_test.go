package serve

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Without a word it is this machine's alone; what opens it is said, and to whom.
func TestReach(t *testing.T) {
	const alone = "open to this machine alone (--bind ADDRESS lets others in)"
	for name, row := range map[string]struct {
		environ, args []string
		reach, lost   string
	}{
		"nothing":        {nil, nil, alone, ""},
		"loopback":       {nil, []string{"--bind", "::1"}, alone, ""},
		"flag":           {nil, []string{"--bind", "10.0.0.7", "--advertised", "a"}, "open to every machine that reaches 10.0.0.7:9092, 10.0.0.7:2181", ""},
		"everywhere":     {nil, []string{"--bind", "*"}, "open to every machine that reaches any address of this one at port 9092, any", ""},
		"zeros":          {nil, []string{"--bind", "0.0.0.0"}, "any address of this one at port 2181", ""},
		"container":      {[]string{"SANDCASTLE_BIND=*"}, nil, "any address of this one at port 9092", ""},
		"flag counts":    {[]string{"SANDCASTLE_BIND=*"}, []string{"--bind", "127.0.0.1"}, alone, ""},
		"empty variable": {[]string{"SANDCASTLE_BIND="}, nil, alone, ""},
		"listeners": {[]string{"KAFKA_LISTENERS=PLAINTEXT://:9092", "KAFKA_ZOOKEEPER_CONNECT=zk:2181"}, nil,
			"open to every machine that reaches any address of this one at port 9092\n", ""},
		"sent elsewhere": {[]string{"KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://kafka:9092"}, nil, alone,
			"broker-1 listens on localhost:9092, and sends its clients to kafka:9092: give --bind kafka, or '*'"},
		"ZooKeeper": {nil, []string{"--zookeeper-only", "true", "--bind", "*"},
			"open to every machine that reaches any address of this one at port 2181\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := planned(t, row.environ, row.args...)
			require.NoError(t, err)
			require.Contains(t, p.Reach(), row.reach)
			require.Contains(t, p.Reach(), "\nnobody has to say who he is: ")
			require.Contains(t, p.Unreachable(), row.lost)
			require.Equal(t, row.lost == "", p.Unreachable() == "")
		})
	}
}
