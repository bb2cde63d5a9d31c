package prose

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

func TestNumbersForPeople(t *testing.T) {
	require.Equal(t, "1,234,567", Grouped(1234567))
	require.Equal(t, "-1,234", Grouped(-1234))
	require.Equal(t, "999", Grouped(999))
	require.Equal(t, "4.003 s", Seconds(4_003_999_999, 3))
	require.Equal(t, "4 s", Seconds(4_003_999_999, 0))
	require.Equal(t, "1 record", Counted(1, "record"))
}

func TestAssignmentsAreShort(t *testing.T) {
	one := []kafka.BrokerID{1}
	require.Equal(t, "1 partition (0 on brokers 2, 3, 1)", assignment([][]kafka.BrokerID{{2, 3, 1}}))
	require.Equal(t, "2 partitions (0 on broker 1; 1 on broker 1)", assignment([][]kafka.BrokerID{one, one}))
	require.Equal(t, "4 partitions", assignment([][]kafka.BrokerID{one, one, one, one}))
	require.Empty(t, assignment(nil))
}

func TestSentencesBeginWithACapital(t *testing.T) {
	require.Equal(t, "Two are odd.", AsSentence("two are odd"))
	require.Equal(t, "orders-0 is odd.", AsSentence("orders-0 is odd"))
}

// Every kind of note has a sentence or is left out on purpose.
func TestEveryNoteHasItsSentence(t *testing.T) {
	silent := []string{"log-end", "high-watermark", "offset-committed", "records-acked"}
	for _, name := range kafka.NoteKinds() {
		kind, ok := kafka.ParseNoteKind(name)
		require.True(t, ok)
		what, _, _ := Sentence(&kafka.Note{Kind: kind, Topic: "t", Group: "g", Member: "m",
			Text: "because", Partitions: []kafka.TopicPartition{{Topic: "t"}}})
		if strings.Contains(strings.Join(silent, " "), name) {
			require.Empty(t, what, name)
			continue
		}
		require.NotEmpty(t, what, name)
		require.NotContains(t, what, "%!", name)
	}
}
