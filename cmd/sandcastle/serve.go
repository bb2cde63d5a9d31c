package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/host"
)

// serveFlags are what serve was told.
type serveFlags struct {
	cluster  host.ClusterConfig
	topics   []string
	settings []string
	verbose  bool
}

func newServe() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the same brokers on real sockets and files",
		Long: `Starts a Kafka cluster in this process: ZooKeeper and brokers, the same code that the
simulator plays, on real sockets and files. Any Kafka client may connect. It ends in good order on
SIGINT or SIGTERM, at once on a second one.

Without --data the files are in a temporary directory that is removed at the end.`,
		Example: `  sandcastle serve
  sandcastle serve --brokers 3 --topic orders:3:3 --data /var/lib/sandcastle`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return inputError("serve takes no arguments: %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, &f) },
	}
	flags := cmd.Flags()
	flags.IntVar(&f.cluster.Brokers, "brokers", 1, "how many brokers")
	flags.IntVar(&f.cluster.Port, "port", 9092, "port of the first broker; the next has the next one")
	flags.IntVar(&f.cluster.ZooKeeperPort, "zookeeper-port", 2181, "port of ZooKeeper")
	flags.StringVar(&f.cluster.ZooKeeper, "zookeeper", "",
		"`HOST:PORT` of a ZooKeeper that runs elsewhere")
	flags.StringVar(&f.cluster.Advertised, "advertised", "localhost", "`HOST` that clients are told")
	flags.StringVar(&f.cluster.Bind, "bind", "", "`ADDRESS` to listen on (default: all)")
	flags.StringVar(&f.cluster.Data, "data", "", "`DIR` to keep data in (default: a temporary one)")
	flags.StringArrayVar(&f.topics, "topic", nil, "create `NAME:PARTITIONS:REPLICAS`; may be repeated")
	flags.StringArrayVar(&f.settings, "set", nil,
		"broker setting `NAME=VALUE`, as in server.properties; may be repeated")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "log what the host has to say")
	return cmd
}

func serve(cmd *cobra.Command, f *serveFlags) error {
	if f.cluster.Brokers < 1 {
		return inputError("--brokers %d: a cluster has at least 1", f.cluster.Brokers)
	}
	topics, err := parseTopics(f.topics)
	if err != nil {
		return err
	}
	if f.cluster.Configure, err = configureBroker(f.settings); err != nil {
		return err
	}
	if f.cluster.Data == "" {
		if f.cluster.Data, err = os.MkdirTemp("", "sandcastle-"); err != nil {
			return inputError("cannot make a temporary directory: %s", plainCause(err))
		}
		defer os.RemoveAll(f.cluster.Data)
	}
	if f.verbose {
		f.cluster.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	started := time.Now()
	cluster, err := host.StartCluster(f.cluster)
	if err != nil {
		return startProblem(err)
	}
	err = cluster.Ready(ctx)
	if err == nil {
		err = cluster.CreateTopics(ctx, topics)
	}
	if err == nil {
		printCluster(cmd, cluster, f, time.Since(started))
		<-ctx.Done()
		fmt.Fprintln(cmd.ErrOrStderr(), "stopping; once more ends at once")
	}
	stop() // a second signal ends the program
	patience, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cluster.Shutdown(patience)
	if err != nil && ctx.Err() == nil {
		return &exitError{exitInternal, err}
	}
	return nil
}

// startProblem says what is in the way in one sentence.
func startProblem(err error) error {
	var op *net.OpError
	var inUse *host.InUseError
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && errors.As(err, &op):
		return inputError("%s is in use: stop what listens there, or give another --port", op.Addr)
	case errors.As(err, &inUse):
		return inputError("%s: stop that one, or give another --data", inUse)
	case errors.Is(err, os.ErrPermission):
		return inputError("%s: give another --data or --port", err)
	default:
		return inputError("%s", err)
	}
}

// parseTopics reads name[:partitions[:replicas]].
func parseTopics(list []string) ([]client.CreateTopic, error) {
	var topics []client.CreateTopic
	for _, text := range list {
		parts := strings.Split(text, ":")
		numbers := []int64{1, 1}
		for i, p := range parts[1:] {
			n, err := strconv.ParseInt(p, 10, 16)
			if err != nil || n < 1 || i > 1 {
				return nil, inputError("--topic %s: want name[:partitions[:replicas]], as in orders:3:2", text)
			}
			numbers[i] = n
		}
		if parts[0] == "" {
			return nil, inputError("--topic %s: a topic has a name", text)
		}
		topics = append(topics, client.CreateTopic{
			Name: parts[0], Partitions: int32(numbers[0]), Replicas: int16(numbers[1]),
		})
	}
	return topics, nil
}

// configureBroker returns what sets name=value, once all of it is known to be right.
func configureBroker(settings []string) (func(*broker.Config) error, error) {
	set := func(cfg *broker.Config) error {
		for _, s := range settings {
			name, value, ok := strings.Cut(s, "=")
			if !ok {
				return inputError("--set %s: want name=value", s)
			}
			if err := cfg.Set(name, value); err != nil {
				return inputError("--set %s: %s", s, err)
			}
		}
		return nil
	}
	probe := broker.NewConfig(1, "localhost", 9092, "localhost:2181")
	return set, set(&probe)
}

// printCluster says where everything is.
func printCluster(cmd *cobra.Command, c *host.Cluster, f *serveFlags, took time.Duration) {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "ready in %d ms\n\n", took.Milliseconds())
	for i, addr := range c.Addrs() {
		fmt.Fprintf(out, "  %-12s %s\n", fmt.Sprintf("broker-%d", i+1), addr)
	}
	zooKeeper := c.ZooKeeperAddr()
	if zooKeeper == "" {
		zooKeeper = f.cluster.ZooKeeper
	}
	fmt.Fprintf(out, "  %-12s %s\n  %-12s %s\n\n", "zookeeper", zooKeeper, "data", f.cluster.Data)
	fmt.Fprintf(out, "bootstrap.servers=%s\n", strings.Join(c.Addrs(), ","))
}
