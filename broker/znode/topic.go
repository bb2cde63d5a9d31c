package znode

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"sandcastle/model/kafka"
)

// TopicID is a topic's 128-bit id (KIP-516). The zero value is none.
type TopicID [16]byte

// String is the id as Kafka prints it: base64url without padding.
func (id TopicID) String() string { return base64.RawURLEncoding.EncodeToString(id[:]) }

// ParseTopicID reads what String prints.
func ParseTopicID(s string) (TopicID, bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 16 {
		return TopicID{}, false
	}
	return TopicID(b), true
}

// Assignment is the replicas of one partition, the preferred leader first.
type Assignment struct {
	Replicas []kafka.BrokerID
	// Adding and Removing are parts of Replicas while a reassignment runs (KIP-455).
	Adding, Removing []kafka.BrokerID
}

// Topic is the content of /brokers/topics/T.
type Topic struct {
	ID TopicID
	// Partitions are the assignments by partition number.
	Partitions []Assignment
}

// replicasByPartition prints as an object with the partitions in numeric order. Partitions with no
// replicas are left out, as Kafka does for adding_replicas and removing_replicas.
type replicasByPartition [][]kafka.BrokerID

// MarshalJSON implements json.Marshaler.
func (r replicasByPartition) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for p, replicas := range r {
		if len(replicas) == 0 {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = strconv.AppendInt(b, int64(p), 10)
		b = append(b, `":[`...)
		for i, id := range replicas {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(id), 10)
		}
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

// EncodeTopic writes /brokers/topics/T, version 3.
func EncodeTopic(t Topic) []byte {
	j := struct {
		Removing   replicasByPartition `json:"removing_replicas"`
		Partitions replicasByPartition `json:"partitions"`
		ID         string              `json:"topic_id,omitempty"`
		Adding     replicasByPartition `json:"adding_replicas"`
		Version    int                 `json:"version"`
	}{Version: 3}
	if t.ID != (TopicID{}) {
		j.ID = t.ID.String()
	}
	n := len(t.Partitions)
	j.Removing = make(replicasByPartition, n)
	j.Partitions = make(replicasByPartition, n)
	j.Adding = make(replicasByPartition, n)
	for p, a := range t.Partitions {
		j.Partitions[p], j.Adding[p], j.Removing[p] = a.Replicas, a.Adding, a.Removing
	}
	return encode(j)
}

// DecodeTopic reads /brokers/topics/T, versions 1 to 3. Partitions must be numbered from 0 without
// a gap, and each must have a replica.
func DecodeTopic(topic string, data []byte) (Topic, error) {
	path := TopicPath(topic)
	var j struct {
		Removing   map[string][]kafka.BrokerID `json:"removing_replicas"`
		Partitions json.RawMessage             `json:"partitions"`
		ID         *string                     `json:"topic_id"`
		Adding     map[string][]kafka.BrokerID `json:"adding_replicas"`
	}
	if err := decode(path, data, &j); err != nil {
		return Topic{}, err
	}
	var partitions map[string][]kafka.BrokerID
	if len(j.Partitions) > 0 {
		if err := decode(path, j.Partitions, &partitions); err != nil {
			return Topic{}, err
		}
	}
	var t Topic
	if j.ID != nil {
		id, ok := ParseTopicID(*j.ID)
		if !ok {
			return Topic{}, malformed(path, data, "topic_id")
		}
		t.ID = id
	}
	for p := range len(partitions) {
		key := strconv.Itoa(p)
		replicas, ok := partitions[key]
		if !ok {
			return Topic{}, malformed(path, data, "partition "+key+" is missing")
		}
		if len(replicas) == 0 {
			return Topic{}, malformed(path, data, "partition "+key+" has no replicas")
		}
		t.Partitions = append(t.Partitions, Assignment{replicas, j.Adding[key], j.Removing[key]})
	}
	return t, nil
}
