package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// api is one row of what this broker serves.
type api struct {
	key      int16
	versions wire.Range
	handle   func(b *Broker, out *model.Effects, r *request)
}

// apiTable lists every API that the broker serves, in the order of the keys. Each has its file,
// api_<name>.go, which opens with its contract.
func apiTable() []api {
	return []api{
		{0, wire.Range{Min: 0, Max: 11}, (*Broker).handleProduce},
		{1, wire.Range{Min: 0, Max: 16}, (*Broker).handleFetch},
		{2, wire.Range{Min: 1, Max: 9}, (*Broker).handleListOffsets},
		{3, wire.Range{Min: 0, Max: 12}, (*Broker).handleMetadata},
		{4, wire.Range{Min: 5, Max: 7}, (*Broker).handleLeaderAndIsr},
		{5, wire.Range{Min: 3, Max: 4}, (*Broker).handleStopReplica},
		{6, wire.Range{Min: 6, Max: 8}, (*Broker).handleUpdateMetadata},
		{7, wire.Range{Min: 0, Max: 3}, (*Broker).handleControlledShutdown},
		{8, wire.Range{Min: 0, Max: 9}, (*Broker).handleOffsetCommit},
		{9, wire.Range{Min: 0, Max: 9}, (*Broker).handleOffsetFetch},
		{10, wire.Range{Min: 0, Max: 6}, (*Broker).handleFindCoordinator},
		{11, wire.Range{Min: 0, Max: 9}, (*Broker).handleJoinGroup},
		{12, wire.Range{Min: 0, Max: 4}, (*Broker).handleHeartbeat},
		{13, wire.Range{Min: 0, Max: 5}, (*Broker).handleLeaveGroup},
		{14, wire.Range{Min: 0, Max: 5}, (*Broker).handleSyncGroup},
		{15, wire.Range{Min: 0, Max: 5}, (*Broker).handleDescribeGroups},
		{16, wire.Range{Min: 0, Max: 5}, (*Broker).handleListGroups},
		{17, wire.Range{Min: 0, Max: 1}, (*Broker).handleSASLHandshake},
		{18, wire.Range{Min: 0, Max: 4}, (*Broker).handleAPIVersions},
		{19, wire.Range{Min: 0, Max: 7}, (*Broker).handleCreateTopics},
		{20, wire.Range{Min: 0, Max: 6}, (*Broker).handleDeleteTopics},
		{21, wire.Range{Min: 0, Max: 2}, (*Broker).handleDeleteRecords},
		{22, wire.Range{Min: 0, Max: 5}, (*Broker).handleInitProducerID},
		{23, wire.Range{Min: 0, Max: 4}, (*Broker).handleOffsetForLeaderEpoch},
		{29, wire.Range{Min: 0, Max: 3}, (*Broker).handleDescribeACLs},
		{30, wire.Range{Min: 0, Max: 3}, (*Broker).handleCreateACLs},
		{31, wire.Range{Min: 0, Max: 3}, (*Broker).handleDeleteACLs},
		{32, wire.Range{Min: 0, Max: 4}, (*Broker).handleDescribeConfigs},
		{33, wire.Range{Min: 0, Max: 2}, (*Broker).handleAlterConfigs},
		{34, wire.Range{Min: 0, Max: 2}, (*Broker).handleAlterReplicaLogDirs},
		{35, wire.Range{Min: 0, Max: 4}, (*Broker).handleDescribeLogDirs},
		{36, wire.Range{Min: 0, Max: 2}, (*Broker).handleSASLAuthenticate},
		{37, wire.Range{Min: 0, Max: 3}, (*Broker).handleCreatePartitions},
		{38, wire.Range{Min: 0, Max: 3}, (*Broker).handleCreateDelegationToken},
		{39, wire.Range{Min: 0, Max: 2}, (*Broker).handleRenewDelegationToken},
		{40, wire.Range{Min: 0, Max: 2}, (*Broker).handleExpireDelegationToken},
		{41, wire.Range{Min: 0, Max: 3}, (*Broker).handleDescribeDelegationToken},
		{42, wire.Range{Min: 0, Max: 2}, (*Broker).handleDeleteGroups},
		{43, wire.Range{Min: 0, Max: 2}, (*Broker).handleElectLeaders},
		{44, wire.Range{Min: 0, Max: 1}, (*Broker).handleIncrementalAlterConfigs},
		{45, wire.Range{Min: 0, Max: 0}, (*Broker).handleAlterPartitionReassignments},
		{46, wire.Range{Min: 0, Max: 0}, (*Broker).handleListPartitionReassignments},
		{47, wire.Range{Min: 0, Max: 0}, (*Broker).handleOffsetDelete},
		{48, wire.Range{Min: 0, Max: 1}, (*Broker).handleDescribeClientQuotas},
		{50, wire.Range{Min: 0, Max: 0}, (*Broker).handleDescribeUserSCRAMCredentials},
		{56, wire.Range{Min: 0, Max: 3}, (*Broker).handleAlterPartition},
		{60, wire.Range{Min: 0, Max: 1}, (*Broker).handleDescribeCluster},
		{61, wire.Range{Min: 0, Max: 0}, (*Broker).handleDescribeProducers},
	}
}

// API is one request that a broker serves, in the versions from Min to Max.
type API struct {
	Key      int16
	Name     string
	Min, Max int16
}

// APIs lists what a broker serves, in the order of the keys.
func APIs() []API {
	var list []API
	for _, a := range apiTable() {
		list = append(list, API{a.key, kmsg.NameForKey(a.key), a.versions.Min, a.versions.Max})
	}
	return list
}

// APINames lists the requests that a broker serves, by name, in the order of their keys.
func APINames() []string {
	table := apiTable()
	names := make([]string, len(table))
	for i, a := range table {
		names[i] = kmsg.NameForKey(a.key)
	}
	return names
}

// served tells which versions of an API the broker serves.
func (b *Broker) served(key int16) (wire.Range, bool) {
	if key < 0 || int(key) >= len(b.apis) || b.apis[key].handle == nil {
		return wire.Range{}, false
	}
	return b.apis[key].versions, true
}

// apisByKey spreads the table out so that a key is an index.
func apisByKey() []api {
	table := apiTable()
	apis := make([]api, table[len(table)-1].key+1)
	for _, a := range table {
		apis[a.key] = a
	}
	return apis
}
