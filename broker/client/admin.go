package client

import (
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// AdminConfig holds the admin client's properties. Zero values take Kafka's defaults
// (AdminClientConfig, 3.9), which stand beside them.
type AdminConfig struct {
	Bootstrap []string // bootstrap.servers, "host:port"
	// MinBrokers makes it wait, within APITimeout, until the cluster shows so many brokers before the
	// first command: who sets up a cluster knows how many there will be. 0 does not wait.
	MinBrokers      int
	RequestTimeout  time.Duration // request.timeout.ms: 30 s
	APITimeout      time.Duration // default.api.timeout.ms, of one operation with its retries: 1 min
	RetryBackoff    time.Duration // retry.backoff.ms: 100 ms
	RetryBackoffMax time.Duration // retry.backoff.max.ms: 1 s
}

// AdminResult is how one command of an admin client ended.
type AdminResult struct {
	Command model.Command
	// Code is None, or the broker's refusal; RequestTimedOut when the time for retries ran out,
	// in which case the cluster may have done it.
	Code    wire.Code
	Message string // the broker's, if it gave one
}

// Admin is a Kafka admin client. It takes the commands CreateTopic, DeleteTopic and Close and
// carries them out one after the other, each at the controller.
type Admin struct {
	cfg     AdminConfig
	rand    *model.Rand
	links   *wire.Links
	meta    *clusterMetadata
	alarm   alarm
	queue   []adminCall
	results []AdminResult
	busy    bool // a request is out
	closed  bool
}

// adminCall is a command that is not done.
type adminCall struct {
	command  model.Command
	deadline model.Time
	retryAt  model.Time
	failures int
	unknown  bool      // an attempt may have worked although no success was heard
	last     wire.Code // of the last attempt
}

// NewAdmin makes an admin client.
func NewAdmin(boot model.Boot, cfg AdminConfig) *Admin {
	set(&cfg.RequestTimeout, 30*time.Second)
	set(&cfg.APITimeout, time.Minute)
	set(&cfg.RetryBackoff, 100*time.Millisecond)
	set(&cfg.RetryBackoffMax, time.Second)
	a := &Admin{cfg: cfg, rand: boot.Rand, alarm: newAlarm(timerWork)}
	a.links = wire.NewLinks(wire.LinksConfig{
		ClientID: string(boot.Node), TimerKind: timerLinks, Handshake: true,
	})
	a.meta = newClusterMetadata(cfg.Bootstrap, boot.Rand, a.links)
	a.meta.timeout, a.meta.least, a.meta.most =
		cfg.RequestTimeout, cfg.RetryBackoff, cfg.RetryBackoffMax
	return a
}

// Done is true when every command so far has its result.
func (a *Admin) Done() bool { return len(a.queue) == 0 }

// Results are the results so far, in the order of the commands.
func (a *Admin) Results() []AdminResult { return a.results }

// Step implements model.Process.
func (a *Admin) Step(now model.Time, in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Commanded:
		a.onCommand(now, in.Command)
	case a.links.HandleEvent(now, in, out):
	case in.Kind == model.TimerFired && in.Timer.Kind == timerMetadata:
		a.meta.alarm.rang()
	case in.Kind == model.TimerFired:
		a.alarm.rang()
	}
	a.work(now, out)
	if len(a.queue) > 0 {
		a.meta.run(now, out)
	} else if a.closed {
		a.meta.close(now, out)
	}
}

func (a *Admin) onCommand(now model.Time, c model.Command) {
	switch c.(type) {
	case *CreateTopic, *DeleteTopic:
		if a.closed {
			panic("client: a closed admin client was commanded to " + c.String())
		}
		a.queue = append(a.queue, adminCall{command: c, deadline: now.Add(a.cfg.APITimeout)})
	case *Close:
		a.closed = true
	default:
		panic("client: an admin client does not know the command " + c.String())
	}
}

// work sends the first command of the queue when its time has come.
func (a *Admin) work(now model.Time, out *model.Effects) {
	for !a.busy && len(a.queue) > 0 {
		c := &a.queue[0]
		if now >= c.deadline {
			a.finish(out, wire.RequestTimedOut, c.last.String())
			continue
		}
		a.alarm.by(out, c.deadline)
		if now < c.retryAt {
			a.alarm.by(out, c.retryAt)
			return
		}
		addr, known := a.meta.address(a.meta.controller)
		if !known || len(a.meta.brokers) < a.cfg.MinBrokers {
			a.meta.refresh()
			return
		}
		a.busy = true
		timeout := min(a.cfg.RequestTimeout, c.deadline.Sub(now))
		a.links.To(addr).Send(now, out, adminRequest(c.command, timeout), timeout, a.onAnswer)
	}
}

func adminRequest(c model.Command, timeout time.Duration) kmsg.Request {
	millis := int32(timeout.Milliseconds())
	switch c := c.(type) {
	case *CreateTopic:
		req := kmsg.NewPtrCreateTopicsRequest()
		req.SetVersion(7)
		req.TimeoutMillis = millis
		req.Topics = append(req.Topics, c.request())
		return req
	case *DeleteTopic:
		req := kmsg.NewPtrDeleteTopicsRequest()
		req.SetVersion(6)
		req.TimeoutMillis = millis
		req.TopicNames = []string{c.Name} // up to v5
		topic := kmsg.NewDeleteTopicsRequestTopic()
		topic.Topic = &c.Name
		req.Topics = append(req.Topics, topic)
		return req
	default:
		panic("client: no request for " + c.String())
	}
}

func (c *CreateTopic) request() kmsg.CreateTopicsRequestTopic {
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic, t.NumPartitions, t.ReplicationFactor = c.Name, c.Partitions, c.Replicas
	for i, replicas := range c.Assignment {
		t.NumPartitions, t.ReplicationFactor = -1, -1
		a := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
		a.Partition, a.Replicas = int32(i), replicas
		t.ReplicaAssignment = append(t.ReplicaAssignment, a)
	}
	for i := range c.Config {
		s := kmsg.NewCreateTopicsRequestTopicConfig()
		s.Name, s.Value = c.Config[i].Name, &c.Config[i].Value
		t.Configs = append(t.Configs, s)
	}
	return t
}

func (a *Admin) onAnswer(now model.Time, out *model.Effects, resp kmsg.Response, err error) {
	a.busy = false
	if err != nil {
		name, sent := transportError(err)
		if name == wire.UnsupportedVersion.String() {
			a.finish(out, wire.UnsupportedVersion, "")
			return
		}
		a.queue[0].unknown = a.queue[0].unknown || sent
		a.meta.refresh()
		a.retry(now, wire.NetworkException)
		return
	}
	code, message := wire.UnknownServerError, ""
	switch resp := resp.(type) {
	case *kmsg.CreateTopicsResponse:
		if len(resp.Topics) == 1 {
			code, message = wire.Code(resp.Topics[0].ErrorCode), text(resp.Topics[0].ErrorMessage)
		}
	case *kmsg.DeleteTopicsResponse:
		if len(resp.Topics) == 1 {
			code, message = wire.Code(resp.Topics[0].ErrorCode), text(resp.Topics[0].ErrorMessage)
		}
	}
	// REQUEST_TIMED_OUT of these two says that the cluster is at it; asking again shows how it
	// went. To a delete, a topic that is not there is an answer, not a reason to wait for it.
	_, deletes := a.queue[0].command.(*DeleteTopic)
	if code.Retriable() && !(deletes && code == wire.UnknownTopicOrPartition) {
		a.queue[0].unknown = a.queue[0].unknown || code == wire.RequestTimedOut
		a.meta.refresh()
		a.retry(now, code)
		return
	}
	a.finish(out, code, message)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// retry waits before the next attempt. When the deadline comes first, work ends the command.
func (a *Admin) retry(now model.Time, code wire.Code) {
	c := &a.queue[0]
	c.failures++
	c.last = code
	c.retryAt = now.Add(backoff(a.rand, a.cfg.RetryBackoff, a.cfg.RetryBackoffMax, c.failures))
}

// finish ends the first command. An earlier attempt of it that got no answer may have worked:
// then the next one finds a topic that exists already, or no topic to delete, which is what was
// asked for.
func (a *Admin) finish(out *model.Effects, code wire.Code, message string) {
	c := a.queue[0]
	a.queue = a.queue[1:]
	verb, _, _ := strings.Cut(c.command.String(), " ")
	if c.unknown {
		_, creates := c.command.(*CreateTopic)
		if creates && code == wire.TopicAlreadyExists ||
			!creates && code == wire.UnknownTopicOrPartition {
			code, message = wire.None, "an attempt that was not answered had done it"
		}
	}
	a.results = append(a.results, AdminResult{Command: c.command, Code: code, Message: message})
	name := ""
	switch c := c.command.(type) {
	case *CreateTopic:
		name = c.Name
	case *DeleteTopic:
		name = c.Name
	}
	out.Note(model.Note{Kind: model.AdminCompleted, Text: verb + "s " + name + ": " + code.String()})
}
