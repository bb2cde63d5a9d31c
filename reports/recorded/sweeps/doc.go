// Package sweeps holds sweeps written by hand, which the tests of reports look at. It stands apart
// from recorded because it makes what the digest is of, and digest's own tests use recorded.
package sweeps
