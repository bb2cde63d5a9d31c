package canary

// Without says of the checks that have no canary of their own why.
func Without() map[string]string {
	const base = "it finds nothing itself; the canaries of the checks that need it need it too"
	return map[string]string{
		"reading the history": base, "loss tracking": base, "commit tracking": base,
		"leader tracking": base, "group tracking": base, "ZooKeeper tracking": base,
		"log tracking":            base,
		"what resets passed over": "it counts what is no anomaly, and no verdict depends on it",
	}
}
