package group

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// instantLog acknowledges at once.
type instantLog struct{}

func (instantLog) Append(now model.Time, out *model.Effects, _ int32, _ []Record,
	done func(model.Time, *model.Effects, wire.Code),
) {
	done(now, out, wire.None)
}

// loneMember is a coordinator with one Stable group of one member.
func loneMember(b *testing.B) (*Coordinator, *model.Effects, string) {
	c := New(Config{}, instantLog{}, model.NewRand(1, "bench"), 1)
	out := &model.Effects{}
	c.Load(0, out, PartitionFor("billing", 50), 1, func(func(k, v []byte) bool) {})
	req := joinRequest("", "orders")
	req.Version = 3
	c.HandleJoinGroup(0, out, req, ClientInfo{}, func(model.Time, *model.Effects, kmsg.Response) {})
	c.OnTimer(0, out, c.timer(1))
	id := c.Groups()[0].Leader
	sync := kmsg.NewPtrSyncGroupRequest()
	sync.Group, sync.MemberID, sync.Generation = "billing", id, 1
	c.HandleSyncGroup(0, out, sync, func(model.Time, *model.Effects, kmsg.Response) {})
	if c.Groups()[0].State != Stable {
		b.Fatal("not stable")
	}
	return c, out, id
}

func BenchmarkHeartbeat(b *testing.B) {
	c, out, id := loneMember(b)
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = "billing", id, 1
	reply := func(model.Time, *model.Effects, kmsg.Response) {}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		out.Reset()
		c.HandleHeartbeat(model.Time(i)*model.Time(time.Millisecond), out, req, reply)
	}
}

func BenchmarkOffsetCommit(b *testing.B) {
	c, out, id := loneMember(b)
	req := commitRequest(id, 1, 42)
	reply := func(model.Time, *model.Effects, kmsg.Response) {}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		out.Reset()
		c.HandleOffsetCommit(model.Time(i)*model.Time(time.Millisecond), out, req, reply)
	}
}
