package scenarios

// adminVerbs are what an operator asks of a cluster.
func adminVerbs() []verb { return nil }
