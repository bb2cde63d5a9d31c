package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/controller"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// api is one row of what this broker serves.
type api struct {
	key      int16
	min, max int16 // versions
	handle   handler
}

type (
	handler = func(b *Broker, out *model.Effects, r *request)
	reply   = func(out *model.Effects, resp kmsg.Response)
)

// in has a part of the broker handle a request: it is handed the body and the way to reply.
func in[Part any, Q kmsg.Request, R ~reply](part func(*Broker) Part,
	handle func(Part, *model.Effects, Q, R),
) handler {
	return func(b *Broker, out *model.Effects, r *request) {
		handle(part(b), out, r.Body.(Q), b.replier(r))
	}
}

func theConfigs(b *Broker) *configs                  { return &b.configs }
func theCoordinator(b *Broker) *group.Coordinator    { return b.groups }
func theController(b *Broker) *controller.Controller { return b.controller }

// apiTable lists every API that the broker serves, in the order of the keys. What an API does
// stands in the room that answers it, in a file that opens with the API's contract; here is its row
// alone.
func apiTable() []api {
	return []api{
		{0, 0, 11, (*Broker).handleProduce},
		{1, 0, 16, (*Broker).handleFetch},
		{2, 1, 9, (*Broker).handleListOffsets},
		{3, 0, 12, (*Broker).handleMetadata},
		{4, 5, 7, (*Broker).handleLeaderAndIsr},
		{5, 3, 4, (*Broker).handleStopReplica},
		{6, 6, 8, (*Broker).handleUpdateMetadata},
		{7, 0, 3, in(theController, (*controller.Controller).HandleControlledShutdown)},
		{8, 0, 9, in(theCoordinator, (*group.Coordinator).HandleOffsetCommit)},
		{9, 0, 9, in(theCoordinator, (*group.Coordinator).HandleOffsetFetch)},
		{10, 0, 6, (*Broker).handleFindCoordinator},
		{11, 0, 9, (*Broker).handleJoinGroup},
		{12, 0, 4, in(theCoordinator, (*group.Coordinator).HandleHeartbeat)},
		{13, 0, 5, in(theCoordinator, (*group.Coordinator).HandleLeaveGroup)},
		{14, 0, 5, in(theCoordinator, (*group.Coordinator).HandleSyncGroup)},
		{15, 0, 5, in(theCoordinator, (*group.Coordinator).HandleDescribeGroups)},
		{16, 0, 5, in(theCoordinator, (*group.Coordinator).HandleListGroups)},
		{17, 0, 1, (*Broker).handleSASLHandshake},
		{18, 0, 4, (*Broker).handleAPIVersions},
		{19, 0, 7, in(theController, (*controller.Controller).HandleCreateTopics)},
		{20, 0, 6, in(theController, (*controller.Controller).HandleDeleteTopics)},
		{21, 0, 2, (*Broker).handleDeleteRecords},
		{22, 0, 5, (*Broker).handleInitProducerID},
		{23, 0, 4, (*Broker).handleOffsetForLeaderEpoch},
		{29, 0, 3, (*Broker).handleDescribeACLs},
		{30, 0, 3, (*Broker).handleCreateACLs},
		{31, 0, 3, (*Broker).handleDeleteACLs},
		{32, 0, 4, in(theConfigs, (*configs).handleDescribeConfigs)},
		{33, 0, 2, in(theConfigs, (*configs).handleAlterConfigs)},
		{34, 0, 2, (*Broker).handleAlterReplicaLogDirs},
		{35, 0, 4, (*Broker).handleDescribeLogDirs},
		{36, 0, 2, (*Broker).handleSASLAuthenticate},
		{37, 0, 3, in(theController, (*controller.Controller).HandleCreatePartitions)},
		{38, 0, 3, (*Broker).handleCreateDelegationToken},
		{39, 0, 2, (*Broker).handleRenewDelegationToken},
		{40, 0, 2, (*Broker).handleExpireDelegationToken},
		{41, 0, 3, (*Broker).handleDescribeDelegationToken},
		{42, 0, 2, in(theCoordinator, (*group.Coordinator).HandleDeleteGroups)},
		{43, 0, 2, in(theController, (*controller.Controller).HandleElectLeaders)},
		{44, 0, 1, in(theConfigs, (*configs).handleIncrementalAlterConfigs)},
		{45, 0, 0, in(theController, (*controller.Controller).HandleAlterPartitionReassignments)},
		{46, 0, 0, in(theController, (*controller.Controller).HandleListPartitionReassignments)},
		{47, 0, 0, in(theCoordinator, (*group.Coordinator).HandleOffsetDelete)},
		{48, 0, 1, (*Broker).handleDescribeClientQuotas},
		{50, 0, 0, (*Broker).handleDescribeUserSCRAMCredentials},
		{56, 0, 3, in(theController, (*controller.Controller).HandleAlterPartition)},
		{60, 0, 1, (*Broker).handleDescribeCluster},
		{61, 0, 0, (*Broker).handleDescribeProducers},
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
		list = append(list, API{a.key, kmsg.NameForKey(a.key), a.min, a.max})
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
	return wire.Range{Min: b.apis[key].min, Max: b.apis[key].max}, true
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
