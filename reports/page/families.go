package page

import (
	"strings"

	"sandcastle/reports/digest"
)

// family is a conversation that a cluster holds. The script colours messages by it, and the legend
// explains it.
type family struct {
	ID, Name string
	Ink      string // a variable of the style sheet
	About    string
	apis     []string
}

// The families by their places in families.
const (
	writing = iota
	replication
	reading
	groups
	control
	zooKeeper
)

// families are all of them. What no family names belongs to control.
func families() []family {
	return []family{
		writing: {"write", "Writing", "blue", "producers send records", []string{
			"Produce", "InitProducerID", "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn",
			"TxnOffsetCommit", "WriteTxnMarkers", "DeleteRecords",
		}},
		replication: {"copy", "Replication", "green", "followers fetch from leaders", nil},
		reading: {"read", "Reading", "purple", "consumers fetch records", []string{
			"Fetch", "ListOffsets", "OffsetForLeaderEpoch",
		}},
		groups: {"group", "Groups", "orange", "members join, commit, keep alive", []string{
			"FindCoordinator", "JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup", "OffsetCommit",
			"OffsetFetch", "OffsetDelete", "DescribeGroups", "ListGroups", "DeleteGroups",
		}},
		control:   {"control", "Control", "vermillion", "metadata, leaders, the in-sync set", nil},
		zooKeeper: {"zookeeper", "ZooKeeper", "grey", "sessions, elections, stored state", nil},
	}
}

// Brief is the family's name inside of a line.
func (f family) Brief() string {
	if f.ID == "zookeeper" {
		return f.Name
	}
	return strings.ToLower(f.Name)
}

// familyFinder finds the family of messages. What a broker asks another as consumers do is
// replication.
type familyFinder struct{ byAPI map[string]int }

func newFamilyFinder() familyFinder {
	f := familyFinder{byAPI: map[string]int{}}
	for i, row := range families() {
		for _, api := range row.apis {
			f.byAPI[api] = i
		}
	}
	return f
}

// of is the family of a message, 0 for an event that is none.
func (f familyFinder) of(d *digest.Diagram, e *digest.DiagramEvent) int {
	if e.Label.Name == "" {
		return 0
	}
	if strings.HasPrefix(e.Label.Name, "zk.") {
		return zooKeeper
	}
	found, known := f.byAPI[e.Label.Name]
	if !known {
		return control
	}
	asker := e.Peer
	if e.Label.Reply {
		asker = e.Lane
	}
	if found == reading && asker >= 0 && d.Lanes[asker].Role == "broker" {
		return replication
	}
	return found
}
