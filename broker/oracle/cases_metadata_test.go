package oracle

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) metadataCases() {
	for v := int16(0); v <= 12; v++ {
		cs.add(fmt.Sprintf("metadata/known-topic/v%d", v), func(r *player) {
			n := r.topic("meta", 3)
			r.ask(metadata(n), v)
		})
		cs.add(fmt.Sprintf("metadata/unknown-topic-no-auto/v%d", v), func(r *player) {
			if v < 4 {
				return
			}
			r.ask(metadata(r.N("nosuch")), v)
		})
	}
	cs.add("metadata/empty-list", func(r *player) {
		r.ask(metadata(), 9)
		r.ask(metadata(), 1)
	})
	cs.add("metadata/all-topics-contains", func(r *player) {
		n := r.topic("meta", 3)
		for _, v := range []int16{0, 1, 9, 12} {
			m := metadata()
			if v > 0 {
				m.Topics = nil
			}
			if !r.serves(3, v) {
				continue
			}
			resp, _ := r.quiet(m, v).(*kmsg.MetadataResponse)
			found := 0
			for _, t := range resp.Topics {
				if *t.Topic == n {
					found++
				}
			}
			r.note(fmt.Sprintf("all topics v%d", v), fmt.Sprint(found))
		}
	})
	for _, bad := range []string{".", "..", "", "a b", "a/b", "a:b", "ä", long250} {
		for _, auto := range []bool{false, true} {
			cs.add(fmt.Sprintf("metadata/bad-name-auto-%v/%q", auto, shorten([]byte(bad))), func(r *player) {
				m := metadata(bad)
				m.AllowAutoTopicCreation = auto
				r.ask(m, 9)
			})
		}
	}
	cs.add("metadata/auto-create", func(r *player) {
		n := r.N("auto")
		r.say("first", autoMeta(n), 9)
		r.settle(n)
		r.say("then", autoMeta(n), 9)
	})
	cs.add("metadata/auto-create-collision", func(r *player) {
		r.topic("col.l", 1)
		r.say("collides", autoMeta(r.N("col_l")), 9)
		r.say("without auto", metadata(r.N("col_l")), 9)
	})
	cs.add("metadata/auto-create-two-one-bad", func(r *player) { r.ask(autoMeta(r.N("auto2"), "b@d"), 9) })
	cs.add("metadata/duplicate-topic", func(r *player) { n := r.topic("meta", 3); r.ask(metadata(n, n), 9) })
	cs.add("metadata/authorized-operations", func(r *player) {
		n := r.topic("meta", 3)
		m := metadata(n)
		m.IncludeClusterAuthorizedOperations, m.IncludeTopicAuthorizedOperations = true, true
		r.ask(m, 8)
		r.ask(m, 12)
	})
	cs.add("metadata/by-id", func(r *player) {
		n := r.topic("meta", 3)
		m := kmsg.NewPtrMetadataRequest()
		t := kmsg.NewMetadataRequestTopic()
		t.TopicID = r.topicID(n)
		m.Topics = append(m.Topics, t)
		r.ask(m, 12)
		r.say("v11", m, 11)
		r.say("v10", m, 10)
	})
	cs.add("metadata/by-unknown-id", func(r *player) {
		m := kmsg.NewPtrMetadataRequest()
		t := kmsg.NewMetadataRequestTopic()
		t.TopicID = [16]byte{1, 2, 3}
		m.Topics = append(m.Topics, t)
		r.ask(m, 12)
	})
	cs.add("metadata/null-name-zero-id", func(r *player) {
		m := kmsg.NewPtrMetadataRequest()
		m.Topics = append(m.Topics, kmsg.NewMetadataRequestTopic())
		r.ask(m, 12)
	})
	cs.add("metadata/mixed-id-and-name", func(r *player) {
		n := r.topic("meta", 3)
		m := metadata(n)
		t := kmsg.NewMetadataRequestTopic()
		t.TopicID = r.topicID(n)
		m.Topics = append(m.Topics, t)
		r.ask(m, 12)
	})
	cs.add("metadata/internal-topic", func(r *player) {
		r.coordinated("meta-g")
		m := metadata("__consumer_offsets")
		r.ask(m, 9)
	})
	cs.add("metadata/auto-create-internal", func(r *player) {
		r.ask(autoMeta("__transaction_state_not"), 9)
	})
}
