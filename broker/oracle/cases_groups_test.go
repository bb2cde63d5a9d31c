package oracle

import (
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func (cs *script) groupCases() {
	// find coordinator
	fc := func(key string, typ int8, keys ...string) *kmsg.FindCoordinatorRequest {
		q := kmsg.NewPtrFindCoordinatorRequest()
		q.CoordinatorKey, q.CoordinatorType, q.CoordinatorKeys = key, typ, keys
		return q
	}
	for v := int16(0); v <= 6; v++ {
		cs.add(fmt.Sprintf("find-coordinator/group/v%d", v), func(r *player) {
			g := r.coordinated("fc")
			r.ask(fc(g, 0, g, g+"2"), v)
		})
	}
	cs.add(
		"find-coordinator/empty-key",
		func(r *player) { r.coordinated("fc"); r.ask(fc("", 0), 3); r.ask(fc("", 0, ""), 4) },
	)
	cs.add("find-coordinator/no-keys", func(r *player) { r.ask(fc("", 0), 4) })
	cs.add("find-coordinator/unknown-type", func(r *player) { r.ask(fc("x", 9), 3); r.ask(fc("x", 9, "x"), 4) })
	cs.add("find-coordinator/negative-type", func(r *player) { r.ask(fc("x", -1), 3) })
	cs.add("find-coordinator/txn", func(r *player) {
		r.transactions()
		r.ask(fc("x", 1), 3)
		r.ask(fc("x", 1, "x"), 4)
	})
	cs.add("find-coordinator/share", func(r *player) {
		r.ask(fc("x", 2), 3)
		r.ask(fc("x", 2, "x"), 5)
		r.ask(fc("x", 2, "g:AAAAAAAAAAAAAAAAAAAAAA:0"), 6)
	})

	// join
	join := func(name string, v int16, f func(r *player, q *kmsg.JoinGroupRequest)) {
		cs.add("join-group/"+name, func(r *player) {
			g := r.coordinated("j-" + strings.ReplaceAll(name, "/", "-"))
			q := joinReq(g, "")
			f(r, q)
			r.ask(q, v)
			if name == "rebalance-timeout-negative" {
				return // its member is gone at once, or a moment later
			}
			r.say("state", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
		})
	}
	type Q = *kmsg.JoinGroupRequest
	for v := int16(0); v <= 9; v++ {
		join(fmt.Sprintf("first/v%d", v), v, func(r *player, q Q) {})
	}
	join("empty-group", 5, func(r *player, q Q) { q.Group = "" })
	join("session-timeout-too-small", 5, func(r *player, q Q) { q.SessionTimeoutMillis = 5999 })
	join("session-timeout-too-large", 5, func(r *player, q Q) { q.SessionTimeoutMillis = 1800001 })
	join("session-timeout-zero", 5, func(r *player, q Q) { q.SessionTimeoutMillis = 0 })
	join("session-timeout-negative", 5, func(r *player, q Q) { q.SessionTimeoutMillis = -1 })
	join("unknown-member", 5, func(r *player, q Q) { q.MemberID = "nobody" })
	join("unknown-member-v0", 0, func(r *player, q Q) { q.MemberID = "nobody" })
	join("no-protocols", 3, func(r *player, q Q) { q.Protocols = nil })
	join("no-protocol-type", 3, func(r *player, q Q) { q.ProtocolType = "" })
	join("neither-v5", 5, func(r *player, q Q) { q.ProtocolType = ""; q.Protocols = nil })
	join("duplicate-protocols", 3, func(r *player, q Q) { q.Protocols = append(q.Protocols, q.Protocols[0]) })
	join("empty-protocol-name", 3, func(r *player, q Q) { q.Protocols[0].Name = "" })
	join("not-a-subscription", 3, func(r *player, q Q) { q.Protocols[0].Metadata = []byte("meta") })
	join("empty-metadata", 3, func(r *player, q Q) { q.Protocols[0].Metadata = nil })
	join("connect-type", 3, func(r *player, q Q) { q.ProtocolType = "connect" })
	join("instance", 5, func(r *player, q Q) { q.InstanceID = ptr("i1") })
	join("instance-v9", 9, func(r *player, q Q) { q.InstanceID = ptr("i1") })
	join("instance-empty", 5, func(r *player, q Q) { q.InstanceID = ptr("") })
	join("instance-bad-char", 5, func(r *player, q Q) { q.InstanceID = ptr("a b/c") })
	join("instance-dot", 5, func(r *player, q Q) { q.InstanceID = ptr(".") })
	join("instance-long", 5, func(r *player, q Q) { q.InstanceID = ptr(long250) })
	join("instance-unknown-member", 5, func(r *player, q Q) { q.InstanceID = ptr("i1"); q.MemberID = "nobody" })
	join("rebalance-timeout-negative", 3, func(r *player, q Q) { q.RebalanceTimeoutMillis = -1 })
	join("reason", 8, func(r *player, q Q) { q.Reason = ptr("because") })
	cs.add("join-group/two-steps", func(r *player) {
		g := r.coordinated("j-two")
		resp, _ := r.say("first", joinReq(g, ""), 5).(*kmsg.JoinGroupResponse)
		if resp == nil {
			return
		}
		r.say("second", joinReq(g, resp.MemberID), 5)
		r.say("again", joinReq(g, resp.MemberID), 5)
	})
	cs.add("join-group/two-steps-v9", func(r *player) {
		g := r.coordinated("j-two9")
		resp, _ := r.say("first", joinReq(g, ""), 9).(*kmsg.JoinGroupResponse)
		r.say("second", joinReq(g, resp.MemberID), 9)
	})
	cs.add("join-group/pending-member-beats", func(r *player) {
		g := r.coordinated("j-pend")
		resp, _ := r.say("first", joinReq(g, ""), 5).(*kmsg.JoinGroupResponse)
		r.ask(beatReq(g, resp.MemberID, 0), 3)
		r.ask(beatReq(g, resp.MemberID, -1), 3)
		r.ask(syncReq(g, resp.MemberID, 0), 3)
		r.ask(commitReq(g, resp.MemberID, 0, r.topic("jp", 1), 0, 1, nil), 7)
		r.ask(leaveReq(g, resp.MemberID), 3)
		r.say("after leaving", joinReq(g, resp.MemberID), 5)
	})
	cs.add("join-group/inconsistent-protocol", func(r *player) {
		g, _, _ := r.stable("j-inc")
		q := joinReq(g, "")
		q.Protocols[0].Name = "roundrobin"
		r.say("other protocol v3", q, 3)
		r.say("other protocol v5", q, 5)
		q = joinReq(g, "")
		q.ProtocolType = "connect"
		r.say("other type v3", q, 3)
	})
	cs.add("join-group/stable-member-rejoins", func(r *player) {
		g, m, _ := r.stable("j-rejoin")
		r.say("leader", joinReq(g, m), 5)
	})
	cs.add("join-group/two-members", func(r *player) {
		g, m, gen := r.stable("j-mm")
		c2 := r.dial()
		j, _ := c2.ask("second member", joinReq(g, ""), 5).(*kmsg.JoinGroupResponse)
		q2 := joinReq(g, j.MemberID)
		corr := c2.send(q2, 5)
		time.Sleep(400 * time.Millisecond)
		r.say("during", beatReq(g, m, gen), 3)
		r.say("sync during", syncReq(g, m, gen), 3)
		r.say("commit during", commitReq(g, m, gen, r.topic("jmm", 1), 0, 5, nil), 7)
		r.say("describe during", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
		lead, _ := r.say("first rejoins", joinReq(g, m), 5).(*kmsg.JoinGroupResponse)
		c2.await("#second joined", q2, corr)
		r.say("beat before sync", beatReq(g, m, gen+1), 3)
		r.say("commit before sync", commitReq(g, m, gen+1, r.topic("jmm", 1), 0, 6, nil), 7)
		s2 := syncReq(g, j.MemberID, lead.Generation)
		cs := c2.send(s2, 3)
		time.Sleep(200 * time.Millisecond)
		r.say("leader syncs", syncReq(g, m, lead.Generation, m, "one", j.MemberID, "two"), 3)
		c2.await("#second synced", s2, cs)
		r.say("describe stable", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
		r.say("old generation", beatReq(g, m, gen), 3)
		c2.ask("second leaves", leaveReq(g, j.MemberID), 3)
		r.say("after leave", beatReq(g, m, lead.Generation), 3)
	})
	for v := int16(0); v <= 5; v++ {
		cs.add(fmt.Sprintf("sync-group/sweep/v%d", v), func(r *player) {
			g := r.coordinated(fmt.Sprintf("s-sweep%d", v))
			j, _ := r.quiet(joinReq(g, ""), 5).(*kmsg.JoinGroupResponse)
			j, _ = r.quiet(joinReq(g, j.MemberID), 5).(*kmsg.JoinGroupResponse)
			q := syncReq(g, j.MemberID, j.Generation, j.MemberID, "mine")
			q.ProtocolType, q.Protocol = ptr("consumer"), ptr("range")
			r.ask(q, v)
			r.say("again", q, v)
			q.Generation = 77
			r.say("wrong generation", q, v)
			q.MemberID = "nobody"
			r.say("unknown member", q, v)
			q.Group = g + "-none"
			r.say("unknown group", q, v)
			q.Group = ""
			r.say("empty group", q, v)
		})
		if v <= 4 {
			cs.add(fmt.Sprintf("heartbeat/sweep/v%d", v), func(r *player) {
				g, m, gen := r.stable(fmt.Sprintf("h-sweep%d", v))
				r.ask(beatReq(g, m, gen), v)
				r.say("wrong generation", beatReq(g, m, gen+5), v)
				r.say("unknown member", beatReq(g, "nobody", gen), v)
				r.say("empty member", beatReq(g, "", gen), v)
				r.say("unknown group", beatReq(g+"-none", m, gen), v)
				r.say("empty group", beatReq("", m, gen), v)
			})
		}
		cs.add(fmt.Sprintf("leave-group/sweep/v%d", v), func(r *player) {
			g, m, _ := r.stable(fmt.Sprintf("l-sweep%d", v))
			r.say("unknown member", leaveReq(g, "nobody"), v)
			r.say("unknown group", leaveReq(g+"-none", m), v)
			r.say("empty group", leaveReq("", m), v)
			r.say("known", leaveReq(g, m), v)
			r.say("again", leaveReq(g, m), v)
			r.say("describe", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
		})
	}
	cs.add("leave-group/nobody", func(r *player) { g, _, _ := r.stable("l-no"); r.ask(leaveReq(g), 3) })
	cs.add(
		"leave-group/several",
		func(r *player) { g, m, _ := r.stable("l-sev"); r.ask(leaveReq(g, m, "nobody", m), 3) },
	)
	cs.add("leave-group/by-instance", func(r *player) {
		g := r.coordinated("l-inst")
		q := joinReq(g, "")
		q.InstanceID = ptr("i1")
		r.quiet(q, 5)
		l := leaveReq(g, "")
		l.Members[0].InstanceID = ptr("other")
		r.say("other instance", l, 3)
		l.Members[0].InstanceID = ptr("i1")
		l.Members[0].MemberID = "wrong"
		r.say("wrong member", l, 3)
		l.Members[0].MemberID = ""
		r.say("by instance", l, 4)
	})
	cs.add("sync-group/first-sync-without-protocol", func(r *player) {
		g := r.coordinated("s-nop")
		j, _ := r.quiet(joinReq(g, ""), 5).(*kmsg.JoinGroupResponse)
		j, _ = r.quiet(joinReq(g, j.MemberID), 5).(*kmsg.JoinGroupResponse)
		r.ask(syncReq(g, j.MemberID, j.Generation, j.MemberID, "mine"), 5)
	})
	cs.add("sync-group/protocol-mismatch", func(r *player) {
		g, m, gen := r.stable("s-mis")
		q := syncReq(g, m, gen)
		q.ProtocolType, q.Protocol = ptr("consumer"), ptr("other")
		r.say("other protocol", q, 5)
		q.ProtocolType, q.Protocol = ptr("connect"), ptr("range")
		r.say("other type", q, 5)
		q.ProtocolType, q.Protocol = nil, nil
		r.say("none", q, 5)
	})
	cs.add("sync-group/assignment-of-stranger", func(r *player) {
		g := r.coordinated("s-str")
		j, _ := r.quiet(joinReq(g, ""), 5).(*kmsg.JoinGroupResponse)
		j, _ = r.quiet(joinReq(g, j.MemberID), 5).(*kmsg.JoinGroupResponse)
		r.ask(syncReq(g, j.MemberID, j.Generation, "stranger", "x"), 3)
		r.say("state", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
	})
	cs.add("static/fencing", func(r *player) {
		g := r.coordinated("st")
		q := joinReq(g, "")
		q.InstanceID = ptr("i1")
		j1, _ := r.say("first", q, 5).(*kmsg.JoinGroupResponse)
		s := syncReq(g, j1.MemberID, j1.Generation, j1.MemberID, "mine")
		s.InstanceID = ptr("i1")
		r.say("sync", s, 3)
		j2, _ := r.say("the same instance again", q, 5).(*kmsg.JoinGroupResponse)
		b := beatReq(g, j1.MemberID, j1.Generation)
		b.InstanceID = ptr("i1")
		r.say("old beats", b, 3)
		s = syncReq(g, j1.MemberID, j1.Generation)
		s.InstanceID = ptr("i1")
		r.say("old syncs", s, 3)
		q.MemberID = j1.MemberID
		r.say("old joins", q, 5)
		c := commitReq(g, j1.MemberID, j1.Generation, r.topic("stt", 1), 0, 5, nil)
		c.InstanceID = ptr("i1")
		r.say("old commits", c, 7)
		l := leaveReq(g, j1.MemberID)
		l.Members[0].InstanceID = ptr("i1")
		r.say("old leaves", l, 3)
		b = beatReq(g, j2.MemberID, j2.Generation)
		b.InstanceID = ptr("i2")
		r.say("unknown instance beats", b, 3)
		b.InstanceID = ptr("i1")
		r.say("new beats", b, 3)
		r.say("describe", &kmsg.DescribeGroupsRequest{Groups: []string{g}}, 5)
	})
	cs.add("static/rejoin-v9", func(r *player) {
		g := r.coordinated("st9")
		q := joinReq(g, "")
		q.InstanceID = ptr("i1")
		j1, _ := r.say("first", q, 9).(*kmsg.JoinGroupResponse)
		s := syncReq(g, j1.MemberID, j1.Generation, j1.MemberID, "mine")
		s.InstanceID, s.ProtocolType, s.Protocol = ptr("i1"), ptr("consumer"), ptr("range")
		r.say("sync", s, 5)
		r.say("again", q, 9)
		q.Protocols[0].Metadata = subscription("y")
		r.say("with another subscription", q, 9)
	})

}
