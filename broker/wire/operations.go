package wire

// Operations is a set of what one may do to a resource, as the bit field of AclOperation's codes in
// which Kafka sends it.
type Operations = int32

// What a broker without an authorizer allows everyone (AclEntry.supportedOperations, 3.9). It is
// sent only to who asks; the others get the least int32, which kmsg knows as the default.
const (
	ClusterOperations Operations = mayCreate | mayAlter | mayDescribe | mayClusterAction |
		mayDescribeConfigs | mayAlterConfigs | mayIdempotentWrite
	TopicOperations Operations = mayRead | mayWrite | mayCreate | mayDelete | mayAlter | mayDescribe |
		mayDescribeConfigs | mayAlterConfigs
	// GroupOperations have DescribeConfigs and AlterConfigs too where groups have settings (4.0).
	GroupOperations Operations = mayRead | mayDelete | mayDescribe
)

const (
	mayRead Operations = 1 << (iota + 3)
	mayWrite
	mayCreate
	mayDelete
	mayAlter
	mayDescribe
	mayClusterAction
	mayDescribeConfigs
	mayAlterConfigs
	mayIdempotentWrite
)
