package oracle

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) groupAdminCases() {
	for v := int16(0); v <= 5; v++ {
		cs.add(fmt.Sprintf("describe-groups/sweep/v%d", v), func(r *player) {
			g, _, _ := r.stable(fmt.Sprintf("dg%d", v))
			r.ask(&kmsg.DescribeGroupsRequest{Groups: []string{g, g + "-none", ""}}, v)
			if v >= 3 {
				r.say(
					"authorized",
					&kmsg.DescribeGroupsRequest{Groups: []string{g, g + "-none"}, IncludeAuthorizedOperations: true},
					v,
				)
			}
		})
		cs.add(fmt.Sprintf("list-groups/sweep/v%d", v), func(r *player) {
			g, m, _ := r.stable(fmt.Sprintf("lg%d", v))
			find := func(label string, q *kmsg.ListGroupsRequest) {
				if !r.serves(16, v) {
					r.note(label, "version not served")
					return
				}
				resp, _ := r.quiet(q, v).(*kmsg.ListGroupsResponse)
				what := "no answer"
				if resp != nil {
					what = code(resp.ErrorCode)
					for _, x := range resp.Groups {
						if x.Group == g {
							what += fmt.Sprintf(" %s %s %s", x.ProtocolType, x.GroupState, x.GroupType)
						}
					}
				}
				r.note(label, what)
			}
			find("all", kmsg.NewPtrListGroupsRequest())
			if v >= 4 {
				for _, s := range []string{"Stable", "stable", "STABLE", "Empty", "nonsense", ""} {
					find("state "+s, &kmsg.ListGroupsRequest{StatesFilter: []string{s}})
				}
			}
			if v >= 5 {
				for _, s := range []string{"classic", "Classic", "consumer", "nonsense", "share"} {
					find("type "+s, &kmsg.ListGroupsRequest{TypesFilter: []string{s}})
				}
			}
			r.quiet(leaveReq(g, m), 3)
			find("empty group", kmsg.NewPtrListGroupsRequest())
		})
	}
	for v := int16(0); v <= 2; v++ {
		cs.add(fmt.Sprintf("delete-groups/sweep/v%d", v), func(r *player) {
			n := r.topic("oc", 2)
			g, m, gen := r.stable(fmt.Sprintf("del-g%d", v))
			r.quiet(commitReq(g, m, gen, n, 0, 7, nil), 7)
			r.say("not empty", &kmsg.DeleteGroupsRequest{Groups: []string{g}}, v)
			r.quiet(leaveReq(g, m), 3)
			r.say("empty, unknown, no name", &kmsg.DeleteGroupsRequest{Groups: []string{g, g + "-none", ""}}, v)
			r.say("again", &kmsg.DeleteGroupsRequest{Groups: []string{g}}, v)
			r.say("offsets", offsetsReq(g, true, ""), 5)
			r.say("describe", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
		})
	}
	cs.add("delete-groups/none", func(r *player) { r.coordinated("dgn"); r.ask(&kmsg.DeleteGroupsRequest{}, 2) })
	cs.add("delete-groups/twice", func(r *player) {
		g, m, _ := r.stable("dgt")
		r.quiet(leaveReq(g, m), 3)
		r.ask(&kmsg.DeleteGroupsRequest{Groups: []string{g, g}}, 2)
	})
	od := func(g string, topic string, parts ...int32) *kmsg.OffsetDeleteRequest {
		q := &kmsg.OffsetDeleteRequest{Group: g}
		t := kmsg.OffsetDeleteRequestTopic{Topic: topic}
		for _, p := range parts {
			t.Partitions = append(t.Partitions, kmsg.OffsetDeleteRequestTopicPartition{Partition: p})
		}
		q.Topics = append(q.Topics, t)
		return q
	}
	cs.add("offset-delete/all-kinds", func(r *player) {
		n := r.topic("oc", 2)
		g := r.coordinated("odel")
		r.quiet(commitReq(g, "", -1, n, 0, 7, nil), 7)
		r.say("known, never committed, unknown partition", od(g, n, 0, 1, 9), 0)
		r.say("unknown topic", od(g, r.N("nosuch"), 0), 0)
		r.say("unknown group", od(g+"-none", n, 0), 0)
		r.say("empty group id", od("", n, 0), 0)
		r.say("offsets", offsetsReq(g, true, ""), 5)
	})
	cs.add("offset-delete/subscribed", func(r *player) {
		n := r.topic("oc", 2)
		n2 := r.topic("oc2", 2)
		g := r.coordinated("odels")
		q := joinReq(g, "")
		q.Protocols[0].Metadata = subscription(n)
		j, _ := r.quiet(q, 5).(*kmsg.JoinGroupResponse)
		q.MemberID = j.MemberID
		j, _ = r.quiet(q, 5).(*kmsg.JoinGroupResponse)
		r.say("preparing", od(g, n, 0), 0)
		r.quiet(syncReq(g, j.MemberID, j.Generation, j.MemberID, "x"), 3)
		r.quiet(commitReq(g, j.MemberID, j.Generation, n, 0, 7, nil), 7)
		r.quiet(commitReq(g, j.MemberID, j.Generation, n2, 0, 7, nil), 7)
		r.say("subscribed", od(g, n, 0), 0)
		r.say("not subscribed", od(g, n2, 0), 0)
		r.say("offsets", offsetsReq(g, true, ""), 5)
	})
	cs.add("offset-delete/of-unknown-protocol-group", func(r *player) {
		n := r.topic("oc", 2)
		g := r.coordinated("odelc")
		q := joinReq(g, "")
		q.ProtocolType = "connect"
		j, _ := r.quiet(q, 5).(*kmsg.JoinGroupResponse)
		q.MemberID = j.MemberID
		j, _ = r.quiet(q, 5).(*kmsg.JoinGroupResponse)
		r.quiet(syncReq(g, j.MemberID, j.Generation, j.MemberID, "x"), 3)
		r.ask(od(g, n, 0), 0)
	})
	cs.add("groups/offsets-of-deleted-topic", func(r *player) {
		n := r.topic("odt", 1)
		g := r.coordinated("godt")
		r.quiet(commitReq(g, "", -1, n, 0, 7, nil), 7)
		r.quiet(deleteReq(n), 5)
		time.Sleep(2 * time.Second)
		r.ask(offsetsReq(g, true, ""), 5)
	})
	cs.add("groups/member-times-out", func(r *player) {
		g := r.coordinated("gto")
		q := joinReq(g, "")
		q.SessionTimeoutMillis = 6000
		j, _ := r.quiet(q, 5).(*kmsg.JoinGroupResponse)
		q.MemberID = j.MemberID
		j, _ = r.quiet(q, 5).(*kmsg.JoinGroupResponse)
		r.quiet(syncReq(g, j.MemberID, j.Generation, j.MemberID, "x"), 3)
		time.Sleep(8 * time.Second)
		r.ask(beatReq(g, j.MemberID, j.Generation), 3)
		r.say("describe", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
	})
}
