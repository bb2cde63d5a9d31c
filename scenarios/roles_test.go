package scenarios

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// What cannot be done to a node is refused where it stands, with what would be right.
func TestVerbsOnWrongNodes(t *testing.T) {
	for entry, want := range map[string]string{
		"close: broker-1": "9:21: close is done to producers and consumers, and broker-1 is a broker " +
			"(`stop` shuts a broker down in good order)",
		"stop: producer-p1": "9:20: stop is done to brokers, and producer-p1 is a producer " +
			"(`close` ends a client in good order, `kill` ends any process)",
		"stop: zookeeper": "9:20: stop is done to brokers, and zookeeper is ZooKeeper",
		"send: consumer-1": "9:20: send is done to producers, and consumer-1 is a consumer " +
			"(name a producer)",
		"delete-key: broker-1, key: k":                      "9:26: delete-key is done to producers",
		"seek: producer-p1, partition: t-0, offset: 0":      "9:20: seek is done to consumers",
		"seek: leader(t-0), partition: t-0, offset: 0":      "9:20: seek is done to consumers, and leader(t-0) is a broker",
		"forbid: zookeeper, partition: t-0":                 "9:22: forbid is done to brokers",
		"lead: consumer-1, partition: t-0":                  "9:20: lead is done to brokers",
		"cut-control: consumer-1":                           "9:27: cut-control is done to brokers",
		"drop-marker: producer-p1":                          "9:27: drop-marker is done to brokers",
		"drop-marker: zookeeper":                            "9:27: drop-marker is done to brokers",
		"cut-tail: zookeeper, partition: t-0, records: 1":   "9:24: cut-tail is done to brokers",
		"wipe: [broker-1, producer-p1]":                     "9:31: wipe is done to brokers and ZooKeeper, and producer-p1 is a producer (a client has no disk: name a broker, or zookeeper)",
		"fill-disk: consumer-1":                             "9:25: fill-disk is done to brokers and ZooKeeper",
		"fail-disk: consumer-1":                             "9:25: fail-disk is done",
		"fail-flush: consumer-1":                            "9:26: fail-flush is done",
		"lead: broker-1, partition: t-7":                    "9:5: there is no partition t-7",
		"delete-records: t-2":                               "9:5: there is no partition t-2",
		"reassign: t-0, replicas: [1, 1]":                   "9:5: Kafka refuses a partition that has broker 1 twice",
		"reassign: t-0, replicas: []":                       "9:5: a partition has no replicas",
		"cut-tail: broker-9, partition: t-0, records: 1":    `9:24: no node is called "broker-9"`,
		"kill: \"leader(t-0) > broker-1\"":                  "is no role",
		"fill-disk: [all, producer-p1]":                     "9:31: fill-disk is done to brokers and ZooKeeper",
		"seek: consumer-1, partition: t-0, offset: 9e9":     `"9e9" is no offset`,
		"seek: consumer-1, partition: t--1, offset: 9":      `no topic is called "t-"`,
		"send: producer-p1, count: 99999999999999999999999": "is no whole number",
	} {
		_, err := Parse("verb.yaml", fmt.Appendf(nil, verbCluster, "", entry))
		var input *model.InputError
		require.ErrorAs(t, err, &input, entry)
		require.ErrorContains(t, err, want)
	}
}

// `all` leaves out to whom a verb cannot be done.
func TestAllLeavesOut(t *testing.T) {
	for entry, want := range map[string][]model.NodeID{
		"fill-disk: all": {"zookeeper-1", "broker-1", "broker-2", "broker-3"},
		"wipe: all":      {"zookeeper-1", "broker-1", "broker-2", "broker-3"},
	} {
		var faults []model.NodeID
		for _, l := range tried(t, "", entry) {
			if l.At == model.Time(4e9) && l.Fault != nil && l.Kind == model.TraceFault &&
				l.Fault.Verb != model.FaultKill {
				require.Empty(t, l.Fault.Failed)
				faults = append(faults, l.Fault.Node)
			}
		}
		require.Equal(t, want, faults, entry)
	}
}
