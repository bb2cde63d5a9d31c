package wire

import "strconv"

// Code is a Kafka error code (org.apache.kafka.common.protocol.Errors, 3.9).
type Code int16

// The codes that some part of Sandcastle sends or acts on.
const (
	UnknownServerError               Code = -1
	None                             Code = 0
	OffsetOutOfRange                 Code = 1
	CorruptMessage                   Code = 2
	UnknownTopicOrPartition          Code = 3
	InvalidFetchSize                 Code = 4
	LeaderNotAvailable               Code = 5
	NotLeaderOrFollower              Code = 6
	RequestTimedOut                  Code = 7
	BrokerNotAvailable               Code = 8
	ReplicaNotAvailable              Code = 9
	MessageTooLarge                  Code = 10
	StaleControllerEpoch             Code = 11
	OffsetMetadataTooLarge           Code = 12
	NetworkException                 Code = 13
	CoordinatorLoadInProgress        Code = 14
	CoordinatorNotAvailable          Code = 15
	NotCoordinator                   Code = 16
	InvalidTopicException            Code = 17
	RecordListTooLarge               Code = 18
	NotEnoughReplicas                Code = 19
	NotEnoughReplicasAfterAppend     Code = 20
	InvalidRequiredAcks              Code = 21
	IllegalGeneration                Code = 22
	InconsistentGroupProtocol        Code = 23
	InvalidGroupID                   Code = 24
	UnknownMemberID                  Code = 25
	InvalidSessionTimeout            Code = 26
	RebalanceInProgress              Code = 27
	InvalidCommitOffsetSize          Code = 28
	InvalidTimestamp                 Code = 32
	UnsupportedSASLMechanism         Code = 33
	IllegalSASLState                 Code = 34
	UnsupportedVersion               Code = 35
	TopicAlreadyExists               Code = 36
	InvalidPartitions                Code = 37
	InvalidReplicationFactor         Code = 38
	InvalidReplicaAssignment         Code = 39
	InvalidConfig                    Code = 40
	NotController                    Code = 41
	InvalidRequest                   Code = 42
	UnsupportedForMessageFormat      Code = 43
	PolicyViolation                  Code = 44
	OutOfOrderSequenceNumber         Code = 45
	DuplicateSequenceNumber          Code = 46
	InvalidProducerEpoch             Code = 47
	TransactionalIDNotAuthorized     Code = 53
	SecurityDisabled                 Code = 54
	OperationNotAttempted            Code = 55
	KafkaStorageError                Code = 56
	LogDirNotFound                   Code = 57
	UnknownProducerID                Code = 59
	ReassignmentInProgress           Code = 60
	DelegationTokenRequestNotAllowed Code = 64
	NonEmptyGroup                    Code = 68
	GroupIDNotFound                  Code = 69
	FetchSessionIDNotFound           Code = 70
	InvalidFetchSessionEpoch         Code = 71
	ListenerNotFound                 Code = 72
	TopicDeletionDisabled            Code = 73
	FencedLeaderEpoch                Code = 74
	UnknownLeaderEpoch               Code = 75
	UnsupportedCompressionType       Code = 76
	StaleBrokerEpoch                 Code = 77
	OffsetNotAvailable               Code = 78
	MemberIDRequired                 Code = 79
	PreferredLeaderNotAvailable      Code = 80
	GroupMaxSizeReached              Code = 81
	FencedInstanceID                 Code = 82
	EligibleLeadersNotAvailable      Code = 83
	ElectionNotNeeded                Code = 84
	NoReassignmentInProgress         Code = 85
	GroupSubscribedToTopic           Code = 86
	InvalidRecord                    Code = 87
	ResourceNotFound                 Code = 91
	DuplicateResource                Code = 92
	InvalidUpdateVersion             Code = 95
	UnknownTopicID                   Code = 100
	InconsistentTopicID              Code = 103
	FetchSessionTopicIDError         Code = 106
	IneligibleReplica                Code = 107
	NewLeaderElected                 Code = 108
	MismatchedEndpointType           Code = 114
	UnsupportedEndpointType          Code = 115
)

// String is Kafka's name of the code, as in "NOT_LEADER_OR_FOLLOWER".
func (c Code) String() string {
	for _, row := range codes {
		if row.code == c {
			return row.name
		}
	}
	return "ERROR_" + strconv.Itoa(int(c))
}

// CodeNames lists Kafka's names of all codes but NONE.
func CodeNames() []string {
	var names []string
	for _, row := range codes {
		if row.code != None {
			names = append(names, row.name)
		}
	}
	return names
}

// ParseCode reads what String prints.
func ParseCode(name string) (Code, bool) {
	for _, row := range codes {
		if row.name == name {
			return row.code, true
		}
	}
	return None, false
}

// Retriable reports whether a client that gets the code may send the same request again, perhaps
// after fetching new metadata (Kafka's RetriableException).
func (c Code) Retriable() bool {
	for _, row := range codes {
		if row.code == c {
			return row.retriable
		}
	}
	return false
}

type codeRow struct {
	code      Code
	name      string
	retriable bool
}

// codes is the table behind String and Retriable.
var codes = [...]codeRow{
	{UnknownServerError, "UNKNOWN_SERVER_ERROR", false},
	{None, "NONE", false},
	{OffsetOutOfRange, "OFFSET_OUT_OF_RANGE", false},
	{CorruptMessage, "CORRUPT_MESSAGE", true},
	{UnknownTopicOrPartition, "UNKNOWN_TOPIC_OR_PARTITION", true},
	{InvalidFetchSize, "INVALID_FETCH_SIZE", false},
	{LeaderNotAvailable, "LEADER_NOT_AVAILABLE", true},
	{NotLeaderOrFollower, "NOT_LEADER_OR_FOLLOWER", true},
	{RequestTimedOut, "REQUEST_TIMED_OUT", true},
	{BrokerNotAvailable, "BROKER_NOT_AVAILABLE", false},
	{ReplicaNotAvailable, "REPLICA_NOT_AVAILABLE", true},
	{MessageTooLarge, "MESSAGE_TOO_LARGE", false},
	{StaleControllerEpoch, "STALE_CONTROLLER_EPOCH", false},
	{OffsetMetadataTooLarge, "OFFSET_METADATA_TOO_LARGE", false},
	{NetworkException, "NETWORK_EXCEPTION", true},
	{CoordinatorLoadInProgress, "COORDINATOR_LOAD_IN_PROGRESS", true},
	{CoordinatorNotAvailable, "COORDINATOR_NOT_AVAILABLE", true},
	{NotCoordinator, "NOT_COORDINATOR", true},
	{InvalidTopicException, "INVALID_TOPIC_EXCEPTION", false},
	{RecordListTooLarge, "RECORD_LIST_TOO_LARGE", false},
	{NotEnoughReplicas, "NOT_ENOUGH_REPLICAS", true},
	{NotEnoughReplicasAfterAppend, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", true},
	{InvalidRequiredAcks, "INVALID_REQUIRED_ACKS", false},
	{IllegalGeneration, "ILLEGAL_GENERATION", false},
	{InconsistentGroupProtocol, "INCONSISTENT_GROUP_PROTOCOL", false},
	{InvalidGroupID, "INVALID_GROUP_ID", false},
	{UnknownMemberID, "UNKNOWN_MEMBER_ID", false},
	{InvalidSessionTimeout, "INVALID_SESSION_TIMEOUT", false},
	{RebalanceInProgress, "REBALANCE_IN_PROGRESS", false},
	{InvalidCommitOffsetSize, "INVALID_COMMIT_OFFSET_SIZE", false},
	{InvalidTimestamp, "INVALID_TIMESTAMP", false},
	{UnsupportedSASLMechanism, "UNSUPPORTED_SASL_MECHANISM", false},
	{IllegalSASLState, "ILLEGAL_SASL_STATE", false},
	{UnsupportedVersion, "UNSUPPORTED_VERSION", false},
	{TopicAlreadyExists, "TOPIC_ALREADY_EXISTS", false},
	{InvalidPartitions, "INVALID_PARTITIONS", false},
	{InvalidReplicationFactor, "INVALID_REPLICATION_FACTOR", false},
	{InvalidReplicaAssignment, "INVALID_REPLICA_ASSIGNMENT", false},
	{InvalidConfig, "INVALID_CONFIG", false},
	{NotController, "NOT_CONTROLLER", true},
	{InvalidRequest, "INVALID_REQUEST", false},
	{UnsupportedForMessageFormat, "UNSUPPORTED_FOR_MESSAGE_FORMAT", false},
	{PolicyViolation, "POLICY_VIOLATION", false},
	{OutOfOrderSequenceNumber, "OUT_OF_ORDER_SEQUENCE_NUMBER", false},
	{DuplicateSequenceNumber, "DUPLICATE_SEQUENCE_NUMBER", false},
	{InvalidProducerEpoch, "INVALID_PRODUCER_EPOCH", false},
	{TransactionalIDNotAuthorized, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", false},
	{SecurityDisabled, "SECURITY_DISABLED", false},
	{OperationNotAttempted, "OPERATION_NOT_ATTEMPTED", false},
	{KafkaStorageError, "KAFKA_STORAGE_ERROR", true},
	{LogDirNotFound, "LOG_DIR_NOT_FOUND", false},
	{UnknownProducerID, "UNKNOWN_PRODUCER_ID", false},
	{ReassignmentInProgress, "REASSIGNMENT_IN_PROGRESS", false},
	{DelegationTokenRequestNotAllowed, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", false},
	{NonEmptyGroup, "NON_EMPTY_GROUP", false},
	{GroupIDNotFound, "GROUP_ID_NOT_FOUND", false},
	{FetchSessionIDNotFound, "FETCH_SESSION_ID_NOT_FOUND", true},
	{InvalidFetchSessionEpoch, "INVALID_FETCH_SESSION_EPOCH", true},
	{ListenerNotFound, "LISTENER_NOT_FOUND", true},
	{TopicDeletionDisabled, "TOPIC_DELETION_DISABLED", false},
	{FencedLeaderEpoch, "FENCED_LEADER_EPOCH", true},
	{UnknownLeaderEpoch, "UNKNOWN_LEADER_EPOCH", true},
	{UnsupportedCompressionType, "UNSUPPORTED_COMPRESSION_TYPE", false},
	{StaleBrokerEpoch, "STALE_BROKER_EPOCH", false},
	{OffsetNotAvailable, "OFFSET_NOT_AVAILABLE", true},
	{MemberIDRequired, "MEMBER_ID_REQUIRED", false},
	{PreferredLeaderNotAvailable, "PREFERRED_LEADER_NOT_AVAILABLE", true},
	{GroupMaxSizeReached, "GROUP_MAX_SIZE_REACHED", false},
	{FencedInstanceID, "FENCED_INSTANCE_ID", false},
	{EligibleLeadersNotAvailable, "ELIGIBLE_LEADERS_NOT_AVAILABLE", true},
	{ElectionNotNeeded, "ELECTION_NOT_NEEDED", true},
	{NoReassignmentInProgress, "NO_REASSIGNMENT_IN_PROGRESS", false},
	{GroupSubscribedToTopic, "GROUP_SUBSCRIBED_TO_TOPIC", false},
	{InvalidRecord, "INVALID_RECORD", false},
	{ResourceNotFound, "RESOURCE_NOT_FOUND", false},
	{DuplicateResource, "DUPLICATE_RESOURCE", false},
	{InvalidUpdateVersion, "INVALID_UPDATE_VERSION", false},
	{UnknownTopicID, "UNKNOWN_TOPIC_ID", true},
	{InconsistentTopicID, "INCONSISTENT_TOPIC_ID", true},
	{FetchSessionTopicIDError, "FETCH_SESSION_TOPIC_ID_ERROR", true},
	{IneligibleReplica, "INELIGIBLE_REPLICA", false},
	{NewLeaderElected, "NEW_LEADER_ELECTED", false},
	{MismatchedEndpointType, "MISMATCHED_ENDPOINT_TYPE", false},
	{UnsupportedEndpointType, "UNSUPPORTED_ENDPOINT_TYPE", false},
}
