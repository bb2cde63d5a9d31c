package client

import (
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// memberState is where a consumer stands with its group (AbstractCoordinator.MemberState, 3.9).
type memberState uint8

const (
	unjoined  memberState = iota // no generation to speak of: a JoinGroup is to be sent
	revoking                     // a last commit is out before the partitions are given up
	joining                      // JoinGroup is out
	assigning                    // this member leads and waits for metadata to divide the partitions
	syncing                      // SyncGroup is out
	stable                       // the generation runs
)

// membership is a consumer's side of the classic group protocol with eager rebalancing:
// everything is given up before a member joins again.
//
//	unjoined ──▶ joining ──▶ assigning ──▶ syncing ──▶ stable
//	    ▲           ▲         (leader)                   │
//	    │           └───────── revoking ◀── rebalance ───┤
//	    └── fenced, or poll timeout (partitions lost) ───┘
type membership struct {
	cfg          *ConsumerConfig
	meta         *clusterMetadata
	alarm        *alarm
	backoff      retryBackoff
	coordinator  *groupCoordinator
	subscription *subscriptionState
	history      *consumerHistory
	commits      *offsetCommits
	owner        memberOwner

	subscribed bool     // false in a consumer that is no member of a group
	topics     []string // subscribed to, sorted
	state      memberState
	rejoin     bool // stable, but a rebalance is to be joined

	id         string
	generation int32
	protocol   string
	join       *kmsg.JoinGroupResponse // while this member, the leader, is assigning
	divided    []topicSize             // by the leader; a change of it calls for a rebalance

	ownedBy string // the member and generation to which the partitions belong
	ownedIn int32
	had     []kafka.TopicPartition // the last share, kept when it is given up

	retryAt  model.Time // no JoinGroup before
	failures int
	round    int // counts joins and losses: answers to earlier rounds are ignored

	heartbeatAt model.Time
	beating     bool       // a Heartbeat is out
	renewedAt   model.Time // when the last good answer renewed the session
}

// memberOwner is a consumer as its membership sees it.
type memberOwner interface {
	// pollBy is when max.poll.interval.ms runs out; Never while the application need not poll.
	pollBy(now model.Time) model.Time
	// die ends the application with an error that no retry helps against.
	die(out *model.Effects, code wire.Code)
}

// subscribe makes the consumer a member for the topics, and reports whether it was none before.
func (g *membership) subscribe(topics []string) (joins bool) {
	joins = !g.subscribed
	for _, topic := range topics {
		g.meta.track(topic)
	}
	g.subscribed, g.topics, g.rejoin = true, slices.Sorted(slices.Values(topics)), true
	g.history.member = true
	return joins
}

// advance does what poll does about the group. The partitions are only touched here, inside poll.
func (g *membership) advance(out *model.Effects) {
	switch {
	case !g.coordinator.known():
	case g.state == stable && g.rejoin, g.state == unjoined:
		g.prepare(out)
	}
}

// prepare gives the partitions up before joining: with a commit when they are still ours, and
// without one when this member was fenced (ConsumerCoordinator.onJoinPrepare, 3.9).
func (g *membership) prepare(out *model.Effects) {
	if out.Now < g.retryAt {
		g.alarm.by(out, g.retryAt)
		return
	}
	if g.state == unjoined {
		g.abandon(out, lost, "lost")
		g.sendJoin(out)
		return
	}
	g.state = revoking
	if !g.cfg.commits() || len(g.subscription.owned) == 0 {
		g.onCommitted(out, "")
		return
	}
	g.commits.sync(out, out.Now.Add(g.cfg.MaxPollInterval), g.onCommitted)
}

// onCommitted goes on when the commit before the revocation has ended, well or not.
func (g *membership) onCommitted(out *model.Effects, _ string) {
	switch g.state {
	case revoking:
		g.abandon(out, revoked, "rebalance")
		g.sendJoin(out)
	case unjoined: // fenced by the answer to the commit: the next poll gives up what is lost
	default:
		panic("client: a revocation ended in another state")
	}
}

// abandon gives everything up and says so.
func (g *membership) abandon(out *model.Effects, how fate, why string) {
	tps := g.subscription.tps()
	if len(tps) > 0 {
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.PartitionsRevoked, Group: g.cfg.Group, Member: g.ownedBy, Generation: g.ownedIn,
			Partitions: tps, Text: why,
		})
	}
	g.subscription.drop(how)
}

// call sends a request to the coordinator, which must be known. Without an answer the coordinator
// is looked for anew. An answer to an earlier round is dropped.
func (g *membership) call(out *model.Effects, req kmsg.Request,
	timeout time.Duration, done wire.Done,
) {
	round := g.round
	g.coordinator.link.Send(out, req, timeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			if err != nil {
				g.coordinator.markUnknown(out)
			}
			if g.round == round {
				done(out, resp, err)
			}
		})
}

func (g *membership) sendJoin(out *model.Effects) {
	if !g.coordinator.known() {
		g.state = unjoined // lost while the commit was out
		return
	}
	g.round++ // so that the answer to a Heartbeat that is out is dropped, and nobody waits for it
	g.state, g.rejoin, g.beating = joining, false, false
	req := kmsg.NewPtrJoinGroupRequest()
	req.SetVersion(9)
	req.Group, req.MemberID, req.ProtocolType = g.cfg.Group, g.id, "consumer"
	req.InstanceID = g.cfg.instance()
	req.SessionTimeoutMillis = int32(g.cfg.SessionTimeout.Milliseconds())
	req.RebalanceTimeoutMillis = int32(g.cfg.MaxPollInterval.Milliseconds())
	p := kmsg.NewJoinGroupRequestProtocol()
	p.Name, p.Metadata = g.cfg.Assignor, encodeSubscription(g.topics, g.generation, g.userData())
	req.Protocols = append(req.Protocols, p)
	// The answer comes when everybody has joined, which may take the whole rebalance timeout.
	timeout := max(g.cfg.RequestTimeout, g.cfg.MaxPollInterval+5*time.Second)
	g.call(out, req, timeout, g.onJoined)
}

func (g *membership) onJoined(out *model.Effects, resp kmsg.Response, err error) {
	if err != nil {
		g.joinFailed(out.Now)
		return
	}
	answer := resp.(*kmsg.JoinGroupResponse)
	switch code := wire.Code(answer.ErrorCode); {
	case code == wire.None:
	case code == wire.MemberIDRequired:
		g.id = answer.MemberID
		g.state = unjoined // and joins again at once, under its id (KIP-394)
		return
	case code == wire.UnknownMemberID, code == wire.IllegalGeneration:
		g.reset()
		return
	case g.coordinator.handleError(out, code), code == wire.RebalanceInProgress:
		g.joinFailed(out.Now)
		return
	default:
		g.owner.die(out, code)
		return
	}
	g.failures = 0
	g.id, g.generation = answer.MemberID, answer.Generation
	g.protocol = text(answer.Protocol)
	g.renewedAt, g.heartbeatAt = out.Now, out.Now.Add(g.cfg.HeartbeatInterval)
	g.divided = nil
	if answer.LeaderID == g.id && !answer.SkipAssignment {
		g.state, g.join = assigning, answer
		g.maybeDivide(out)
		return
	}
	g.sendSync(out, nil)
}

// userData is what the assignor has to tell the leader: the sticky one what this member had, also
// when that is given up since.
func (g *membership) userData() []byte {
	if g.cfg.Assignor != stickyName || g.ownedIn < 0 {
		return nil
	}
	return encodeHad(g.had, g.ownedIn)
}

// joinFailed waits before the next attempt.
func (g *membership) joinFailed(now model.Time) {
	g.state = unjoined
	g.failures++
	g.retryAt = g.backoff.after(now, g.failures)
}

// reset gives up member id and generation: the coordinator no longer knows them. What is owned is
// lost, but the application hears of it only when it polls.
func (g *membership) reset() {
	g.round++
	g.state, g.id, g.generation, g.beating = unjoined, "", -1, false
}

func (g *membership) sendSync(out *model.Effects,
	plan []kmsg.SyncGroupRequestGroupAssignment,
) {
	g.state, g.join = syncing, nil
	if !g.coordinator.known() {
		g.joinFailed(out.Now)
		return
	}
	req := kmsg.NewPtrSyncGroupRequest()
	req.SetVersion(5)
	kind := "consumer"
	req.Group, req.MemberID, req.Generation = g.cfg.Group, g.id, g.generation
	req.ProtocolType, req.Protocol, req.GroupAssignment = &kind, &g.protocol, plan
	req.InstanceID = g.cfg.instance()
	g.call(out, req, g.cfg.RequestTimeout, g.onSynced)
}

func (g *membership) onSynced(out *model.Effects, resp kmsg.Response, err error) {
	if err != nil {
		g.joinFailed(out.Now)
		return
	}
	answer := resp.(*kmsg.SyncGroupResponse)
	switch code := wire.Code(answer.ErrorCode); {
	case code == wire.None:
	case code == wire.UnknownMemberID, code == wire.IllegalGeneration:
		g.reset()
		return
	case code == wire.RebalanceInProgress:
		g.state = unjoined // the next generation is being formed already
		return
	case g.coordinator.handleError(out, code):
		g.joinFailed(out.Now)
		return
	default:
		g.owner.die(out, code)
		return
	}
	tps, err := decodeAssignment(answer.MemberAssignment)
	if err != nil {
		g.owner.die(out, wire.InconsistentGroupProtocol)
		return
	}
	g.state = stable
	g.ownedBy, g.ownedIn, g.had = g.id, g.generation, tps
	g.subscription.assign(tps)
	tps = g.subscription.tps()
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.PartitionsAssigned, Group: g.cfg.Group, Member: g.id, Generation: g.generation,
		Partitions: tps,
	})
	g.history.assigned(tps)
}
