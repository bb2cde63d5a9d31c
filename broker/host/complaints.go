package host

import (
	"time"

	"sandcastle/model"
)

// complaints are what a process's clients did wrong, of which each address is told about once a
// minute: who is cut off may dial again at once, and a log that he fills tells nobody anything.
type complaints struct {
	said map[model.NodeID]model.Time
}

const (
	complainEvery = time.Minute
	// mostBlamed is how many addresses are remembered.
	mostBlamed = 1000
)

// due reports whether a peer's misdeed is to be told of, and counts it as told.
func (c *complaints) due(now model.Time, peer model.NodeID) bool {
	if last, known := c.said[peer]; known && now.Sub(last) < complainEvery {
		return false
	}
	if c.said == nil || len(c.said) >= mostBlamed {
		c.said = map[model.NodeID]model.Time{}
	}
	c.said[peer] = now
	return true
}

// complain says why a connection was closed if its peer is to blame.
func (n *Node) complain(now model.Time, c *connection, why string) {
	if why != "" && n.blamed.due(now, c.host) {
		n.log.Warn("a connection is closed", "peer", c.host, "because", why)
	}
}
