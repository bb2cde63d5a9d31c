package group

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

// TestHostileRecords: whatever stands in the log, a load ends and the coordinator works.
func TestHostileRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Config{})
		p := PartitionFor("billing", 50)
		w.unload(p)
		good := Record{
			groupKey("billing"),
			[]byte(rapid.SampledFrom([]string{"", "\x00\x03", "\x00\x04", "\x7f\xff"}).Draw(t, "head")),
		}
		for range rapid.IntRange(0, 8).Draw(t, "records") {
			key := rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "key")
			value := rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "value")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				key = offsetKey("billing", kafka.TopicPartition{Topic: "orders"})
			case 1:
				key, value = good.Key, append(append([]byte{}, good.Value...), value...)
			}
			w.logs[p] = append(w.logs[p], Record{key, value})
		}
		w.load(p)
		w.join("")
		w.c.Groups()
		w.advance(100 * second)
	})
}

// TestHostileRequests: fields of any size and content get an answer or wait, and never panic.
func TestHostileRequests(t *testing.T) {
	w := newWorld(t, Config{})
	req := joinRequest("", "")
	req.Protocols = make([]kmsg.JoinGroupRequestProtocol, 20_000)
	for i := range req.Protocols {
		req.Protocols[i].Name = strings.Repeat("r", i%7)
	}
	big := do[*kmsg.JoinGroupResponse](w, req, 3)
	w.advance(second)
	require.Zero(t, big.must().ErrorCode)
	sync := kmsg.NewPtrSyncGroupRequest()
	sync.Group, sync.MemberID, sync.Generation = "billing", big.resp.MemberID, 1
	sync.GroupAssignment = make([]kmsg.SyncGroupRequestGroupAssignment, 20_000)
	require.Zero(t, do[*kmsg.SyncGroupResponse](w, sync, 3).must().ErrorCode)
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Group, leave.Members = "billing", make([]kmsg.LeaveGroupRequestMember, 20_000)
	require.Len(t, do[*kmsg.LeaveGroupResponse](w, leave, 3).must().Members, 20_000)

	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Config{})
		a := &actor{w: w, groups: []string{"", "billing", "\xff\xfe", "😀"}}
		strange := rapid.Custom(func(t *rapid.T) *kmsg.JoinGroupRequest {
			req := joinRequest(a.member(t), "")
			req.Group, req.InstanceID = a.group(t), a.instance(t)
			req.SessionTimeoutMillis = rapid.SampledFrom([]int32{-1 << 31, 0, 6000, 1 << 30}).
				Draw(t, "session")
			req.RebalanceTimeoutMillis = rapid.Int32().Draw(t, "rebalance")
			req.ProtocolType = rapid.SampledFrom([]string{"", "consumer", "connect"}).Draw(t, "type")
			req.Protocols = nil
			for range rapid.IntRange(0, 4).Draw(t, "protocols") {
				req.Protocols = append(req.Protocols, kmsg.JoinGroupRequestProtocol{
					Name: rapid.SampledFrom([]string{"", "range", "sticky"}).Draw(t, "protocol"),
				})
			}
			return req
		})
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) { a.joinWith(t, strange.Draw(t, "request")) },
			"sync": a.sync, "syncLeader": a.syncLeader, "other": a.other, "wait": a.wait,
			"disturb": a.disturb,
		})
	})
}
