package broker

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Answer has the broker answer one request, which is on its way, with an error: in place of what
// it would have answered, or in place of handling the request at all. No broker of Kafka's can be
// told so; bugs and proxies do it.
type Answer struct {
	Client      model.NodeID // who sent the request
	Key         int16        // of its API
	Correlation int32
	Code        wire.Code
	Unhandled   bool // the request is not handled either
}

// String implements model.Command.
func (a Answer) String() string {
	how := ""
	if a.Unhandled {
		how = " unhandled"
	}
	return fmt.Sprintf("answer %s %d of %s with %s%s", kmsg.NameForKey(a.Key), a.Correlation, a.Client,
		a.Code, how)
}

// Sum implements model.Command.
func (a Answer) Sum() uint64 { return model.SumString(kafka.SumAnswer, a.String()) }

// answers are those that are still to be given.
type answers []Answer

// take returns the answer that is meant for a request, None for none.
func (list *answers) take(client model.NodeID, r *wire.Request) (code wire.Code, unhandled bool) {
	for i, a := range *list {
		if a.Client == client && a.Key == r.Key && a.Correlation == r.Correlation {
			*list = slices.Delete(*list, i, i+1)
			return a.Code, a.Unhandled
		}
	}
	return wire.None, false
}

// AnswerableAPIs are the names of the requests that Answer knows how to answer with an error.
func AnswerableAPIs() []string {
	return []string{
		"Produce", "Fetch", "ListOffsets", "Metadata", "OffsetCommit", "OffsetFetch", "FindCoordinator",
		"JoinGroup", "Heartbeat", "LeaveGroup", "SyncGroup", "InitProducerID", "OffsetForLeaderEpoch",
	}
}

// emptyAnswer is the answer to a request that nobody handled, with a place for an error for
// everything that it asks about.
func emptyAnswer(req kmsg.Request) kmsg.Response {
	switch req := req.(type) {
	case *kmsg.ProduceRequest:
		return emptyProduce(req)
	case *kmsg.ListOffsetsRequest:
		return emptyListOffsets(req)
	case *kmsg.OffsetCommitRequest:
		return emptyOffsetCommit(req)
	case *kmsg.OffsetForLeaderEpochRequest:
		return emptyOffsetForLeaderEpoch(req)
	case *kmsg.MetadataRequest:
		resp := kmsg.NewPtrMetadataResponse()
		for _, t := range req.Topics {
			topic := kmsg.NewMetadataResponseTopic()
			topic.Topic, topic.TopicID = t.Topic, t.TopicID
			resp.Topics = append(resp.Topics, topic)
		}
		return resp
	case *kmsg.OffsetFetchRequest:
		resp := kmsg.NewPtrOffsetFetchResponse()
		for _, g := range req.Groups {
			group := kmsg.NewOffsetFetchResponseGroup()
			group.Group = g.Group
			resp.Groups = append(resp.Groups, group)
		}
		return resp
	case *kmsg.FindCoordinatorRequest:
		resp := kmsg.NewPtrFindCoordinatorResponse()
		for _, key := range req.CoordinatorKeys {
			c := kmsg.NewFindCoordinatorResponseCoordinator()
			c.Key = key
			resp.Coordinators = append(resp.Coordinators, c)
		}
		return resp
	default:
		return req.ResponseKind() // it has one place for an error
	}
}

func emptyProduce(req *kmsg.ProduceRequest) *kmsg.ProduceResponse {
	resp := kmsg.NewPtrProduceResponse()
	for _, t := range req.Topics {
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic = t.Topic
		for _, p := range t.Partitions {
			part := kmsg.NewProduceResponseTopicPartition()
			part.Partition = p.Partition
			topic.Partitions = append(topic.Partitions, part)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}

func emptyListOffsets(req *kmsg.ListOffsetsRequest) *kmsg.ListOffsetsResponse {
	resp := kmsg.NewPtrListOffsetsResponse()
	for _, t := range req.Topics {
		topic := kmsg.NewListOffsetsResponseTopic()
		topic.Topic = t.Topic
		for _, p := range t.Partitions {
			part := kmsg.NewListOffsetsResponseTopicPartition()
			part.Partition = p.Partition
			topic.Partitions = append(topic.Partitions, part)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}

func emptyOffsetCommit(req *kmsg.OffsetCommitRequest) *kmsg.OffsetCommitResponse {
	resp := kmsg.NewPtrOffsetCommitResponse()
	for _, t := range req.Topics {
		topic := kmsg.NewOffsetCommitResponseTopic()
		topic.Topic = t.Topic
		for _, p := range t.Partitions {
			part := kmsg.NewOffsetCommitResponseTopicPartition()
			part.Partition = p.Partition
			topic.Partitions = append(topic.Partitions, part)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}

func emptyOffsetForLeaderEpoch(req *kmsg.OffsetForLeaderEpochRequest,
) *kmsg.OffsetForLeaderEpochResponse {
	resp := kmsg.NewPtrOffsetForLeaderEpochResponse()
	for _, t := range req.Topics {
		topic := kmsg.NewOffsetForLeaderEpochResponseTopic()
		topic.Topic = t.Topic
		for _, p := range t.Partitions {
			part := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
			part.Partition = p.Partition
			topic.Partitions = append(topic.Partitions, part)
		}
		resp.Topics = append(resp.Topics, topic)
	}
	return resp
}

// withError puts an error wherever an answer has room for one.
func withError(resp kmsg.Response, code wire.Code) {
	c := int16(code)
	switch resp := resp.(type) {
	case *kmsg.ProduceResponse:
		for i := range resp.Topics {
			for j := range resp.Topics[i].Partitions {
				p := &resp.Topics[i].Partitions[j]
				p.ErrorCode, p.BaseOffset, p.LogAppendTime, p.LogStartOffset = c, -1, -1, -1
			}
		}
	case *kmsg.FetchResponse:
		// The whole request is refused: with it go the records.
		resp.ErrorCode, resp.Topics = c, nil
	case *kmsg.ListOffsetsResponse:
		for i := range resp.Topics {
			for j := range resp.Topics[i].Partitions {
				p := &resp.Topics[i].Partitions[j]
				p.ErrorCode, p.Offset, p.Timestamp = c, -1, -1
			}
		}
	case *kmsg.MetadataResponse:
		for i := range resp.Topics {
			resp.Topics[i].ErrorCode, resp.Topics[i].Partitions = c, nil
		}
	case *kmsg.OffsetCommitResponse:
		for i := range resp.Topics {
			for j := range resp.Topics[i].Partitions {
				resp.Topics[i].Partitions[j].ErrorCode = c
			}
		}
	case *kmsg.OffsetFetchResponse:
		resp.ErrorCode = c
		for i := range resp.Groups {
			resp.Groups[i].ErrorCode, resp.Groups[i].Topics = c, nil
		}
	case *kmsg.FindCoordinatorResponse:
		resp.ErrorCode = c
		for i := range resp.Coordinators {
			resp.Coordinators[i].ErrorCode = c
		}
	case *kmsg.JoinGroupResponse:
		resp.ErrorCode, resp.Generation, resp.Members = c, -1, nil
	case *kmsg.HeartbeatResponse:
		resp.ErrorCode = c
	case *kmsg.LeaveGroupResponse:
		resp.ErrorCode = c
	case *kmsg.SyncGroupResponse:
		resp.ErrorCode, resp.MemberAssignment = c, nil
	case *kmsg.InitProducerIDResponse:
		resp.ErrorCode, resp.ProducerID, resp.ProducerEpoch = c, -1, -1
	case *kmsg.OffsetForLeaderEpochResponse:
		for i := range resp.Topics {
			for j := range resp.Topics[i].Partitions {
				p := &resp.Topics[i].Partitions[j]
				p.ErrorCode, p.LeaderEpoch, p.EndOffset = c, -1, -1
			}
		}
	default:
		panic("broker: nobody knows where an answer to " + kmsg.NameForKey(resp.Key()) + " has its error")
	}
}

// answerUnhandled answers a request with an error in place of handling it. A Produce with acks=0
// gets no answer.
func (r *request) answerUnhandled(out *model.Effects) {
	if req, ok := r.Body.(*kmsg.ProduceRequest); ok && req.Acks == 0 {
		r.Finish(out)
		return
	}
	r.Reply(out, emptyAnswer(r.Body))
}
