package checks_test

import (
	"fmt"
	"strings"

	"sandcastle/checks"
	"sandcastle/model/kafka"
)

// A history may come from anywhere. Here the producer was told that "b" stands at offset 1; the
// consumer got "a" and "c", and never "b".
func ExampleJudge() {
	history, err := kafka.ReadHistory(strings.NewReader(`
{"index":0,"process":0,"type":"ok","f":"send","time":10,"value":[["send","taxi-0",[0,"a"]]]}
{"index":1,"process":0,"type":"ok","f":"send","time":20,"value":[["send","taxi-0",[1,"b"]]]}
{"index":2,"process":0,"type":"ok","f":"send","time":30,"value":[["send","taxi-0",[2,"c"]]]}
{"index":3,"process":1,"type":"ok","f":"poll","time":40,"value":[["poll",{"taxi-0":[[0,"a"],[2,"c"]]}]]}
`), "taxi.ndjson")
	if err != nil {
		fmt.Println(err)
		return
	}
	report := checks.Judge(history, checks.Options{})
	for _, f := range report.Findings {
		fmt.Printf("%s: %s\n", f.Anomaly, f.Explanation)
		for _, w := range f.Witnesses {
			fmt.Printf("  op %d, %s: %s\n", w.Op, w.Who, w.Text)
		}
	}
	// Output:
	// lost-write: "b" was acknowledged at offset 1 of taxi-0; readers got as far as offset 2, and nobody ever read it
	//   op 1, process 0: send taxi-0 "b" → offset 1
	//   op 3, process 1: poll taxi-0 → offset 2 "c", record 2 of 2
}

// A watcher looks into a cluster while it runs. Here two brokers lead one partition in one epoch.
func ExampleWatcher() {
	w := checks.NewWatcher()
	orders := kafka.TopicPartition{Topic: "orders"}
	w.Inspect(kafka.ClusterView{Replicas: []kafka.ReplicaView{
		{Broker: 1, TP: orders, Leading: true, LeaderEpoch: 4},
		{Broker: 2, TP: orders, Leading: true, LeaderEpoch: 4},
	}})
	for _, f := range w.Findings() {
		fmt.Printf("%s: %s\n", f.Anomaly, f.Explanation)
	}
	// Output:
	// two-leaders: broker-1 and broker-2 both led orders-0 in epoch 4
}

// A check that crashes is undecided; the others go on.
func ExampleOptions_beforeCheck() {
	report := checks.Judge(nil, checks.Options{BeforeCheck: func(check string) {
		if check == string(kafka.Duplicate) {
			panic("a bug")
		}
	}})
	fmt.Println(report.Undecided[0])
	// Output:
	// duplicate: the check crashed: a bug
}
