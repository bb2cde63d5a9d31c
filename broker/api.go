package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/controller"
	"sandcastle/broker/group"
	"sandcastle/broker/replica"
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

// handledBy has a part of the broker handle a request: it is handed the body and the way to reply.
func handledBy[Part any, Q kmsg.Request, R ~reply](part func(*Broker) Part,
	handle func(Part, *model.Effects, Q, R),
) handler {
	return func(b *Broker, out *model.Effects, r *request) {
		handle(part(b), out, r.Body.(Q), r.Reply)
	}
}

// stateless is a handler that needs nothing of the broker.
func stateless[Q kmsg.Request](handle func(*model.Effects, Q, reply)) handler {
	return func(_ *Broker, out *model.Effects, r *request) { handle(out, r.Body.(Q), r.Reply) }
}

// withRequester is handledBy for Produce and Fetch, whose client is told more than a reply can say:
// a Produce with acks=0 gets none, at most a closed connection.
func withRequester[Q kmsg.Request](
	handle func(*replica.Set, *model.Effects, Q, replica.Requester),
) handler {
	return func(b *Broker, out *model.Effects, r *request) {
		handle(b.replicas, out, r.Body.(Q), r)
	}
}

func theReplicas(b *Broker) *replica.Set             { return b.replicas }
func theConfigs(b *Broker) *configs                  { return &b.configs }
func theCoordinator(b *Broker) *group.Coordinator    { return b.groups }
func theController(b *Broker) *controller.Controller { return b.controller }

// apiTable lists every API that the broker serves, in the order of the keys. What an API does
// stands in the room that answers it, in a file that opens with the API's contract; here is its row
// alone.
func apiTable() []api {
	return []api{
		{0, 0, 11, withRequester((*replica.Set).HandleProduce)},
		{1, 0, 17, withRequester((*replica.Set).HandleFetch)},
		{2, 0, 9, handledBy(theReplicas, (*replica.Set).HandleListOffsets)},
		{3, 0, 12, (*Broker).handleMetadata},
		{4, 5, 7, handledBy(theReplicas, (*replica.Set).HandleLeaderAndIsr)},
		{5, 3, 4, handledBy(theReplicas, (*replica.Set).HandleStopReplica)},
		{6, 6, 8, (*Broker).handleUpdateMetadata},
		{7, 0, 3, handledBy(theController, (*controller.Controller).HandleControlledShutdown)},
		{8, 0, 9, handledBy(theCoordinator, (*group.Coordinator).HandleOffsetCommit)},
		{9, 0, 9, handledBy(theCoordinator, (*group.Coordinator).HandleOffsetFetch)},
		{10, 0, 6, (*Broker).handleFindCoordinator},
		{11, 0, 9, (*Broker).handleJoinGroup},
		{12, 0, 4, handledBy(theCoordinator, (*group.Coordinator).HandleHeartbeat)},
		{13, 0, 5, handledBy(theCoordinator, (*group.Coordinator).HandleLeaveGroup)},
		{14, 0, 5, handledBy(theCoordinator, (*group.Coordinator).HandleSyncGroup)},
		{15, 0, 5, handledBy(theCoordinator, (*group.Coordinator).HandleDescribeGroups)},
		{16, 0, 5, handledBy(theCoordinator, (*group.Coordinator).HandleListGroups)},
		{17, 0, 1, stateless(handleSASLHandshake)},
		{18, 0, 4, stateless(handleAPIVersions)},
		{19, 0, 7, handledBy(theController, (*controller.Controller).HandleCreateTopics)},
		{20, 0, 6, handledBy(theController, (*controller.Controller).HandleDeleteTopics)},
		{21, 0, 2, handledBy(theReplicas, (*replica.Set).HandleDeleteRecords)},
		{22, 0, 5, (*Broker).handleInitProducerID},
		{23, 0, 4, handledBy(theReplicas, (*replica.Set).HandleOffsetForLeaderEpoch)},
		{29, 0, 3, handleDescribeACLs},
		{30, 0, 3, handleCreateACLs},
		{31, 0, 3, handleDeleteACLs},
		{32, 0, 4, handledBy(theConfigs, (*configs).handleDescribeConfigs)},
		{33, 0, 2, handledBy(theConfigs, (*configs).handleAlterConfigs)},
		{34, 0, 2, handledBy(theReplicas, (*replica.Set).HandleAlterReplicaLogDirs)},
		{35, 0, 4, handledBy(theReplicas, (*replica.Set).HandleDescribeLogDirs)},
		{36, 0, 2, stateless(handleSASLAuthenticate)},
		{37, 0, 3, handledBy(theController, (*controller.Controller).HandleCreatePartitions)},
		{38, 0, 3, stateless(handleCreateDelegationToken)},
		{39, 0, 2, stateless(handleRenewDelegationToken)},
		{40, 0, 2, stateless(handleExpireDelegationToken)},
		{41, 0, 3, stateless(handleDescribeDelegationToken)},
		{42, 0, 2, handledBy(theCoordinator, (*group.Coordinator).HandleDeleteGroups)},
		{43, 0, 2, handledBy(theController, (*controller.Controller).HandleElectLeaders)},
		{44, 0, 1, handledBy(theConfigs, (*configs).handleIncrementalAlterConfigs)},
		{45, 0, 0, handledBy(theController, (*controller.Controller).HandleAlterPartitionReassignments)},
		{46, 0, 0, handledBy(theController, (*controller.Controller).HandleListPartitionReassignments)},
		{47, 0, 0, handledBy(theCoordinator, (*group.Coordinator).HandleOffsetDelete)},
		{48, 0, 1, stateless(handleDescribeClientQuotas)},
		{50, 0, 0, stateless(handleDescribeUserSCRAMCredentials)},
		{56, 0, 3, handledBy(theController, (*controller.Controller).HandleAlterPartition)},
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

// APIKey is the key of the request called name, which APINames lists.
func APIKey(name string) int16 {
	for _, a := range apiTable() {
		if kmsg.NameForKey(a.key) == name {
			return a.key
		}
	}
	panic("broker: no request is called " + name)
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
