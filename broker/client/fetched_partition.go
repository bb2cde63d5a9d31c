package client

import (
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// fetchedPartition is one partition of a Fetch.
type fetchedPartition struct {
	p    *ownedPartition
	from kafka.Offset // what was asked for, and after a partial delivery what comes next
	// records from there on, with the epochs up to each end.
	records []kafka.PolledRecord
	whole   []wire.Record // by entry of records, when there is an application to take them
	ends    []epochEnd
	lengths []int        // of the values, while they are read
	end     kafka.Offset // the position when all of it is delivered
}

// epochEnd says that records below the offset, as far as the previous epochEnd, are of the epoch.
type epochEnd struct {
	below kafka.Offset
	epoch kafka.Epoch
}

// read decodes the batches from a.from on, with whole records for an application or only what the
// history needs of them. What comes before is skipped; a batch cut off at the end is left for the
// next time. Records read before an error stay.
func (a *fetchedPartition) read(data []byte, whole bool) error {
	a.end = a.from
	var text []byte
	for batch, err := range wire.Batches(data) {
		if err != nil {
			a.cut(text)
			return err
		}
		if err := batch.Validate(); err != nil {
			a.cut(text)
			return err
		}
		if batch.LastOffset() < a.from {
			continue
		}
		for r, err := range batch.Records() {
			if err != nil {
				a.cut(text)
				return err
			}
			if r.Offset < a.from || batch.Control() {
				continue
			}
			a.records = append(a.records, kafka.PolledRecord{Offset: r.Offset})
			if whole {
				a.whole = append(a.whole, r)
				continue
			}
			value := identity(r.Value)
			text = append(text, value...)
			a.lengths = append(a.lengths, len(value))
		}
		a.end = batch.LastOffset() + 1 // also when compaction took the last records
		a.ends = append(a.ends, epochEnd{a.end, batch.LeaderEpoch})
	}
	a.cut(text)
	return nil
}

// cut gives the records their values, which lie one after the other in text: one string for all.
func (a *fetchedPartition) cut(text []byte) {
	all := string(text)
	for i, n := range a.lengths {
		a.records[i].Value, all = all[:n], all[n:]
	}
	a.lengths = nil
	if n := len(a.records); n > 0 {
		a.end = max(a.end, a.records[n-1].Offset+1)
	}
}
