package main

import (
	"strings"
	"testing"
)

const played = `
0.000000s  bob    started
0.000000s  alice  started
0.001250s  bob    conn-opened
0.002600s  alice  conn-opened
0.003653s  bob    frame        "ping 1" from alice
0.004792s  alice  frame        "pong 1" from bob
0.004792s  alice  heard        1 at once
0.005906s  bob    frame        "ping 2" from alice
0.007493s  bob    fault        drop pong reply bob > alice
0.007493s  alice  lost         pong 2
0.054792s  alice  timer
0.056599s  bob    frame        "ping 2" from alice
0.057881s  alice  frame        "pong 2" from bob
0.057881s  alice  heard        2 after 2 tries
0.059464s  bob    frame        "ping 3" from alice
0.060826s  alice  frame        "pong 3" from bob
0.060826s  alice  heard        3 at once
`

func TestALostMessageIsSentAgain(t *testing.T) {
	var trace strings.Builder
	hash := play(1, &trace)
	if got := trace.String(); got != played[1:] {
		t.Errorf("seed 1 was played as\n%s\nnot as%s", got, played)
	}
	var again strings.Builder
	if play(1, &again) != hash || again.String() != trace.String() {
		t.Error("one seed gave two runs")
	}
	if play(2, &again) == hash {
		t.Error("another seed gave the same run")
	}
}
