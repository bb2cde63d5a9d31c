package cluster

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// GroupTap reads from the wire what is asked of coordinators and what they answer. It believes no
// coordinator's own account.
type GroupTap struct {
	c          *Cluster
	observe    func(*kafka.GroupExchange)
	partitions int32 // of __consumer_offsets
	last       uint64
	open       map[openRequest]openExchanges
	waiting    map[model.NodeID]int // entries of open by broker
}

// openRequest is a request whose answer was not sent yet.
type openRequest struct {
	node        model.NodeID
	conn        model.ConnID
	correlation int32
}

type openExchanges struct {
	key, version int16
	list         []*kafka.GroupExchange
}

// NewGroupTap returns one that shows observe every exchange with the brokers of c, of which cfg is
// one. The exchange is observe's to keep; it grows an answer later.
func NewGroupTap(c *Cluster, cfg *config.Broker, observe func(*kafka.GroupExchange)) *GroupTap {
	return &GroupTap{
		c: c, observe: observe, partitions: cfg.OffsetsTopicPartitions,
		open: map[openRequest]openExchanges{}, waiting: map[model.NodeID]int{},
	}
}

// OnFrame takes any frame of the run.
func (t *GroupTap) OnFrame(f sim.Frame) {
	switch {
	case f.Sent && t.waiting[f.Node] > 0:
		t.onSent(f)
	case !f.Sent && len(f.Data) > 8 && tapped(int16(binary.BigEndian.Uint16(f.Data))):
		if at := slices.Index(t.c.Brokers, f.Node); at >= 0 {
			t.onReceived(f, kafka.BrokerID(at+1))
		}
	}
}

// OnStart forgets what the last incarnation of a node owed.
func (t *GroupTap) OnStart(node model.NodeID) {
	if t.waiting[node] == 0 {
		return
	}
	for r := range t.open { //unordered: each goes by itself
		if r.node == node {
			delete(t.open, r)
		}
	}
	t.waiting[node] = 0
}

func tapped(key int16) bool {
	switch key {
	case 8, 9, 11, 12, 13, 14, 42, 47:
		return true
	}
	return false
}

func everyVersion(key int16) (wire.Range, bool) {
	req := kmsg.RequestForKey(key)
	if req == nil {
		return wire.Range{}, false
	}
	return wire.Range{Max: req.MaxVersion()}, true
}

func (t *GroupTap) onReceived(f sim.Frame, broker kafka.BrokerID) {
	req, err := wire.ParseRequest(slices.Clone(f.Data), everyVersion)
	if err != nil {
		return // the broker refuses it
	}
	list := exchanges(req.Body)
	at := openRequest{f.Node, f.Conn, req.Correlation}
	if len(list) == 0 {
		return
	}
	if _, twice := t.open[at]; !twice {
		t.waiting[f.Node]++
	}
	t.open[at] = openExchanges{req.Key, req.Version, list}
	for _, x := range list {
		t.last++
		x.ID, x.Version, x.Broker, x.Client = t.last, req.Version, broker, req.ClientID
		x.Asked, x.At = t.c.World.Now(), t.c.World.Now()
		x.Partition = group.PartitionFor(x.Group, t.partitions)
		t.observe(x)
	}
}

func (t *GroupTap) onSent(f sim.Frame) {
	if len(f.Data) < 4 {
		return
	}
	at := openRequest{f.Node, f.Conn, int32(binary.BigEndian.Uint32(f.Data))}
	open, ours := t.open[at]
	if !ours {
		return
	}
	delete(t.open, at)
	t.waiting[f.Node]--
	req := kmsg.RequestForKey(open.key)
	resp := req.ResponseKind()
	resp.SetVersion(open.version)
	if _, err := wire.DecodeResponse(slices.Clone(f.Data), resp); err != nil {
		return // a client could not read it either
	}
	for i, x := range open.list {
		x.Answered, x.At = true, t.c.World.Now()
		answer(x, i, resp)
		t.observe(x)
	}
}

// exchanges are what a request asks.
func exchanges(body kmsg.Request) []*kafka.GroupExchange {
	switch r := body.(type) {
	case *kmsg.OffsetCommitRequest:
		x := &kafka.GroupExchange{API: kafka.CommitOffsets, Group: r.Group, Member: r.MemberID,
			Instance: r.InstanceID, Generation: r.Generation}
		x.Offsets = committedOffsets(r)
		return []*kafka.GroupExchange{x}
	case *kmsg.OffsetFetchRequest:
		if r.Version < 8 {
			return []*kafka.GroupExchange{{API: kafka.FetchOffsets, Group: r.Group, Generation: -1}}
		}
		var list []*kafka.GroupExchange
		for i := range r.Groups {
			list = append(list, &kafka.GroupExchange{API: kafka.FetchOffsets, Group: r.Groups[i].Group,
				Generation: -1})
		}
		return list
	case *kmsg.JoinGroupRequest:
		return []*kafka.GroupExchange{{API: kafka.JoinGroup, Group: r.Group, Member: r.MemberID,
			Instance: r.InstanceID, Generation: -1, Join: joinRequest(r)}}
	case *kmsg.SyncGroupRequest:
		x := &kafka.GroupExchange{API: kafka.SyncGroup, Group: r.Group, Member: r.MemberID,
			Instance: r.InstanceID, Generation: r.Generation}
		for _, a := range r.GroupAssignment {
			x.Assignments = append(x.Assignments, kafka.GroupMemberData{
				Name: a.MemberID, Data: a.MemberAssignment, Owned: Owned(a.MemberAssignment),
			})
		}
		return []*kafka.GroupExchange{x}
	case *kmsg.HeartbeatRequest:
		return []*kafka.GroupExchange{{API: kafka.Heartbeat, Group: r.Group, Member: r.MemberID,
			Instance: r.InstanceID, Generation: r.Generation}}
	default:
		return endings(body)
	}
}

// endings are the exchanges of requests that end something.
func endings(body kmsg.Request) (list []*kafka.GroupExchange) {
	switch r := body.(type) {
	case *kmsg.LeaveGroupRequest:
		if r.Version < 3 {
			return []*kafka.GroupExchange{{API: kafka.LeaveGroup, Group: r.Group, Member: r.MemberID,
				Generation: -1}}
		}
		for _, m := range r.Members {
			list = append(list, &kafka.GroupExchange{API: kafka.LeaveGroup, Group: r.Group,
				Member: m.MemberID, Instance: m.InstanceID, Generation: -1})
		}
	case *kmsg.DeleteGroupsRequest:
		for _, id := range r.Groups {
			list = append(list, &kafka.GroupExchange{API: kafka.DeleteGroup, Group: id, Generation: -1})
		}
	case *kmsg.OffsetDeleteRequest:
		x := &kafka.GroupExchange{API: kafka.DeleteOffsets, Group: r.Group, Generation: -1}
		for _, topic := range r.Topics {
			for _, p := range topic.Partitions {
				x.Offsets = append(x.Offsets, kafka.GroupOffset{
					TP: kafka.TopicPartition{Topic: topic.Topic, Partition: p.Partition},
				})
			}
		}
		list = append(list, x)
	}
	return list
}

func committedOffsets(r *kmsg.OffsetCommitRequest) (list []kafka.GroupOffset) {
	for i := range r.Topics {
		topic := &r.Topics[i]
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			o := kafka.GroupOffset{
				TP:     kafka.TopicPartition{Topic: topic.Topic, Partition: p.Partition},
				Offset: kafka.Offset(p.Offset), LeaderEpoch: kafka.NoEpoch,
			}
			if r.Version >= 6 {
				o.LeaderEpoch = kafka.Epoch(p.LeaderEpoch)
			}
			if p.Metadata != nil {
				o.Metadata = *p.Metadata
			}
			list = append(list, o)
		}
	}
	return list
}

func joinRequest(r *kmsg.JoinGroupRequest) *kafka.JoinExchange {
	j := &kafka.JoinExchange{
		Session:   time.Duration(r.SessionTimeoutMillis) * time.Millisecond,
		Rebalance: time.Duration(max(0, r.RebalanceTimeoutMillis)) * time.Millisecond,
	}
	if r.Version == 0 {
		j.Rebalance = j.Session
	}
	for _, p := range r.Protocols {
		j.Protocols = append(j.Protocols, kafka.GroupMemberData{Name: p.Name, Data: p.Metadata})
	}
	return j
}

// Owned are the partitions of an assignment; none when it cannot be read.
func Owned(assignment []byte) (list []kafka.TopicPartition) {
	var a kmsg.ConsumerMemberAssignment
	if len(assignment) == 0 || wire.ReadAssignment(assignment, &a) != nil {
		return nil
	}
	for _, topic := range a.Topics {
		for _, p := range topic.Partitions {
			list = append(list, kafka.TopicPartition{Topic: topic.Topic, Partition: p})
		}
	}
	return list
}
