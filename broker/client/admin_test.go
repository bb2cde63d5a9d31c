package client

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func adminWorld(t *testing.T, cfg AdminConfig) (*world, *Admin) {
	cfg.Bootstrap = bootstrap
	w := newWorld(t, func(b model.Boot) model.Process { return NewAdmin(b, cfg) })
	return w, w.process.(*Admin)
}

func TestAdminCreatesAndDeletes(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{MinBrokers: 3})
	w.command(
		&CreateTopic{
			Name:       "orders",
			Partitions: 3,
			Replicas:   3,
			Config:     []Setting{{"min.insync.replicas", "2"}},
		},
	)
	w.command(&CreateTopic{Name: "users", Assignment: [][]int32{{1, 2}, {2, 3}}})
	w.command(&CreateTopic{Name: "orders", Partitions: 1, Replicas: 1})
	w.command(&DeleteTopic{Name: "orders"})
	w.command(&DeleteTopic{Name: "nowhere"})
	w.Run(5 * time.Second)
	require.True(t, a.Done())
	var texts []string
	for _, n := range w.noted(kafka.AdminCompleted) {
		texts = append(texts, n.Text)
	}
	require.Equal(t, []string{
		"create-topics orders: NONE", "create-topics users: NONE", "create-topics orders: TOPIC_ALREADY_EXISTS",
		"delete-topics orders: NONE", "delete-topics nowhere: UNKNOWN_TOPIC_OR_PARTITION",
	}, texts)
	reqs := sent[*kmsg.CreateTopicsRequest](w)
	require.Equal(t, "2", *reqs[0].Topics[0].Configs[0].Value)
	require.Equal(t, int32(-1), reqs[1].Topics[0].NumPartitions)
	require.Equal(t, []int32{2, 3}, reqs[1].Topics[0].ReplicaAssignment[1].Replicas)
	require.Len(t, a.Results(), 5)
	w.command(&Close{})
	w.Run(time.Second)
	require.Zero(t, w.Conns(clientNode))
}

func TestAdminFindsTheController(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	w.cluster.before[3] = func(string, wire.Request) (answer, bool) {
		// News of the new controller spreads a little later.
		w.cluster.before[3] = nil
		w.cluster.controller = 1
		resp := w.cluster.metadata(kmsg.NewPtrMetadataRequest())
		w.cluster.controller = 2
		return reply(resp), true
	}
	w.command(&CreateTopic{Name: "orders", Partitions: 1, Replicas: 1})
	w.Run(5 * time.Second)
	require.Equal(t, wire.None, a.Results()[0].Code)
	require.Equal(t, 2, w.cluster.creates, "NOT_CONTROLLER, then the right one")
}

func TestAdminGivesUp(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{})
	w.refuse(bootstrap...)
	w.command(&CreateTopic{Name: "orders", Partitions: 1, Replicas: 1})
	w.Run(59 * time.Second)
	require.False(t, a.Done())
	w.Run(2 * time.Second)
	require.Equal(t, wire.RequestTimedOut, a.Results()[0].Code)
}

// An attempt without an answer may have worked; that the topic exists then is no failure.
func TestAdminForgivesItsOwnFirstAttempt(t *testing.T) {
	w, a := adminWorld(t, AdminConfig{RequestTimeout: time.Second})
	first := true
	w.cluster.before[19] = func(addr string, req wire.Request) (answer, bool) {
		if !first {
			return answer{}, false
		}
		first = false
		w.cluster.topic("orders", 1)
		return answer{drop: true}, true
	}
	w.command(&CreateTopic{Name: "orders", Partitions: 1, Replicas: 1})
	w.Run(10 * time.Second)
	require.Equal(t, wire.None, a.Results()[0].Code)
	require.NotEmpty(t, a.Results()[0].Message)
}
