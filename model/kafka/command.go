package kafka

// What the hash of each command begins with, so that two commands with the same text differ in the
// hash of a trace. The numbers are part of every recorded hash: give a new command the next free
// one, and never change another's.
const (
	SumSend                        = 1
	SumClose                       = 2
	SumSubscribe                   = 3
	SumAssign                      = 4
	SumSeek                        = 5
	SumPause                       = 7
	SumResume                      = 8
	SumCreateTopic                 = 9
	SumDeleteTopic                 = 10
	SumCreatePartitions            = 11
	SumDeleteRecords               = 12
	SumElectLeaders                = 13
	SumAlterPartitionReassignments = 14
	SumAlterConfigs                = 15
	SumSeekToTime                  = 16
	SumDescribeTopics              = 17
	SumDescribeConfigs             = 18
	SumListOffsets                 = 19
	SumShutdown                    = 20
	SumDescribeGroup               = 21
	SumDeleteGroup                 = 22
	SumListGroupOffsets            = 23
	SumAlterGroupOffsets           = 24
	SumListGroups                  = 25
	SumPrefer                      = 31
	SumForbid                      = 32
	SumAnswer                      = 33
	SumPausePartition              = 34
	SumResumePartition             = 35
	SumSetProcessTime              = 36
)
