package wire

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What a filter leaves of a batch are the records that stay, as they were, in a sound batch of the
// same codec, producer and offsets.
func TestFilteredBatch(t *testing.T) {
	var f BatchFilter
	rapid.Check(t, func(t *rapid.T) {
		var b BatchBuilder
		b.SetProducer(BatchProducer{ID: 7, Epoch: 3, BaseSequence: 40})
		n := rapid.IntRange(1, 20).Draw(t, "records")
		for i := range n {
			var value []byte
			if rapid.Bool().Draw(t, "value") {
				value = []byte("value")
			}
			b.Append(1000-int64(i*rapid.IntRange(0, 3).Draw(t, "time")), []byte{byte(i)}, value,
				RecordHeader{Key: "k", Value: value})
		}
		codec := Codec(rapid.IntRange(0, 4).Draw(t, "codec"))
		batch := mustParse(b.Compressed(codec, nil))
		batch.Place(500, 9)
		if rapid.Bool().Draw(t, "log append time") {
			batch.SetLogAppendTime(5000)
		}
		// Twice, for a batch with gaps and a delete horizon is filtered too.
		for horizon := int64(10_000); horizon <= 20_000; horizon += 10_000 {
			batch = filterOnce(t, &f, batch, horizon)
			if batch.Bytes() == nil {
				return
			}
		}
	})
}

// filterOnce returns what is left, if anything is.
func filterOnce(t *rapid.T, f *BatchFilter, before Batch, horizon int64) Batch {
	var want []Record
	tombstones, largest := false, int64(-1)
	got, err := f.Filter(&before, horizon, func(r *Record) bool {
		keep := rapid.Bool().Draw(t, "keep")
		if keep {
			want = append(want, *r)
			tombstones = tombstones || r.Value == nil
			largest = max(largest, r.Timestamp)
		}
		return keep
	})
	require.NoError(t, err)
	require.EqualValues(t, before.Count, got.Records)
	require.Equal(t, len(want), got.Kept)
	if len(want) == 0 {
		require.Nil(t, got.Batch.Bytes())
		got.Batch = f.Empty(&before)
	}
	require.NoError(t, got.Batch.Validate())
	after, err := ParseBatch(got.Batch.Bytes())
	require.NoError(t, err)
	require.Equal(t, got.Batch, after)
	var left []Record
	for r, err := range got.Batch.Records() {
		require.NoError(t, err)
		left = append(left, r)
	}
	require.Equal(t, want, left)
	require.Equal(t, before.BaseOffset, after.BaseOffset)
	require.Equal(t, before.LastOffset(), after.LastOffset())
	require.Equal(t, before.LeaderEpoch, after.LeaderEpoch)
	require.Equal(t, [3]int64{7, 3, 40},
		[3]int64{after.ProducerID, int64(after.ProducerEpoch), int64(after.BaseSequence)})
	require.Equal(t, before.LogAppendTime(), after.LogAppendTime())
	if len(want) == 0 {
		require.Equal(t, Uncompressed, after.Codec())
		require.Equal(t, before.MaxTimestamp, after.MaxTimestamp)
		require.Equal(t, BatchOverhead, after.Size())
		return Batch{}
	}
	require.Equal(t, before.Codec(), after.Codec())
	require.Equal(t, largest, after.MaxTimestamp)
	old, had := before.DeleteHorizon()
	at, has := after.DeleteHorizon()
	require.Equal(t, had || tombstones, has)
	if had {
		require.Equal(t, old, at, "a horizon that is set stays")
	} else if has {
		require.Equal(t, horizon, at)
	}
	if len(want) == got.Records && (had || !tombstones) {
		require.Equal(t, &before.bytes[0], &got.Batch.bytes[0], "nothing changed")
	}
	return mustParse(slices.Clone(got.Batch.Bytes()))
}

func TestFilterRefusesDamage(t *testing.T) {
	var b BatchBuilder
	b.Append(1, []byte("k"), []byte("v"))
	batch := b.Bytes()
	batch[BatchOverhead] = 99 // the record's length
	h, err := ParseBatch(batch)
	require.NoError(t, err)
	var f BatchFilter
	_, err = f.Filter(&h, 0, func(*Record) bool { return true })
	var bad *BatchError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, CorruptMessage, bad.Code)
}
