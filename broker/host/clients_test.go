package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// library is a client library that people use.
type library struct {
	codecs []string
	// produce sends the records to partition 1 of orders, compressed with codec, and waits until they
	// are acknowledged by all replicas.
	produce func(t *testing.T, addrs []string, codec string, records []keyed)
	// spread sends records to the partitions that the library picks by their keys.
	spread func(t *testing.T, addrs []string, records []keyed)
	// read returns the first n records of partition 1.
	read func(t *testing.T, addrs []string, n int) []keyed
	// join starts a member of a group that subscribes to orders. What it receives it commits, at the
	// latest when it leaves.
	join func(t *testing.T, addrs []string, group string, received func(value string)) (leave func())
}

// keyed is a record with its key.
type keyed struct{ key, value string }

func numbered(prefix string, n int) []keyed {
	list := make([]keyed, n)
	for i := range list {
		list[i] = keyed{fmt.Sprintf("key-%d", i%7), fmt.Sprintf("%s-%d", prefix, i)}
	}
	return list
}

// collected is what the members of a group have received.
type collected struct {
	mu     sync.Mutex
	values []string
}

func (c *collected) add(value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values = append(c.values, value)
}

// take waits for n values and returns them sorted; a value that came twice is there twice.
func (c *collected) take(t *testing.T, n int) []string {
	require.Eventually(t, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.values) >= n
	}, 30*time.Second, 10*time.Millisecond)
	time.Sleep(50 * time.Millisecond) // nothing more may come
	c.mu.Lock()
	defer c.mu.Unlock()
	values := slices.Sorted(slices.Values(c.values))
	c.values = nil
	return values
}

func valuesOf(records []keyed) []string {
	var list []string
	for _, r := range records {
		list = append(list, r.value)
	}
	slices.Sort(list)
	return list
}

// ordinaryWork has a library do what it does every day against three brokers: every codec, a
// partition of its choice, keys, a group of two members with a rebalance, commits, and a member that
// goes on where others stopped.
func ordinaryWork(t *testing.T, lib library) {
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	addrs := c.Addrs()

	var sent []keyed
	for _, codec := range lib.codecs {
		records := numbered(codec, 20)
		lib.produce(t, addrs, codec, records)
		sent = append(sent, records...)
	}
	require.Equal(t, sent, lib.read(t, addrs, len(sent)))

	var got collected
	admin := newAdmin(t, addrs)
	leaveA := lib.join(t, addrs, "group-1", got.add)
	got.take(t, len(sent)) // a new group begins at the beginning
	leaveB := lib.join(t, addrs, "group-1", got.add)
	awaitBalance(t, admin, "group-1", 2)
	more := numbered("more", 60)
	lib.spread(t, addrs, more)
	require.Equal(t, valuesOf(more), got.take(t, len(more)))

	leaveA()
	awaitBalance(t, admin, "group-1", 1) // the other one takes over
	last := numbered("last", 10)
	lib.spread(t, addrs, last)
	require.Equal(t, valuesOf(last), got.take(t, len(last)))
	leaveB()

	missed := numbered("missed", 10)
	lib.spread(t, addrs, missed)
	leaveC := lib.join(t, addrs, "group-1", got.add)
	require.Equal(t, valuesOf(missed), got.take(t, len(missed)))
	leaveC()
	awaitState(t, admin, "group-1", "Empty")
	committedAll(t, admin, "group-1", "orders")
}

func newAdmin(t *testing.T, addrs []string) *kadm.Client {
	client, err := kgo.NewClient(kgo.SeedBrokers(addrs...))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return kadm.NewClient(client)
}

// awaitBalance waits until a group is stable with so many members, who share the two partitions.
func awaitBalance(t *testing.T, admin *kadm.Client, group string, members int) {
	var last kadm.DescribedGroup
	require.Eventually(t, func() bool {
		groups, err := admin.DescribeGroups(context.Background(), group)
		if err != nil {
			return false
		}
		last = groups[group]
		if last.State != "Stable" || len(last.Members) != members {
			return false
		}
		for _, m := range last.Members {
			assigned, ok := m.Assigned.AsConsumer()
			if !ok || len(assigned.Topics) != 1 || len(assigned.Topics[0].Partitions) != 2/members {
				return false
			}
		}
		return true
	}, 40*time.Second, 20*time.Millisecond, "%v", &last)
}

// program finds an installed program, or skips the test and says how to get it.
func program(t *testing.T, name string) string {
	if os.Getenv("SANDCASTLE_CLIENTS") == "" {
		t.Skipf("runs %s, which takes a while: make test-clients installs it and runs this", name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: make test-clients installs it", name)
	}
	return path
}

// modules is where `make test-clients` has installed kafkajs.
func modules(t *testing.T) string {
	dir, err := filepath.Abs("../../out/clients/node_modules")
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(dir, "kafkajs")); err != nil {
		t.Skip("kafkajs is not installed: make test-clients installs it")
	}
	return dir
}
