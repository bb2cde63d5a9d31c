package serve

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"sandcastle/model"
)

// BindVar is the environment variable that says where to listen if --bind does not: the image of a
// container sets it, for nobody could reach a port that listens on the container's own loopback.
const BindVar = "SANDCASTLE_BIND"

const (
	// Loopback is where serve listens unless it is told otherwise.
	Loopback = "localhost"
	// Everywhere is the address that stands for all of them.
	Everywhere = "*"
)

// bindAddress is where to listen where no listeners are set: "" is everywhere.
func bindAddress(o *Options, supplied func(string) bool, environ []string) string {
	bind := Loopback
	for _, entry := range environ {
		if value, ok := strings.CutPrefix(entry, BindVar+"="); ok && value != "" {
			bind = value
		}
	}
	if supplied("bind") {
		bind = o.Bind
	}
	if bind == Everywhere {
		return ""
	}
	return bind
}

// Reach says who may reach what is started, and what of.
func (p *Plan) Reach() string {
	who := "this machine alone (--bind ADDRESS lets others in)"
	if open := p.openAddresses(); len(open) > 0 {
		who = "every machine that reaches " + strings.Join(open, ", ")
	}
	return "open to " + who + "\n" +
		"nobody has to say who he is: who reaches it may read, write and delete, and order brokers\n" +
		"about as their controller does"
}

// openAddresses are the addresses to listen on that are not this machine's own.
func (p *Plan) openAddresses() []string {
	var open []string
	add := func(bind string) {
		host, port, err := net.SplitHostPort(bind)
		if err != nil || isLoopback(host) {
			return
		}
		if host == "" || isUnspecified(host) {
			bind = "any address of this one at port " + port
		}
		if !slices.Contains(open, bind) {
			open = append(open, bind)
		}
	}
	for _, b := range p.Brokers {
		for _, at := range b.Listeners {
			add(at.Bind)
		}
	}
	if p.ZooKeeper == "" {
		add(p.zkListen)
	}
	return open
}

// Unreachable says which clients are sent to an address where nobody listens, "" if none is.
func (p *Plan) Unreachable() string {
	for _, b := range p.Brokers {
		for _, at := range b.Listeners {
			host, _, err := net.SplitHostPort(at.Bind)
			if err == nil && isLoopback(host) && !isLoopback(at.Host) {
				return fmt.Sprintf("broker-%d listens on %s, and sends its clients to %s: give --bind %s, "+
					"or '%s' for every address", b.Config.ID, at.Bind,
					model.JoinAddress(at.Host, at.Port), at.Host, Everywhere)
			}
		}
	}
	return ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func isUnspecified(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsUnspecified()
}
