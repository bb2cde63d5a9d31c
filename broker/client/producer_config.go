package client

import (
	"fmt"
	"strconv"
	"time"

	"sandcastle/broker/wire"
)

// ProducerConfig holds the producer's properties. Zero values take Kafka's defaults
// (ProducerConfig, 3.9), which stand beside them.
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
	Idempotence     Idempotence   // enable.idempotence
	// Compression is compression.type: "none" ("" too), "gzip", "snappy", "lz4" or "zstd". batch.size
	// counts the records before they are compressed; Kafka's producer guesses how small they become.
	Compression string
	// ResetOnUnknownProducer is how the client was before KIP-360 (2.5): told UNKNOWN_PRODUCER_ID by
	// a leader whose log starts behind the last acknowledged record, it begins again at sequence 0
	// in the same epoch, instead of bumping the epoch; by any other it fails the batch.
	ResetOnUnknownProducer bool
}

// Idempotence is the setting enable.idempotence of a producer.
type Idempotence uint8

const (
	// IdempotenceDefault is what holds when nothing was asked for: on since 3.0 (KIP-679), unless
	// Acks, Retries or MaxInFlight were set to something it cannot work with; then off without a
	// word (ProducerConfig.postProcessAndValidateIdempotenceConfigs, 3.9).
	IdempotenceDefault Idempotence = iota
	// IdempotenceOn was asked for: a conflict with another setting is an error.
	IdempotenceOn
	// IdempotenceOff was asked for.
	IdempotenceOff
)

// Check says what is wrong with the configuration; nil if nothing is.
func (c ProducerConfig) Check() error {
	c = c.withDefaults()
	switch c.Acks {
	case "0", "1", acksAll:
	default:
		return fmt.Errorf("client: acks is %q, not 0, 1 or all", c.Acks)
	}
	if _, ok := wire.ParseCodec(c.Compression); !ok {
		return fmt.Errorf("client: compression is %q, not none, gzip, snappy, lz4 or zstd", c.Compression)
	}
	if why := c.conflict(); c.Idempotence == IdempotenceOn && why != "" {
		return fmt.Errorf("client: the idempotent producer needs %s", why)
	}
	return nil
}

// conflict is the setting without which there is no idempotence; "" when all are as they must be.
func (c *ProducerConfig) conflict() string {
	switch {
	case c.Acks != acksAll:
		return "acks=all, not " + c.Acks
	case c.Retries < 0:
		return "retries, and is to make none"
	case c.MaxInFlight > 5:
		return "at most 5 requests in flight, not " + strconv.Itoa(c.MaxInFlight)
	default:
		return ""
	}
}

func (c *ProducerConfig) idempotent() bool {
	return c.Idempotence != IdempotenceOff && c.conflict() == ""
}

func (c ProducerConfig) withDefaults() ProducerConfig {
	if c.Acks == "" || c.Acks == "-1" {
		c.Acks = acksAll
	}
	if c.Compression == "" {
		c.Compression = wire.Uncompressed.String()
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

// acks is the field of the Produce request.
func (c *ProducerConfig) acks() int16 {
	switch c.Acks {
	case "0":
		return 0
	case "1":
		return 1
	default:
		return -1
	}
}

// set gives a field its default when nothing was asked for.
func set[T int | int32 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}
