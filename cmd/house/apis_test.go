package house

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	protocol "github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
)

// contract is what an API's file says at its head that it does.
type contract struct {
	file          string
	name          string
	key, min, max int
	does, doesNot string
	state         string
}

// contracts are the heads of the files of APIs, by key. Each stands in the room that answers.
func contracts(t *testing.T) map[int]contract {
	t.Helper()
	all := map[int]contract{}
	root := moduleRoot(t)
	for _, dir := range []string{"broker", "broker/controller", "broker/group", "broker/replica"} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		require.NoError(t, err)
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			head, _, _ := strings.Cut(string(text), "\n\npackage ")
			if first, _, _ := strings.Cut(head, "\n"); !strings.Contains(first, " (key ") {
				require.NotContains(t, path, "/api_", "an API's file begins with its contract")
				continue
			}
			for _, one := range strings.Split(head, "\n//\n") {
				c := parseContract(t, path, one)
				require.NotContains(t, all, c.key, "two contracts of %s", c.name)
				all[c.key] = c
			}
		}
	}
	return all
}

// parseContract reads the lines
//
//	// Fetch (key 1): v4–v17.
//	// Does: …  Does not: …  State: …  Lessons: …
func parseContract(t *testing.T, path, text string) contract {
	t.Helper()
	words := strings.Join(strings.Fields(strings.ReplaceAll("\n"+text, "\n// ", " ")), " ")
	form := regexp.MustCompile(`^(\w+) \(key (\d+)\): v(\d+)(?:–v(\d+))?\. ` +
		`Does: (.+?)(?: Does not: (.+?))? State: (.+?) Lessons: (.+)\.$`)
	m := form.FindStringSubmatch(words)
	require.NotNil(t, m, "%s: the contract has another form:\n%s", path, words)
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		return n
	}
	c := contract{file: filepath.Base(path), name: m[1], key: number(m[2]), min: number(m[3]),
		does: m[5], doesNot: m[6], state: m[7]}
	if c.max = c.min; m[4] != "" {
		c.max = number(m[4])
	}
	return c
}

// Every API has its file, which says at its head the versions that the broker serves, and the file
// is called after the API or after what it has in common with others.
func TestContractsAreTheTable(t *testing.T) {
	all := contracts(t)
	require.Len(t, all, len(broker.APIs()))
	for _, api := range broker.APIs() {
		c, found := all[int(api.Key)]
		require.True(t, found, "%s has no contract", api.Name)
		// kmsg has a name of its own for one of them.
		name := strings.Replace(api.Name, "AlterPartitionAssignments", "AlterPartitionReassignments", 1)
		require.True(t, strings.EqualFold(name, c.name), "%s calls itself %s", name, c.name)
		require.Equal(t, [2]int{int(api.Min), int(api.Max)}, [2]int{c.min, c.max}, api.Name)
	}
}

// notServed are APIs that clients have calls for, or a broker of 3.9 with ZooKeeper has, and why a
// broker here lacks them.
func notServed() []struct {
	why  string
	keys []protocol.Key
} {
	return []struct {
		why  string
		keys []protocol.Key
	}{
		{"transactions, which are not there yet", []protocol.Key{protocol.AddPartitionsToTxn,
			protocol.AddOffsetsToTxn, protocol.EndTxn, protocol.WriteTxnMarkers, protocol.TxnOffsetCommit,
			protocol.DescribeTransactions, protocol.ListTransactions}},
		{"quotas and credentials cannot be set", []protocol.Key{protocol.AlterClientQuotas,
			protocol.AlterUserSCRAMCredentials}},
		{"the consumer group protocol of KIP-848", []protocol.Key{protocol.ConsumerGroupHeartbeat,
			protocol.ConsumerGroupDescribe}},
		{"finalized features (KIP-584), of which ZooKeeper mode has none", []protocol.Key{
			protocol.UpdateFeatures}},
		{"the migration to KRaft", []protocol.Key{protocol.Envelope, protocol.AllocateProducerIDs}},
		{"KRaft alone serves them, also in Apache Kafka", []protocol.Key{protocol.DescribeQuorum,
			protocol.UnregisterBroker, protocol.DescribeTopicPartitions, protocol.GetTelemetrySubscriptions,
			protocol.PushTelemetry, protocol.ShareGroupHeartbeat, protocol.ShareFetch}},
	}
}

func TestNotServedIsNotServed(t *testing.T) {
	served := contracts(t)
	for _, group := range notServed() {
		for _, key := range group.keys {
			require.NotContains(t, served, int(key.Int16()), key.Name())
		}
	}
}

// apiTable is what a broker serves, by key, and what it does not.
func apiTable(t *testing.T) string {
	var b strings.Builder
	all := contracts(t)
	keys := make([]int, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	b.WriteString("| key | API | versions | does | does not |\n|---|---|---|---|---|\n")
	for _, key := range keys {
		c := all[key]
		versions := fmt.Sprintf("%d–%d", c.min, c.max)
		if c.min == c.max {
			versions = strconv.Itoa(c.min)
		}
		without := c.doesNot
		if without == "nothing is left out." {
			without = ""
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", key, c.name, versions, cell(c.does), cell(without))
	}
	b.WriteString("\nNot served; a request of these loses its connection, as in Apache Kafka:\n\n")
	for _, group := range notServed() {
		var names []string
		for _, key := range group.keys {
			names = append(names, fmt.Sprintf("%s (%d)", key.Name(), key.Int16()))
		}
		fmt.Fprintf(&b, "- %s: %s\n", strings.Join(names, ", "), group.why)
	}
	return b.String()
}
