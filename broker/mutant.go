package broker

// Mutant names a bug that can be planted in a broker, so that tests can show that the checks catch
// it. Nothing but a test sets one.
type Mutant string

const (
	// NoMutant is a broker as it should be.
	NoMutant Mutant = ""
	// EagerHighWatermark advances the high watermark to the leader's log end without waiting for the
	// in-sync replicas.
	EagerHighWatermark Mutant = "eager-high-watermark"
)
