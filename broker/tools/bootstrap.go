package tools

import (
	"os"
	"strings"
	"time"

	"sandcastle/model"
)

// Bootstrap is where the cluster is, and how long to try to reach it.
type Bootstrap struct {
	Servers string // HOST:PORT, apart by commas; "" for BootstrapVar, or else DefaultBootstrap
	Timeout time.Duration
}

const (
	// BootstrapVar is the environment variable that stands for --bootstrap.
	BootstrapVar     = "SANDCASTLE_BOOTSTRAP"
	DefaultBootstrap = "localhost:9092"
	defaultPort      = 9092
)

// Addrs are the addresses to begin with, checked.
func (b *Bootstrap) Addrs() ([]string, error) {
	if b.Timeout <= 0 {
		return nil, model.BadInput("--timeout %s: give it some time, as in 5s", b.Timeout)
	}
	text, from := b.Servers, "--bootstrap"
	if text == "" {
		text, from = os.Getenv(BootstrapVar), BootstrapVar
	}
	if text == "" {
		text = DefaultBootstrap
	}
	var addrs []string
	for _, addr := range strings.Split(text, ",") {
		addr = strings.TrimSpace(addr)
		host, port, ok := model.SplitAddress(addr)
		if !ok {
			host, port, ok = model.SplitAddress(model.JoinAddress(addr, defaultPort))
		}
		if !ok || host == "" || port == 0 || strings.Contains(host, "/") {
			return nil, model.BadInput("%s %s: want HOST:PORT[,HOST:PORT…], as in %s", from, text,
				DefaultBootstrap)
		}
		addrs = append(addrs, model.JoinAddress(host, port))
	}
	return addrs, nil
}
