package scenarios

import (
	"slices"
	"strings"

	"sandcastle/model"
)

// verb is something that a timeline can do: to nodes, to the links between two groups of them, to
// messages, or, as an operator does, to the cluster.
type verb struct {
	name string
	doc  string
	// on says what the value of its key is.
	on subject
	// of says which nodes it can be done to, where it is done to nodes; 0 for any. instead is what to
	// do to the others.
	of      species
	instead string
	// needs and takes are the option keys that it must and may have.
	needs, takes []string
	// by is what its `by` can be, if it has one.
	by measures
	do func(p *player, f *firing)
	// undo ends it after `for`; nil when there is nothing to end.
	undo func(p *player, f *firing)
}

// subject is what a verb is done to.
type subject uint8

const (
	onNodes     subject = iota // roles
	onName                     // the name of an earlier entry
	onTopic                    // a topic
	onPartition                // a partition, such as orders-0
	onGroup                    // a consumer group
	onListing                  // what an operator can ask about
)

// firing is an action with its roles resolved, and what its end needs to know.
type firing struct {
	*Action
	nodes, to []model.NodeID
	pattern   *pattern // of a verb of patternVerbs, once it was started
}

// verbs is the table of faults and other actions.
func verbs() []verb {
	return slices.Concat(nodeVerbs(), linkVerbs(), patternVerbs(), messageVerbs(), diskVerbs(),
		damageVerbs(), clockVerbs(), leaderVerbs(), adminVerbs(), clientVerbs())
}

func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

// NodeVerbs are the verbs that are done to nodes: the value of such a key is a role or a list of
// them.
func NodeVerbs() []string {
	var names []string
	for _, v := range verbs() {
		if v.on == onNodes {
			names = append(names, v.name)
		}
	}
	return names
}

// verbNamed finds a verb, nil for none.
func verbNamed(name string) *verb {
	for _, v := range verbs() {
		if v.name == name {
			return &v
		}
	}
	return nil
}

// usersOf names the verbs that an option key belongs to.
func usersOf(option string) string {
	var names []string
	for _, v := range verbs() {
		if slices.Contains(v.needs, option) || slices.Contains(v.takes, option) {
			names = append(names, v.name)
		}
	}
	return strings.Join(names, ", ")
}

// each is the do or undo of a verb that is done to one node at a time.
func each(do func(*player, model.NodeID)) func(*player, *firing) {
	return func(p *player, f *firing) {
		for _, id := range f.nodes {
			do(p, id)
		}
	}
}

// attempt is each for what may be of no effect: when why says more than "", nothing is done, and
// the trace has the reason.
func attempt(why func(*player, model.NodeID) string, do func(*player, model.NodeID),
) func(*player, *firing) {
	return func(p *player, f *firing) {
		for _, id := range f.nodes {
			if !p.failed(f, id, why(p, id)) {
				do(p, id)
			}
		}
	}
}

// failed traces that nothing was done to a node, and why; "" is no reason.
func (p *player) failed(f *firing, id model.NodeID, why string) bool {
	if why == "" {
		return false
	}
	p.world.Fault(model.Fault{Verb: f.Verb, Node: id, Failed: why})
	return true
}

// notRunning is why nothing can be asked of a process.
func notRunning(p *player, id model.NodeID) string {
	if p.world.Running(id) {
		return ""
	}
	return "it does not run"
}

// noProcess is why no process can be ended.
func noProcess(p *player, id model.NodeID) string {
	if p.ended(id) {
		return "it was closed, and has ended"
	}
	if p.world.Running(id) || p.world.Paused(id) {
		return ""
	}
	return "it does not run"
}

// noPower is why the power of a machine cannot be lost.
func noPower(p *player, id model.NodeID) string {
	if p.world.Powered(id) {
		return ""
	}
	return "it has no power"
}

// disturb is links for the do of a verb that changes nothing where it was done already, or where
// both sides are one node. If it changed nothing at all, the trace has the reason.
func disturb(do func(p *player, from, to model.NodeID)) func(*player, *firing) {
	return func(p *player, f *firing) {
		before := p.faults
		links(do)(p, f)
		if p.faults > before {
			return
		}
		why := "it is so already"
		if len(f.nodes) == 1 && slices.Equal(f.nodes, f.to) {
			why = "both are the same node"
		}
		p.world.Fault(model.Fault{
			Verb: model.FaultCut, Node: f.nodes[0], Peer: f.to[0], Failed: why,
		})
	}
}

// links is the do or undo of a verb that is done to one directed link at a time.
func links(do func(p *player, from, to model.NodeID)) func(*player, *firing) {
	return func(p *player, f *firing) {
		for _, from := range f.nodes {
			for _, dest := range f.to {
				if from != dest {
					do(p, from, dest)
				}
			}
		}
	}
}
