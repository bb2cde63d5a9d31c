package sim

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"weak"

	"sandcastle/model"
)

// hotChunks are the last ones of a file that are the file's own.
const hotChunks = 4

// coldChunk is a chunk that a file has left far behind. It never changes, and files with the same
// bytes share it: replicas of a partition have most of theirs in common.
type coldChunk struct {
	data   []byte // nil when it is packed
	packed []byte // compressed
	size   int    // uncompressed
}

// unpackedChunks is how many cold chunks of a world stay as they are, if Config does not say: those
// that came last. What has grown cold is read again soon, by replicas and by whoever looks into
// them, and runs that write less than 16 MB never pack anything.
const unpackedChunks = 64

// attic holds the cold chunks of all disks of a world, by the hash of what is in them. The pointers
// are weak: a chunk lives as long as a file that has it, or as it is among the last.
type attic struct {
	chunks map[uint64]weak.Pointer[coldChunk]
	last   []*coldChunk // a ring
	next   int          // in last
	packer *flate.Writer
	buffer bytes.Buffer
	reader io.Reader    // a flate.Resetter
	warm   [4]warmChunk // packed ones that were read last
	oldest int          // of warm, the next one to go
}

// warmChunk is a packed chunk as it is read.
type warmChunk struct {
	cold *coldChunk
	data []byte
}

func newAttic(unpacked int) *attic {
	if unpacked == 0 {
		unpacked = unpackedChunks
	}
	return &attic{
		chunks: map[uint64]weak.Pointer[coldChunk]{}, last: make([]*coldChunk, unpacked),
	}
}

// put is the cold chunk that holds data.
func (a *attic) put(data []byte) *coldChunk {
	sum := model.Sum64(0, data)
	if cold := a.chunks[sum].Value(); cold != nil && bytes.Equal(a.look(cold), data) {
		return cold
	}
	cold := &coldChunk{data: data, size: len(data)}
	a.chunks[sum] = weak.Make(cold)
	if old := a.last[a.next]; old != nil {
		a.pack(old)
	}
	a.last[a.next] = cold
	a.next = (a.next + 1) % len(a.last)
	return cold
}

// pack compresses a chunk.
func (a *attic) pack(c *coldChunk) {
	a.buffer.Reset()
	if a.packer == nil {
		a.packer, _ = flate.NewWriter(&a.buffer, flate.BestSpeed) // the level is one
	} else {
		a.packer.Reset(&a.buffer)
	}
	_, errWrite := a.packer.Write(c.data)
	if err := a.packer.Close(); err != nil || errWrite != nil {
		panic(fmt.Sprintf("sim: memory cannot be written: %v, %v", errWrite, err))
	}
	c.data, c.packed = nil, bytes.Clone(a.buffer.Bytes())
}

// look is what cold holds. It may be kept and must not be changed.
func (a *attic) look(cold *coldChunk) []byte {
	if cold.data != nil {
		return cold.data
	}
	for i := range a.warm {
		if w := &a.warm[i]; w.cold == cold {
			return w.data
		}
	}
	w := &a.warm[a.oldest]
	a.oldest = (a.oldest + 1) % len(a.warm)
	*w = warmChunk{cold, a.unpack(cold)}
	return w.data
}

// unpack returns what cold holds, for whoever asks alone.
func (a *attic) unpack(cold *coldChunk) []byte {
	data := make([]byte, cold.size)
	if cold.data != nil {
		copy(data, cold.data)
		return data
	}
	packed := bytes.NewReader(cold.packed)
	var err error
	if a.reader == nil {
		a.reader = flate.NewReader(packed)
	} else {
		err = a.reader.(flate.Resetter).Reset(packed, nil)
	}
	if err == nil {
		_, err = io.ReadFull(a.reader, data)
	}
	if err != nil {
		panic(fmt.Sprintf("sim: a cold chunk cannot be read: %v", err))
	}
	return data
}

// cool makes the chunk cold that a file of n chunks has just left behind.
func (f *File) cool(n int) {
	i := n - 1 - hotChunks
	if i < 0 || f.disk == nil || f.disk.attic == nil || f.chunks[i] == nil {
		return
	}
	for len(f.cold) <= i {
		f.cold = append(f.cold, nil)
	}
	f.cold[i], f.chunks[i] = f.disk.attic.put(f.chunks[i]), nil
}

// chunk is chunk i for reading.
func (f *File) chunk(i int64) []byte {
	if c := f.chunks[i]; c != nil {
		return c
	}
	return f.disk.attic.look(f.cold[i])
}

// warm makes chunk i fit to be changed.
func (f *File) warm(i int) {
	if i < len(f.cold) && f.cold[i] != nil {
		f.chunks[i], f.cold[i] = f.disk.attic.unpack(f.cold[i]), nil
	}
}
