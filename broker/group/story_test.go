package group

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// story plays a script of what clients do and writes down what they and the trace are told. Members
// have names in it instead of ids.
type story struct {
	*world
	t     *testing.T
	names map[string]string // by member id
	ids   map[string]string
	said  strings.Builder
	noted int
	last  map[string]int32 // generation that the member knows
}

// TestStories plays testdata/*.txt. With -rewrite it writes down what it heard.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		s := &story{
			t: t, world: newWorld(t, Config{InitialRebalanceDelay: 3 * second}),
			names: map[string]string{}, ids: map[string]string{}, last: map[string]int32{},
		}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			s.said.Reset()
			for _, arg := range d.CmdArgs {
				s.do(d.Cmd, arg.Key, arg.Vals)
			}
			if len(d.CmdArgs) == 0 {
				s.do(d.Cmd, "", nil)
			}
			return s.said.String()
		})
	})
}

func (s *story) do(cmd, who string, vals []string) {
	switch cmd {
	case "join":
		s.joins(who)
	case "sync":
		s.syncs(who, vals)
	case "heartbeat":
		s.say("%s: %s", who, s.heartbeat(s.ids[who], s.last[who]))
	case "leave":
		s.say("%s: %s", who, s.leaveGroup(s.ids[who]))
	case "commit":
		req := commitRequest(s.ids[who], s.last[who], 10)
		s.ask(req, func(resp kmsg.Response) {
			code := resp.(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0].ErrorCode
			s.say("%s: commit %s", who, wire.Code(code))
		})
	case "fetch":
		s.say("orders-2 at %d", s.fetch())
	case "wait":
		d, err := time.ParseDuration(who)
		require.NoError(s.t, err)
		s.advance(d)
	case "slow-log":
		s.hold = true
	case "log-catches-up":
		s.release()
	case "move": // the partition goes to another broker and comes back
		s.unload(PartitionFor("billing", 50))
		s.load(PartitionFor("billing", 50))
	case "group":
		v := s.view()
		s.say("%s, generation %d, %d members, led by %s", v.State, v.Generation, len(v.Members),
			s.names[v.Leader])
	default:
		s.t.Fatalf("unknown command %q", cmd)
	}
	s.notesUntilNow()
}

func (s *story) say(format string, args ...any) {
	s.notesUntilNow()
	fmt.Fprintf(&s.said, format+"\n", args...)
}

func (s *story) notesUntilNow() {
	for ; s.noted < len(s.notes); s.noted++ {
		line := s.notes[s.noted]
		for id, name := range s.names {
			line = strings.ReplaceAll(line, id, name)
		}
		fmt.Fprintf(&s.said, "%s  %s\n", s.now, line)
	}
}

// ask sends a request whose answer may come much later, in the middle of another command.
func (s *story) ask(req kmsg.Request, answered func(kmsg.Response)) {
	reply := func(_ *model.Effects, resp kmsg.Response) { answered(resp) }
	switch r := req.(type) {
	case *kmsg.JoinGroupRequest:
		r.Version = 9
		s.c.HandleJoinGroup(s.out.At(s.now), r, ClientInfo{ID: "app", Host: "h"}, reply)
	case *kmsg.SyncGroupRequest:
		r.Version = 5
		s.c.HandleSyncGroup(s.out.At(s.now), r, reply)
	case *kmsg.OffsetCommitRequest:
		r.Version = 9
		s.c.HandleOffsetCommit(s.out.At(s.now), r, reply)
	}
	s.drain()
}

func (s *story) joins(who string) {
	s.ask(joinRequest(s.ids[who], "orders"), func(resp kmsg.Response) {
		r := resp.(*kmsg.JoinGroupResponse)
		if wire.Code(r.ErrorCode) == wire.MemberIDRequired {
			s.names[r.MemberID], s.ids[who] = who, r.MemberID
			s.joins(who)
			return
		}
		if r.ErrorCode != 0 {
			s.say("%s: join %s", who, wire.Code(r.ErrorCode))
			if wire.Code(r.ErrorCode) == wire.UnknownMemberID {
				delete(s.ids, who)
			}
			return
		}
		s.last[who] = r.Generation
		s.say("%s: generation %d, leader %s, told of %d members", who, r.Generation,
			s.names[r.LeaderID], len(r.Members))
	})
}

func (s *story) syncs(who string, given []string) {
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.Generation = "billing", s.ids[who], s.last[who]
	s.named(req)
	for _, pair := range given {
		name, what, _ := strings.Cut(pair, ":")
		req.GroupAssignment = append(req.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{
			MemberID: s.ids[name], MemberAssignment: []byte(what),
		})
	}
	s.ask(req, func(resp kmsg.Response) {
		r := resp.(*kmsg.SyncGroupResponse)
		s.say("%s: sync %s %q", who, wire.Code(r.ErrorCode), r.MemberAssignment)
	})
}
