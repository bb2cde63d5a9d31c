package client

import (
	"time"

	"sandcastle/model"
)

// retryBackoff is retry.backoff.ms and retry.backoff.max.ms: the wait doubles with each failure in
// a row, up to most, and is spread by a fifth either way so that clients do not march in step
// (KIP-580).
type retryBackoff struct {
	rand        *model.Rand
	least, most time.Duration
}

// after is the time of the next attempt when so many in a row have failed.
func (b *retryBackoff) after(now model.Time, failures int) model.Time {
	d := b.least
	for ; failures > 1 && d < b.most; failures-- {
		d *= 2
	}
	d = min(d, max(b.most, b.least))
	return now.Add(b.rand.Between(d-d/5, d+d/5))
}
