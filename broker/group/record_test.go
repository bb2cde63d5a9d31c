package group

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model/kafka"
)

// What cannot be read is an error that says why, also when only the version is unknown.
func TestUnreadableRecords(t *testing.T) {
	offset := offsetKey("billing", kafka.TopicPartition{Topic: "orders", Partition: 1})
	newOffset := kmsg.NewOffsetCommitValue()
	newOffset.Version = 9
	newGroup := kmsg.NewGroupMetadataValue()
	newGroup.Version = 9
	for want, r := range map[string]Record{
		"":                         {Key: []byte{0}},
		": an offset of version 9": {Key: offset, Value: newOffset.AppendTo(nil)},
		": a group of version 9":   {Key: groupKey("billing"), Value: newGroup.AppendTo(nil)},
		": an offset: ":            {Key: offset, Value: []byte{0, 1}},
		": a group: ":              {Key: groupKey("billing"), Value: []byte{0, 1}},
		": key of an offset: ":     {Key: []byte{0, 1, 0}},
		": key of a group: ":       {Key: []byte{0, 2, 0}},
	} {
		err := New(Config{}, nil, nil, 1).store.apply(0, r, 1)
		require.ErrorIs(t, err, errUnreadable)
		require.Contains(t, err.Error(), errUnreadable.Error()+want)
		require.NotContains(t, err.Error(), "%!")
	}
}
