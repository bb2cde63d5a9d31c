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

func (instantLog) Append(out *model.Effects, _ int32, _ []Record,
	done func(*model.Effects, wire.Code),
) {
	done(out, wire.None)
}

// loneMember is a coordinator with one Stable group of one member.
func loneMember(b *testing.B) (*Coordinator, *model.Effects, string) {
	c := New(Config{}, instantLog{}, model.NewRand(1, "bench"), 1)
	out := &model.Effects{}
	c.Load(out.At(0), PartitionFor("billing", 50), 1, func(func(k, v []byte) bool) {})
	req := joinRequest("", "orders")
	req.Version = 3
	c.HandleJoinGroup(out.At(0), req, ClientInfo{}, func(*model.Effects, kmsg.Response) {})
	c.OnTimer(out.At(0), c.timers.timer(1))
	id := c.Groups()[0].Leader
	sync := kmsg.NewPtrSyncGroupRequest()
	sync.Group, sync.MemberID, sync.Generation = "billing", id, 1
	c.HandleSyncGroup(out.At(0), sync, func(*model.Effects, kmsg.Response) {})
	if c.Groups()[0].State != Stable {
		b.Fatal("not stable")
	}
	return c, out, id
}

func BenchmarkHeartbeat(b *testing.B) {
	c, out, id := loneMember(b)
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = "billing", id, 1
	reply := func(*model.Effects, kmsg.Response) {}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		out.Reset()
		c.HandleHeartbeat(out.At(model.Time(i)*model.Time(time.Millisecond)), req, reply)
	}
}

func BenchmarkOffsetCommit(b *testing.B) {
	c, out, id := loneMember(b)
	req := commitRequest(id, 1, 42)
	reply := func(*model.Effects, kmsg.Response) {}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		out.Reset()
		c.HandleOffsetCommit(out.At(model.Time(i)*model.Time(time.Millisecond)), req, reply)
	}
}
