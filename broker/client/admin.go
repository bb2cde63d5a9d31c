package client

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
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

// Admin is a Kafka admin client. It takes the commands CreateTopic, DeleteTopic, CreatePartitions,
// DeleteRecords, ElectLeaders, AlterPartitionReassignments, AlterConfigs, DescribeTopics,
// DescribeConfigs, ListOffsets, ListGroups, DescribeGroup, DeleteGroup, ListGroupOffsets,
// AlterGroupOffsets and Close and carries them out one after the other, each at the broker that
// Kafka's client asks: the controller, unless the command says otherwise.
type Admin struct {
	cfg     AdminConfig
	backoff retryBackoff
	links   *wire.Links
	meta    *clusterMetadata
	alarm   alarm
	queue   []adminCall
	results []AdminResult
	busy    bool // a request is out
	closed  bool
	// coordinators are the addresses of those that are known, by group.
	coordinators map[string]string
}

// adminCall is a command that is not done.
type adminCall struct {
	command  adminCommand
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
	a := &Admin{
		cfg: cfg, backoff: retryBackoff{boot.Rand, cfg.RetryBackoff, cfg.RetryBackoffMax},
		alarm: newAlarm(timerWork), coordinators: map[string]string{},
	}
	a.links = wire.NewLinks(wire.LinksConfig{
		ClientID: string(boot.Node), TimerKind: timerLinks, Handshake: true,
	})
	a.meta = newClusterMetadata(cfg.Bootstrap, a.backoff, a.links)
	a.meta.timeout = cfg.RequestTimeout
	return a
}

// Done is true when every command so far has its result.
func (a *Admin) Done() bool { return len(a.queue) == 0 }

// Results are the results so far, in the order of the commands.
func (a *Admin) Results() []AdminResult { return a.results }

// Step implements model.Process.
func (a *Admin) Step(in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Commanded:
		a.onCommand(out.Now, in.Command)
	case a.links.HandleEvent(in, out):
	case in.Kind == model.TimerFired && in.Timer.Kind == timerMetadata:
		a.meta.alarm.rang()
	case in.Kind == model.TimerFired:
		a.alarm.rang()
	}
	a.work(out)
	if len(a.queue) > 0 {
		a.meta.run(out)
	} else if a.closed {
		a.meta.close(out)
	}
}

func (a *Admin) onCommand(now model.Time, c model.Command) {
	switch c := c.(type) {
	case adminCommand:
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
func (a *Admin) work(out *model.Effects) {
	for !a.busy && len(a.queue) > 0 {
		c := &a.queue[0]
		if out.Now >= c.deadline {
			a.finish(out, wire.RequestTimedOut, c.last.String())
			continue
		}
		a.alarm.by(out, c.deadline)
		if out.Now < c.retryAt {
			a.alarm.by(out, c.retryAt)
			return
		}
		if !a.ready() {
			a.meta.refresh()
			return
		}
		if g, ok := c.command.(coordinated); ok && a.coordinators[g.of()] == "" {
			a.findCoordinator(out, g.of())
			return
		}
		link := a.link(c.command)
		if link == nil {
			a.meta.refresh()
			return
		}
		a.busy = true
		timeout := min(a.cfg.RequestTimeout, c.deadline.Sub(out.Now))
		req := c.command.request(int32(timeout.Milliseconds()))
		link.Send(out, req, timeout, a.onAnswer)
	}
}

// ready tells whether the cluster is known.
func (a *Admin) ready() bool {
	return a.meta.answers > 0 && len(a.meta.brokers) >= a.cfg.MinBrokers
}

// link leads to the broker that the command is for; nil when it is not known yet.
func (a *Admin) link(c adminCommand) *wire.Link {
	switch c := c.(type) {
	case placed:
		return c.link(a.meta)
	case coordinated:
		return a.links.To(a.coordinators[c.of()])
	}
	if addr, known := a.meta.address(a.meta.controller); known {
		return a.links.To(addr)
	}
	return nil
}

func (a *Admin) onAnswer(out *model.Effects, resp kmsg.Response, err error) {
	a.busy = false
	if err != nil {
		name, sent := transportError(err)
		if name == wire.UnsupportedVersion.String() {
			a.finish(out, wire.UnsupportedVersion, "")
			return
		}
		a.queue[0].unknown = a.queue[0].unknown || sent
		a.meta.refresh()
		a.forgetCoordinator(a.queue[0].command, wire.NetworkException)
		a.retry(out.Now, wire.NetworkException)
		return
	}
	c := &a.queue[0]
	code, message := c.command.answer(resp)
	if retries(c.command, code) {
		c.unknown = c.unknown || code == wire.RequestTimedOut
		a.meta.refresh()
		a.forgetCoordinator(c.command, code)
		a.retry(out.Now, code)
		return
	}
	a.finish(out, code, message)
}

// retry waits before the next attempt. When the deadline comes first, work ends the command.
func (a *Admin) retry(now model.Time, code wire.Code) {
	c := &a.queue[0]
	c.failures++
	c.last = code
	c.retryAt = a.backoff.after(now, c.failures)
}

// finish ends the first command. An earlier attempt of it that got no answer may have worked: then
// the next one finds that there is nothing to do, which is what was asked for.
func (a *Admin) finish(out *model.Effects, code wire.Code, message string) {
	c := a.queue[0]
	a.queue = a.queue[1:]
	if c.unknown && code == doneBefore(c.command) && code != wire.None {
		code, message = wire.None, "an attempt that was not answered had done it"
	}
	a.results = append(a.results, AdminResult{Command: c.command, Code: code, Message: message})
	text := c.command.about() + ": " + code.String()
	kafka.AddNote(out, kafka.Note{Kind: kafka.AdminCompleted, Text: text})
}
