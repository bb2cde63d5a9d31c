package scenarios

// leaderVerbs choose and forbid leaders, which no operator can.
func leaderVerbs() []verb { return nil }
