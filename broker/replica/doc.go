// Package replica is the replicas that a broker holds.
package replica
