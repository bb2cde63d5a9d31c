package oracle

import (
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) groupOffsetCases() {
	for v := int16(0); v <= 9; v++ {
		cs.add(fmt.Sprintf("offset-commit/sweep/v%d", v), func(r *player) {
			n := r.topic("oc", 2)
			g, m, gen := r.stable(fmt.Sprintf("oc%d", v))
			q := commitReq(g, m, gen, n, 0, 5, ptr("meta"))
			q.Topics[0].Partitions[0].LeaderEpoch = 0
			r.say("member", q, v)
			r.say("wrong generation", commitReq(g, m, gen+3, n, 0, 5, nil), v)
			r.say("unknown member", commitReq(g, "nobody", gen, n, 0, 5, nil), v)
			r.say("without a member", commitReq(g, "", -1, n, 0, 5, nil), v)
			r.say("unknown topic", commitReq(g, m, gen, r.N("nosuch"), 0, 5, nil), v)
			r.say("unknown partition", commitReq(g, m, gen, n, 9, 5, nil), v)
			r.say("negative offset", commitReq(g, m, gen, n, 1, -1, nil), v)
			r.say("negative generation of member", commitReq(g, m, -1, n, 1, 3, nil), v)
			r.say("empty group", commitReq("", "", -1, n, 0, 5, nil), v)
			r.say("large metadata", commitReq(g, m, gen, n, 1, 4, ptr(strings.Repeat("x", 4097))), v)
			r.say("metadata just right", commitReq(g, m, gen, n, 1, 4, ptr(strings.Repeat("x", 4096))), v)
			r.say("fetched", offsetsReq(g, false, n, 0, 1), 5)
		})
		cs.add(fmt.Sprintf("offset-commit/simple-consumer/v%d", v), func(r *player) {
			n := r.topic("oc", 2)
			g := r.coordinated(fmt.Sprintf("ocs%d", v))
			r.ask(commitReq(g, "", -1, n, 0, 7, nil), v)
			r.say("with a generation", commitReq(g, "", 5, n, 0, 8, nil), v)
			r.say("with a member", commitReq(g, "x", -1, n, 0, 8, nil), v)
			r.say("fetched", offsetsReq(g, false, n, 0), 5)
			r.say("describe", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
		})
		cs.add(fmt.Sprintf("offset-fetch/sweep/v%d", v), func(r *player) {
			n := r.topic("oc", 2)
			g := r.coordinated(fmt.Sprintf("of%d", v))
			r.quiet(commitReq(g, "", -1, n, 0, 7, ptr("m")), 7)
			r.say("known", offsetsReq(g, false, n, 0, 1, 9), v)
			r.say("unknown topic", offsetsReq(g, false, r.N("nosuch"), 0), v)
			r.say("all", offsetsReq(g, true, ""), v)
			r.say("unknown group", offsetsReq(g+"-none", false, n, 0), v)
			r.say("all of unknown group", offsetsReq(g+"-none", true, ""), v)
			r.say("empty group", offsetsReq("", false, n, 0), v)
			q := offsetsReq(g, false, n, 0)
			q.RequireStable = true
			r.say("stable", q, v)
		})
	}
	cs.add("offset-commit/no-topics", func(r *player) {
		g := r.coordinated("ocn")
		q := commitReq(g, "", -1, "x", 0, 1, nil)
		q.Topics = nil
		r.ask(q, 7)
		r.say("describe", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
	})
	cs.add("offset-commit/good-and-bad", func(r *player) {
		n := r.topic("oc", 2)
		g := r.coordinated("ocgb")
		q := commitReq(g, "", -1, n, 0, 1, nil)
		q.Topics = append(q.Topics, commitReq(g, "", -1, r.N("nosuch"), 0, 1, nil).Topics[0])
		q.Topics[0].Partitions = append(
			q.Topics[0].Partitions,
			commitReq(g, "", -1, n, 7, 1, nil).Topics[0].Partitions[0],
		)
		r.ask(q, 7)
	})
	cs.add("offset-fetch/several-groups", func(r *player) {
		n := r.topic("oc", 2)
		g := r.coordinated("ofs")
		r.quiet(commitReq(g, "", -1, n, 0, 7, ptr("m")), 7)
		q := offsetsReq(g, true, "")
		q.Groups = append(
			q.Groups,
			offsetsReq(g+"x", false, n, 0).Groups[0],
			offsetsReq("", false, n, 0).Groups[0],
			offsetsReq(g, false, n, 1).Groups[0],
		)
		r.ask(q, 8)
	})
	cs.add("offset-fetch/v9-with-member-epoch", func(r *player) {
		n := r.topic("oc", 2)
		g, m, gen := r.stable("of9m")
		q := offsetsReq(g, false, n, 0)
		q.Groups[0].MemberID, q.Groups[0].MemberEpoch = ptr(m), gen
		r.say("right", q, 9)
		q.Groups[0].MemberEpoch = 77
		r.say("wrong epoch", q, 9)
		q.Groups[0].MemberID = ptr("nobody")
		r.say("unknown member", q, 9)
	})

}
