package prose

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// A member that the group had to find out about is a headline, whatever the words of the reason; one
// that left is not.
func TestTheReasonAndNotItsWordsWeighs(t *testing.T) {
	left := kafka.Note{Kind: kafka.MemberLeft, Member: "m", Group: "g", Text: "left: its lease expired",
		Reason: kafka.ReasonLeft}
	_, weight, _ := Sentence(&left)
	require.Equal(t, Notable, weight)
	silent := kafka.Note{Kind: kafka.MemberLeft, Member: "m", Group: "g", Text: "silent", Reason: kafka.ReasonExpired}
	_, weight, _ = Sentence(&silent)
	require.Equal(t, Headline, weight)
}
