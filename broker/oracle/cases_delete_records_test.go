package oracle

import (
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) deleteRecordsCases() {
	type D = *kmsg.DeleteRecordsRequest
	type DP = *kmsg.DeleteRecordsRequestTopicPartition
	del := func(name string, v int16, f func(r *player, n string, d D, p DP)) {
		cs.add("delete-records/"+name, func(r *player) {
			var conf []nv
			if strings.HasPrefix(name, "compact") {
				conf = []nv{{"cleanup.policy", strings.ReplaceAll(strings.Split(name, "/")[0], "+", ",")}}
			}
			n := r.topic("dr-"+strings.NewReplacer("/", "-", "+", "-").Replace(name), 1, conf...)
			r.put(n, "a", "b", "c")
			d := kmsg.NewPtrDeleteRecordsRequest()
			d.TimeoutMillis = 10000
			d.Topics = []kmsg.DeleteRecordsRequestTopic{
				{Topic: n, Partitions: []kmsg.DeleteRecordsRequestTopicPartition{{Partition: 0, Offset: 2}}},
			}
			f(r, n, d, &d.Topics[0].Partitions[0])
			r.ask(d, v)
		})
	}
	for v := int16(0); v <= 2; v++ {
		del(fmt.Sprintf("sweep/v%d", v), v, func(r *player, n string, d D, p DP) {})
	}
	del("all", 2, func(r *player, n string, d D, p DP) { p.Offset = -1 })
	del("zero", 2, func(r *player, n string, d D, p DP) { p.Offset = 0 })
	del("at-end", 2, func(r *player, n string, d D, p DP) { p.Offset = 3 })
	del("beyond", 2, func(r *player, n string, d D, p DP) { p.Offset = 4 })
	del("negative", 2, func(r *player, n string, d D, p DP) { p.Offset = -2 })
	del("unknown-topic", 2, func(r *player, n string, d D, p DP) { d.Topics[0].Topic = r.N("nosuch") })
	del("unknown-partition", 2, func(r *player, n string, d D, p DP) { p.Partition = 4 })
	del("compact/v2", 2, func(r *player, n string, d D, p DP) {})
	del("compact+delete/v2", 2, func(r *player, n string, d D, p DP) {})
	del(
		"internal",
		2,
		func(r *player, n string, d D, p DP) { r.coordinated("drg"); d.Topics[0].Topic = "__consumer_offsets" },
	)
	del("none", 2, func(r *player, n string, d D, p DP) { d.Topics = nil })
	del("lower-than-before", 2, func(r *player, n string, d D, p DP) { r.ask(d, 2); p.Offset = 1 })
}
