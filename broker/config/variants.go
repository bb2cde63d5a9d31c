package config

import (
	"fmt"
	"slices"
	"strings"
)

// Truncation says how a follower makes its log agree with a new leader's. Each variant is Kafka as
// it was after the proposal that it is named for; the newest is the default.
type Truncation string

// The variants of truncation, oldest first.
const (
	TruncateHW     Truncation = "hw"     // to its own high watermark (before 0.11)
	TruncateKIP101 Truncation = "kip101" // to the end of its newest epoch on the leader (0.11)
	TruncateKIP279 Truncation = "kip279" // to the largest epoch that both know, step by step (2.0)
	TruncateKIP320 Truncation = "kip320" // as kip279, with every fetch fenced by the epoch (2.1)
)

// ISRProtocol says how a leader changes its in-sync replicas.
type ISRProtocol string

// The variants of ISR changes, oldest first.
const (
	ISRByZooKeeper      ISRProtocol = "zk"             // a conditional write of its own (to 2.6)
	ISRByAlterPartition ISRProtocol = "alterpartition" // asked of the controller (KIP-497, 2.7)
)

// FollowerHW says when a follower takes over the high watermark of an answer that tells it to
// truncate.
type FollowerHW string

// The variants of FollowerHW, oldest first.
const (
	FollowerHWBefore FollowerHW = "before" // it truncates, up to 3.4 (KAFKA-14704)
	FollowerHWAfter  FollowerHW = "after"  // it has truncated, with the next answer
)

// ProducerState says how long a partition knows an idempotent producer.
type ProducerState string

// The variants of ProducerState, oldest first.
const (
	// ProducersKIP98 forgets a producer with its records, when the log start passes them; the client
	// then begins anew in the same epoch (0.11).
	ProducersKIP98 ProducerState = "kip98"
	// ProducersKIP360 knows it until it has been silent for producer.id.expiration.ms (2.5).
	ProducersKIP360 ProducerState = "kip360"
)

// ProducerStateVariants lists the words of ProducerState, oldest first.
func ProducerStateVariants() []string {
	return []string{string(ProducersKIP98), string(ProducersKIP360)}
}

// Variants are the protocol changes that a cluster can be set back behind, so that a class sees a
// bug and its fix on the same steps. All brokers of a cluster have the same.
type Variants struct {
	Truncation Truncation
	ISR        ISRProtocol
	FollowerHW FollowerHW
	Producers  ProducerState
}

// NewestVariants is every protocol as it is today.
func NewestVariants() Variants {
	return Variants{
		Truncation: TruncateKIP320, ISR: ISRByAlterPartition, FollowerHW: FollowerHWAfter,
		Producers: ProducersKIP360,
	}
}

// TruncationVariants and ISRVariants are the words for each variant, oldest first.
func TruncationVariants() []string {
	return []string{
		string(TruncateHW), string(TruncateKIP101), string(TruncateKIP279), string(TruncateKIP320),
	}
}

// ISRVariants lists the words of ISRProtocol, oldest first.
func ISRVariants() []string { return []string{string(ISRByZooKeeper), string(ISRByAlterPartition)} }

// FollowerHWVariants lists the words of FollowerHW, oldest first.
func FollowerHWVariants() []string {
	return []string{string(FollowerHWBefore), string(FollowerHWAfter)}
}

// Validate refuses a word that names no variant.
func (v Variants) Validate() error {
	if words := TruncationVariants(); !slices.Contains(words, string(v.Truncation)) {
		return fmt.Errorf("truncation: %q is none of %s", v.Truncation, strings.Join(words, ", "))
	}
	if words := ISRVariants(); !slices.Contains(words, string(v.ISR)) {
		return fmt.Errorf("isr: %q is none of %s", v.ISR, strings.Join(words, ", "))
	}
	if words := FollowerHWVariants(); !slices.Contains(words, string(v.FollowerHW)) {
		return fmt.Errorf("follower_hw: %q is none of %s", v.FollowerHW, strings.Join(words, ", "))
	}
	if words := ProducerStateVariants(); !slices.Contains(words, string(v.Producers)) {
		return fmt.Errorf("producer_state: %q is none of %s", v.Producers, strings.Join(words, ", "))
	}
	return nil
}
