package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// Cost of a whole scenario in which one consumer reads many topics of ten partitions. It grows with
// the topics, and no faster.
func BenchmarkManyTopics(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("topics=%d", n), func(b *testing.B) {
			var topics, names strings.Builder
			for i := range n {
				fmt.Fprintf(&topics, "  - {name: topic-%d, partitions: 10, replicas: 1}\n", i)
				fmt.Fprintf(&names, "topic-%d, ", i)
			}
			s, err := Parse("topics.yaml", fmt.Appendf(nil, `
claim: A group reads every topic.
duration: 10s
cluster: {brokers: 1}
topics:
%sproducers: [{name: p1, topic: topic-0, rate: 100/s}]
consumers: [{group: billing, topics: [%s]}]
expect: {findings: none}
`, topics.String(), strings.TrimSuffix(names.String(), ", ")))
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				result, err := Play(s, Options{})
				require.NoError(b, err)
				require.Equal(b, kafka.VerdictOK, result.Run.Verdict)
			}
		})
	}
}
