package client

import (
	"time"

	"sandcastle/model"
)

// ProducerConfig holds the producer's properties. Zero values take Kafka's defaults
// (ProducerConfig, 3.9), which stand beside them. Idempotence is not built yet: every producer
// behaves as with enable.idempotence=false.
type ProducerConfig struct {
	Bootstrap []string // bootstrap.servers, "host:port"
	// Acks is acks: "0", "1" or "all" ("" is "all").
	Acks string
	// Linger is linger.ms: 0, as before 4.0 (KIP-1030 made it 5 ms).
	Linger    time.Duration
	BatchSize int // batch.size, bytes: 16384
	// BufferMemory is buffer.memory, bytes: 32 MiB. A record that finds no room fails at once with
	// BUFFER_EXHAUSTED, as with max.block.ms=0.
	BufferMemory   int
	MaxRequestSize int // max.request.size, bytes: 1 MiB
	// MaxInFlight is max.in.flight.requests.per.connection: 5. With 1, retries keep the order.
	MaxInFlight int
	// retries: without limit; the delivery timeout ends them. −1 for none
	Retries         int
	RetryBackoff    time.Duration // retry.backoff.ms: 100 ms, doubled with each attempt
	RetryBackoffMax time.Duration // retry.backoff.max.ms: 1 s (KIP-580)
	RequestTimeout  time.Duration // request.timeout.ms: 30 s
	DeliveryTimeout time.Duration // delivery.timeout.ms: 2 min
	MaxBlock        time.Duration // max.block.ms, the wait for a topic's metadata: 1 min
	MetadataMaxAge  time.Duration // metadata.max.age.ms: 5 min
}

func (c ProducerConfig) withDefaults() ProducerConfig {
	if c.Acks == "" || c.Acks == "-1" {
		c.Acks = acksAll
	}
	set(&c.BatchSize, 16384)
	set(&c.BufferMemory, 32<<20)
	set(&c.MaxRequestSize, 1<<20)
	set(&c.MaxInFlight, 5)
	set(&c.Retries, 1<<31-1)
	set(&c.RetryBackoff, 100*time.Millisecond)
	set(&c.RetryBackoffMax, time.Second)
	set(&c.RequestTimeout, 30*time.Second)
	set(&c.DeliveryTimeout, 2*time.Minute)
	set(&c.MaxBlock, time.Minute)
	set(&c.MetadataMaxAge, 5*time.Minute)
	return c
}

const acksAll = "all"

// acks is the field of the Produce request. It panics on a word that is none of the three.
func (c *ProducerConfig) acks() int16 {
	switch c.Acks {
	case "0":
		return 0
	case "1":
		return 1
	case acksAll:
		return -1
	default:
		panic("client: acks is " + c.Acks + ", not 0, 1 or all")
	}
}

// set gives a field its default when nothing was asked for.
func set[T int | int32 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// backoff is how long to wait after so many failures in a row: doubled with each, up to most, and
// spread by a fifth either way so that clients do not march in step (KIP-580).
func backoff(r *model.Rand, least, most time.Duration, failures int) time.Duration {
	d := least
	for ; failures > 1 && d < most; failures-- {
		d *= 2
	}
	d = min(d, max(most, least))
	return r.Between(d-d/5, d+d/5)
}
