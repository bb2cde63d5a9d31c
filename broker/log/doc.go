// Package log is the append-only log of one partition replica, on a model.Disk, in Kafka's own
// files.
//
//	orders-0/                              one directory a partition
//	  00000000000000000000.log             record batches, back to back            segment.go
//	  00000000000000000000.index           offset → position, one entry a 4 KiB    offset_index.go
//	  00000000000000000000.timeindex       timestamp → offset                      time_index.go
//	  00000000000000004711.log …           the next segment; the last one is active
//	  00000000000000004711.log.815.aside   what damage took out of it, from byte 815 on  aside.go
//	  leader-epoch-checkpoint              where each leader epoch began           epoch_cache.go
//	  partition.metadata                   the topic's id                  partition_metadata.go
//	replication-offset-checkpoint          high watermarks of all partitions       checkpoint.go
//	recovery-point-offset-checkpoint       what is known to be flushed
//	log-start-offset-checkpoint            below what records were deleted
//	cleaner-offset-checkpoint              up to where compacted logs are clean  cleaner.go
//
// Every read is the same short walk: binary search of the segments, then of the offset index, then
// a look at the headers of a few batches. The last batches are remembered, for nearly every read is
// at the tail.
//
// A record has an offset for ever: truncation gives an offset away only together with everything
// behind it. After a crash nothing of a segment is believed beyond the recovery point until its
// CRCs have been checked; the log ends before the first batch that fails, and before a hole between
// two segments. Below the recovery point nothing is deleted: what is damaged there is set aside.
//
// Old records go in whole segments (retention.go), or are hidden by the log start until their
// segment is old enough.
//
// A compacted log is rewritten beside itself with the newest record of each key (cleaner.go): the
// new segments are flushed as .cleaned, become .swap, and then take the place of the old ones
// (clean_swap.go). Offsets stay what they were, so there are gaps.
//
// What it is not: it knows no leaders and no high watermark (package broker does), and never
// flushes by itself: it says what to flush, and is notified when that was done.
//
// A failing disk is an error of the call that met it, and the log is not to be used any longer;
// damage is no error but what Recovery reports, whatever was cut, set aside, missing or made anew.
//
// Read in this order: config.go, log.go, append.go, segment.go, offset_index.go, time_index.go,
// recent.go, read.go, read_time.go, retention.go, cleanable.go, offset_map.go, cleaner.go,
// clean_swap.go, truncate.go, recovery.go, recovered.go, aside.go, leftovers.go,
// sanity_check.go, epoch_cache.go, checkpoint.go, cut_tail.go, partition_metadata.go.
package log
