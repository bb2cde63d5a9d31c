package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// bootstrapFlags are how every client command is told where the cluster is.
type bootstrapFlags struct {
	servers string
	timeout time.Duration
}

const (
	// bootstrapVar is the environment variable that stands for --bootstrap.
	bootstrapVar     = "SANDCASTLE_BOOTSTRAP"
	defaultBootstrap = "localhost:9092"
	defaultPort      = 9092
)

// add adds the flags to cmd and all commands below it.
func (b *bootstrapFlags) add(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVarP(&b.servers, "bootstrap", "b", "",
		"`SERVERS` to begin with, HOST:PORT apart by commas (default: $"+bootstrapVar+
			" or "+defaultBootstrap+")")
	flags.DurationVar(&b.timeout, "timeout", 5*time.Second, "how long to try to reach the cluster")
}

// addrs are the addresses to begin with, checked.
func (b *bootstrapFlags) addrs() ([]string, error) {
	if b.timeout <= 0 {
		return nil, inputError("--timeout %s: give it some time, as in 5s", b.timeout)
	}
	text, from := b.servers, "--bootstrap"
	if text == "" {
		text, from = os.Getenv(bootstrapVar), bootstrapVar
	}
	if text == "" {
		text = defaultBootstrap
	}
	var addrs []string
	for _, addr := range strings.Split(text, ",") {
		addr = strings.TrimSpace(addr)
		host, port, ok := model.SplitAddress(addr)
		if !ok {
			host, port, ok = model.SplitAddress(model.JoinAddress(addr, defaultPort))
		}
		if !ok || host == "" || port == 0 || strings.Contains(host, "/") {
			return nil, inputError("%s %s: want HOST:PORT[,HOST:PORT…], as in %s", from, text,
				defaultBootstrap)
		}
		addrs = append(addrs, model.JoinAddress(host, port))
	}
	return addrs, nil
}

// refusal is a broker's answer that is no success, as a person reads it.
func refusal(about string, code wire.Code, message string) error {
	text := about + ": " + code.String()
	if message != "" && message != code.String() {
		text += ": " + strings.TrimSuffix(message, ".")
	}
	return refused("%s", text)
}

// refused is an operation that the cluster did not carry out.
func refused(format string, args ...any) error {
	return &exitError{exitViolated, fmt.Errorf(format, args...)}
}
