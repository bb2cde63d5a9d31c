package znode

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

// The wanted bytes are what people print from clusters of Kafka 2.8 to 3.9 with zkCli.
func TestEncodedBytesAreKafkas(t *testing.T) {
	id, ok := ParseTopicID("RSZ--odYRlSOPGRgukKnAQ")
	require.True(t, ok)
	for _, tt := range []struct {
		name string
		got  []byte
		want string
	}{
		{"controller", EncodeController(Controller{0, 1719917952299}),
			`{"version":2,"brokerid":0,"timestamp":"1719917952299","kraftControllerEpoch":-1}`},
		{"controller epoch", EncodeControllerEpoch(17), `17`},
		{"broker", EncodeBroker(Broker{ID: 1, Timestamp: 1704032948949,
			Endpoints: []Endpoint{{"PLAINTEXT", "PLAINTEXT", "server1", 9092}}}),
			`{"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},` +
				`"endpoints":["PLAINTEXT://server1:9092"],"jmx_port":-1,"port":9092,"host":"server1",` +
				`"version":5,"timestamp":"1704032948949"}`},
		{"broker without plaintext", EncodeBroker(Broker{ID: 1, Rack: "r&1", Timestamp: 5,
			Endpoints: []Endpoint{{"IN", "SSL", "h", 1}}}),
			`{"features":{},"listener_security_protocol_map":{"IN":"SSL"},"rack":"r&1",` +
				`"endpoints":["IN://h:1"],"jmx_port":-1,"port":-1,"host":null,"version":5,"timestamp":"5"}`},
		{"broker on IPv6", EncodeBroker(Broker{ID: 1, Timestamp: 5,
			Endpoints: []Endpoint{{"PLAINTEXT", "PLAINTEXT", "::1", 9092}}}),
			`{"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},` +
				`"endpoints":["PLAINTEXT://[::1]:9092"],"jmx_port":-1,"port":9092,"host":"::1",` +
				`"version":5,"timestamp":"5"}`},
		{"topic", EncodeTopic(Topic{ID: id, Partitions: []Assignment{
			{Replicas: []kafka.BrokerID{3, 2}}, {Replicas: []kafka.BrokerID{1, 3}}}}),
			`{"removing_replicas":{},"partitions":{"0":[3,2],"1":[1,3]},` +
				`"topic_id":"RSZ--odYRlSOPGRgukKnAQ","adding_replicas":{},"version":3}`},
		{"partition state", EncodePartitionState(PartitionState{Leader: 2, ControllerEpoch: 1,
			ISR: []kafka.BrokerID{2, 0, 1}}),
			`{"controller_epoch":1,"leader":2,"version":1,"leader_epoch":0,"isr":[2,0,1]}`},
		{"config", EncodeConfig(map[string]string{"retention.ms": "1", "cleanup.policy": "compact"}),
			`{"version":1,"config":{"cleanup.policy":"compact","retention.ms":"1"}}`},
		{"no config", EncodeConfig(nil), `{"version":1,"config":{}}`},
		{"config change", EncodeConfigChange("topics/orders"),
			`{"version":2,"entity_path":"topics/orders"}`},
		{"isr change", EncodeIsrChange([]kafka.TopicPartition{{Topic: "a", Partition: 3}}),
			`{"version":1,"partitions":[{"topic":"a","partition":3}]}`},
		{"cluster id", EncodeClusterID("x9"), `{"version":"1","id":"x9"}`},
		{"producer ids", EncodeProducerIDBlock(ProducerIDBlock{2, 1000, 1999}),
			`{"version":1,"broker":2,"block_start":"1000","block_end":"1999"}`},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, string(tt.got)) })
	}
}

func TestDecodeTakesWhatOldBrokersWrote(t *testing.T) {
	b, err := DecodeBroker(4, []byte(`{"version":2,"host":"localhost","port":9092,"jmx_port":9999,`+
		`"timestamp":"2233345666","endpoints":["PLAINTEXT://[::1]:9092","SSL://host1:9093"]}`))
	require.NoError(t, err)
	require.Equal(t, []Endpoint{
		{"PLAINTEXT", "PLAINTEXT", "::1", 9092}, {"SSL", "SSL", "host1", 9093},
	}, b.Endpoints)
	e, ok := b.Endpoint("SSL")
	require.True(t, ok)
	require.Equal(t, "host1:9093", e.Addr())

	c, err := DecodeController([]byte(`{"version":1,"brokerid":1001,"timestamp":"1551794212551"}`))
	require.NoError(t, err)
	require.Equal(t, Controller{1001, 1551794212551}, c)

	topic, err := DecodeTopic("t", []byte(`{"version":1,"partitions":{"1":[1],"0":[3,1]}}`))
	require.NoError(t, err)
	require.Equal(t, []kafka.BrokerID{3, 1}, topic.Partitions[0].Replicas)
	require.Len(t, topic.Partitions, 2)
}

func TestPathsPartOfATree(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "orders", Partition: 7}
	require.Equal(t, "/brokers/topics/orders/partitions/7/state", PartitionStatePath(tp))
	topic, ok := TopicOf("/brokers/topics/orders")
	require.True(t, ok)
	require.Equal(t, "orders", topic)
	for _, path := range []string{"/brokers/topics", "/brokers/topics/", PartitionStatePath(tp)} {
		_, ok = TopicOf(path)
		require.False(t, ok, path)
	}
	id, ok := ParseBrokerID("12")
	require.True(t, ok)
	require.Equal(t, kafka.BrokerID(12), id)
	_, ok = ParseBrokerID("x")
	require.False(t, ok)
}

// Whatever is encoded is decoded again; whatever bytes come, the decoders return.
func TestRoundTrip(t *testing.T) {
	ids := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) kafka.BrokerID {
		return kafka.BrokerID(rapid.Int32Range(0, 9999).Draw(t, "broker"))
	}), 1, 5)
	rapid.Check(t, func(t *rapid.T) {
		state := PartitionState{
			Leader:          kafka.BrokerID(rapid.Int32Range(-2, 9).Draw(t, "leader")),
			LeaderEpoch:     kafka.Epoch(rapid.Int32().Draw(t, "leader epoch")),
			ControllerEpoch: kafka.Epoch(rapid.Int32().Draw(t, "controller epoch")),
			ISR:             ids.Draw(t, "isr"), Recovering: rapid.Bool().Draw(t, "recovering"),
		}
		gotState, err := DecodePartitionState(kafka.TopicPartition{}, EncodePartitionState(state))
		require.NoError(t, err)
		require.Equal(t, state, gotState)

		var topic Topic
		copy(topic.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "topic id"))
		for range rapid.IntRange(1, 14).Draw(t, "partitions") {
			topic.Partitions = append(topic.Partitions, Assignment{Replicas: ids.Draw(t, "replicas")})
		}
		gotTopic, err := DecodeTopic("t", EncodeTopic(topic))
		require.NoError(t, err)
		require.Equal(t, topic, gotTopic)

		broker := Broker{ID: 3, Rack: rapid.String().Draw(t, "rack"), Timestamp: 9,
			Endpoints: []Endpoint{{"PLAINTEXT", "PLAINTEXT", "broker-3", 9092}}}
		gotBroker, err := DecodeBroker(3, EncodeBroker(broker))
		require.NoError(t, err)
		require.Equal(t, broker, gotBroker)
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"version":2,"endpoints":["x"]}`, `{"partitions":{"1":[1]}}`,
		`{"partitions":{"0":[1e99]}}`, `{"leader":1,"isr":null}`, `{"partitions":[{"topic":1}]}`, `12`,
		`{"topic_id":"!"}`, `{"partitions":{"0":[]}}`, `{"broker":null}`, `{"config":{"a":null}}`, `{"block_start":"9","block_end":"1"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, controllerErr := DecodeController(data)
		_, epochErr := DecodeControllerEpoch(data)
		_, brokerErr := DecodeBroker(1, data)
		_, topicErr := DecodeTopic("t", data)
		_, stateErr := DecodePartitionState(kafka.TopicPartition{Topic: "t"}, data)
		_, configErr := DecodeConfig(data)
		_, changeErr := DecodeConfigChange(data)
		_, isrErr := DecodeIsrChange(data)
		_, electionErr := DecodePreferredElection(data)
		_, logDirErr := DecodeLogDirEvent(data)
		_, clusterErr := DecodeClusterID(data)
		_, blockErr := DecodeProducerIDBlock(data)
		for _, err := range []error{controllerErr, epochErr, brokerErr, topicErr, stateErr, configErr,
			changeErr, isrErr, electionErr, logDirErr, clusterErr, blockErr} {
			if err != nil {
				require.ErrorIs(t, err, ErrMalformed)
			}
		}
	})
}
