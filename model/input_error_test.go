package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNearest(t *testing.T) {
	words := []string{"send", "poll", "subscribe", "leader-failover"}
	for word, want := range map[string]string{
		"sned": "send", "Poll": "poll", "subscirbe": "subscribe", "leaderfailover": "leader-failover",
		"xyz": "", "se": "send", "x": "", "": "", "subscribers": "subscribe",
	} {
		require.Equal(t, want, Nearest(word, words), word)
	}
	require.Equal(t, `did you mean "send"?`, DidYouMean("sendd", words))
	require.Empty(t, DidYouMean("quite else", words))
}

func TestInputErrorSaysWhere(t *testing.T) {
	require.Equal(t, `f.yaml:3:7: unknown key "brokres" (did you mean "brokers"?)`, (&InputError{
		File: "f.yaml", Line: 3, Column: 7, Problem: `unknown key "brokres"`, Hint: `did you mean "brokers"?`,
	}).Error())
	require.Equal(t, "f.yaml:3: bad", (&InputError{File: "f.yaml", Line: 3, Problem: "bad"}).Error())
	require.Equal(t, "f.yaml: empty", (&InputError{File: "f.yaml", Problem: "empty"}).Error())
}
