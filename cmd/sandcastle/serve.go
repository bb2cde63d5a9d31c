package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/broker/host"
	"sandcastle/broker/metrics"
	"sandcastle/broker/serve"
	"sandcastle/model"
)

// serveFlags are the flags of the command serve.
type serveFlags struct {
	serve.Options
	metrics string
	verbose bool
}

func newServe() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the same brokers on real sockets and files",
		Long: `Starts a Kafka cluster in this process: ZooKeeper and brokers, the same code that the
simulator plays, on real sockets and files. Any Kafka client may connect. It ends in good order on
SIGINT or SIGTERM, with exit code 0, for that is how it is meant to end; at once on a second one, or
when some broker does not manage within 20 s, with 130 or 143. Exit code 3: what is in the way is
said, ports, disks, settings or a file of the data that cannot be read.

It listens on this machine alone, localhost, unless --bind or $SANDCASTLE_BIND say where ('*' is
everywhere), or Kafka's own listeners do. Nobody has to say who he is: who reaches it may read,
write and delete everything.

Without --data the files are in a temporary directory that is removed at the end. How many
descriptors (ulimit -n) it needs it says when it starts, with a warning where they are too few.

--broker-id runs a single broker and --zookeeper-only a ZooKeeper alone, so that a cluster can span
processes and machines. Brokers are configured under the names of Kafka's server.properties: in a
file (--config), by environment variables as the common container images have them
(KAFKA_ADVERTISED_LISTENERS for advertised.listeners), and by --set; a later one of these counts
more, a flag of its own the most. KAFKA_BROKER_ID or KAFKA_ZOOKEEPER_CONNECT make it a single broker
too. KRaft and TLS are not there yet.`,
		Example: `  sandcastle serve
  sandcastle serve --brokers 3 --topic orders:3:3 --data /var/lib/sandcastle
  sandcastle serve --zookeeper-only --data zk
  sandcastle serve --broker-id 2 --port 9093 --zookeeper localhost:2181 --data b2
  KAFKA_ZOOKEEPER_CONNECT=zk:2181 KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://kafka:9092 \
    sandcastle serve`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return model.BadInput("serve takes no arguments: %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return serveCluster(cmd, &f) },
	}
	f.add(cmd)
	return cmd
}

func (f *serveFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&f.Brokers, "brokers", 1, "how many brokers")
	flags.IntVar(&f.BrokerID, "broker-id", 0, "run a single broker with this `ID`")
	flags.BoolVar(&f.ZooKeeperOnly, "zookeeper-only", false, "run a ZooKeeper and no brokers")
	flags.IntVar(&f.Port, "port", 9092, "port of the first broker; the next has the next one")
	flags.IntVar(&f.ZooKeeperPort, "zookeeper-port", 2181, "port of ZooKeeper")
	flags.StringVar(&f.ZooKeeper, "zookeeper", "",
		"`SERVERS` of a ZooKeeper that runs elsewhere, HOST:PORT apart by commas")
	flags.StringVar(&f.Advertised, "advertised", "localhost", "`HOST` that clients are told")
	flags.StringVar(&f.Bind, "bind", "",
		"`ADDRESS` to listen on, '*' for all (default: $"+serve.BindVar+" or "+serve.Loopback+")")
	flags.StringVar(&f.Data, "data", "", "`DIR` to keep data in (default: a temporary one)")
	flags.StringVar(&f.ConfigFile, "config", "", "`FILE` with settings, as server.properties")
	flags.StringArrayVar(&f.Topics, "topic", nil, "create `NAME:PARTITIONS:REPLICAS`; may be repeated")
	flags.StringArrayVar(&f.Settings, "set", nil,
		"broker setting `NAME=VALUE`, as in server.properties; may be repeated")
	flags.StringVar(&f.metrics, "metrics", "",
		"answer /metrics (Prometheus) and /healthz at `[HOST]:PORT`")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "log what happens, not only warnings and errors")
}

// logger writes warnings and errors, and with -v what happens.
func (f *serveFlags) logger(w io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if f.verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

func serveCluster(cmd *cobra.Command, f *serveFlags) error {
	p, err := serve.NewPlan(&f.Options, cmd.Flags().Changed, os.Environ())
	if err != nil {
		return err
	}
	if len(p.Idle) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "without effect here: %s\n", strings.Join(p.Idle, ", "))
	}
	if text := p.Unreachable(); text != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), text)
	}
	if p.Data == "" {
		if p.Data, err = os.MkdirTemp("", "sandcastle-"); err != nil {
			return model.BadInput("cannot make a temporary directory: %s", model.PlainCause(err))
		}
		defer os.RemoveAll(p.Data)
	}
	cfg := p.Cluster()
	cfg.Log = f.logger(cmd.ErrOrStderr())
	ctx, stop := untilSignal(context.Background())
	defer stop()
	started := time.Now()
	cluster, err := host.StartCluster(cfg)
	if err != nil {
		return serve.StartProblem(err)
	}
	if f.metrics != "" {
		stopMetrics, err := metrics.Serve(f.metrics, cluster, p.IDs())
		if err != nil {
			cluster.Shutdown(ctx)
			return err
		}
		defer stopMetrics()
	}
	fmt.Fprintln(cmd.ErrOrStderr(), cluster.Descriptors())
	err = ready(ctx, cmd, cluster, p)
	if err == nil {
		printCluster(cmd, cluster, p, time.Since(started))
		err = cluster.Ended(ctx)
	}
	if ctx.Err() != nil {
		err = nil
		fmt.Fprintln(cmd.ErrOrStderr(), "stopping; once more ends at once")
	}
	stop() // a second signal ends the program
	patience, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if !cluster.Shutdown(patience) && err == nil {
		return signalExit(ctx, serve.ErrCutShort)
	}
	return serve.EndProblem(err)
}

// ready waits for the cluster and creates the topics that were asked for. When it takes long it
// says what it waits for.
func ready(ctx context.Context, cmd *cobra.Command, c *host.Cluster, p *serve.Plan) error {
	late := time.AfterFunc(3*time.Second, func() {
		fmt.Fprintln(cmd.ErrOrStderr(), p.WaitsFor())
	})
	defer late.Stop()
	if err := c.Ready(ctx); err != nil {
		return err
	}
	return c.CreateTopics(ctx, p.Topics)
}

// printCluster says where everything is.
func printCluster(cmd *cobra.Command, c *host.Cluster, p *serve.Plan, took time.Duration) {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "ready in %d ms, %s\n\n", took.Milliseconds(), p.Reach())
	for i, addrs := range c.Listeners() {
		fmt.Fprintf(out, "  %-12s %s\n", fmt.Sprintf("broker-%d", p.Brokers[i].Config.ID),
			strings.Join(addrs, ", "))
	}
	zooKeeper := c.ZooKeeperAddr()
	if zooKeeper == "" {
		zooKeeper = p.ZooKeeper + " (elsewhere)"
	}
	fmt.Fprintf(out, "  %-12s %s\n  %-12s %s\n", "zookeeper", zooKeeper, "data", p.Data)
	if len(c.Addrs()) > 0 {
		fmt.Fprintf(out, "\nbootstrap.servers=%s\n", strings.Join(c.Addrs(), ","))
	}
}
