package tools

import (
	"context"
	"time"

	"sandcastle/broker/client"
	"sandcastle/broker/host"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Admin is an admin client of ours on the real host.
type Admin struct {
	node    *host.Node
	client  *client.Admin
	reach   *reach
	timeout time.Duration
	ended   chan struct{} // a command has its result
	results int           // that were seen
}

// open starts an admin client. Close it.
func (b *Bootstrap) open(clientID model.NodeID) (*Admin, error) {
	addrs, err := b.Addrs()
	if err != nil {
		return nil, err
	}
	a := &Admin{timeout: b.Timeout, ended: make(chan struct{}, 1)}
	a.node = host.Start(host.Config{
		Name: clientID,
		Make: func(boot model.Boot) model.Process {
			a.client = client.NewAdmin(boot, client.AdminConfig{Bootstrap: addrs, APITimeout: b.Timeout})
			a.reach = newReach(a.client, addrs, nil)
			return a.reach
		},
		OnNote: func(_ model.Time, n *kafka.Note) {
			if n.Kind == kafka.AdminCompleted {
				select {
				case a.ended <- struct{}{}:
				default: // one is waiting, and will see this one too
				}
			}
		},
	})
	return a, nil
}

// WithAdmin opens an admin client for what do does with it.
func WithAdmin(b *Bootstrap, do func(a *Admin) error) error {
	a, err := b.open("sandcastle-admin")
	if err != nil {
		return err
	}
	defer a.close()
	return do(a)
}

func (a *Admin) close() { a.node.Stop() }

// ask has the commands carried out in order and returns how each ended.
func (a *Admin) ask(ctx context.Context, commands ...model.Command) ([]client.AdminResult, error) {
	for _, c := range commands {
		a.node.Command(c)
	}
	for {
		var results []client.AdminResult
		a.node.Look(func(model.Process) { results = a.client.Results()[a.results:] })
		if len(results) >= len(commands) {
			a.results += len(results)
			return results, a.unreachable(results)
		}
		select {
		case <-a.ended:
		case <-ctx.Done():
			return nil, ErrInterrupted
		}
	}
}

// unreachable explains why a command ran out of time, if it did.
func (a *Admin) unreachable(results []client.AdminResult) error {
	for _, r := range results {
		if r.Code != wire.RequestTimedOut {
			continue
		}
		if err := a.reach.problem(a.timeout); err != nil {
			return err
		}
		if r.Message == wire.None.String() {
			return refused("the cluster gave no answer within %s", a.timeout)
		}
		return refused("the cluster was not ready within %s: %s", a.timeout, r.Message)
	}
	return nil
}

// must is ask for one command that has to succeed; about names what it is for, in an error.
func (a *Admin) must(ctx context.Context, about string, c model.Command) error {
	results, err := a.ask(ctx, c)
	if err != nil {
		return err
	}
	if r := results[0]; r.Code != wire.None {
		return refusal(about, r.Code, r.Message)
	}
	return nil
}
