package sim

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"sandcastle/model"
)

// DiskContract tests what every model.Disk promises, as long as the power stays on. empty makes a
// disk without files for each clause.
func DiskContract(t TB, empty func() model.Disk) {
	t.Helper()
	for _, clause := range []func(TB, model.Disk){
		diskReadsWhatWasWritten, diskEndsWithEOF, diskCutsAndExtends, diskCrossesChunks, diskLists,
		diskRenames, diskRefusesBadPaths,
	} {
		clause(t, empty())
	}
}

func openFile(t TB, d model.Disk, path string) model.File {
	t.Helper()
	f, err := d.Open(path)
	demand(t, err == nil, "open %q: %v", path, err)
	return f
}

func writeFile(t TB, f model.File, data []byte, off int64) {
	t.Helper()
	n, err := f.WriteAt(data, off)
	demand(t, n == len(data) && err == nil, "write %d bytes at %d: %d, %v", len(data), off, n, err)
}

// holds requires that a file holds exactly want, read at once, and in part, and lent.
func holds(t TB, f model.File, want []byte) {
	t.Helper()
	demand(t, f.Size() == int64(len(want)), "size %d, want %d", f.Size(), len(want))
	got := make([]byte, len(want))
	n, err := f.ReadAt(got, 0)
	demand(t, n == len(want) && (err == nil || errors.Is(err, io.EOF)), "read: %d, %v", n, err)
	demand(t, bytes.Equal(got, want), "a file of %d bytes does not hold what was written", len(want))
	lo, hi := len(want)/3, len(want)/2
	if v, ok := f.(model.Viewer); ok && lo < hi {
		lent := v.View(int64(lo), hi-lo)
		demand(t, lent == nil || bytes.Equal(lent, want[lo:hi]), "a view shows something else")
	}
}

func diskReadsWhatWasWritten(t TB, d model.Disk) {
	f := openFile(t, d, "orders-0/00000000.log")
	holds(t, f, nil)
	writeFile(t, f, []byte("hello"), 0)
	writeFile(t, f, []byte(" world"), f.Size())
	writeFile(t, f, []byte("J"), 0)
	holds(t, f, []byte("Jello world"))
	holds(t, openFile(t, d, "orders-0/00000000.log"), []byte("Jello world"))
	writeFile(t, f, []byte("!"), 14)
	holds(t, f, []byte("Jello world\x00\x00\x00!"))
}

func diskEndsWithEOF(t TB, d model.Disk) {
	f := openFile(t, d, "log")
	writeFile(t, f, []byte("0123456789"), 0)
	demand(t, f.Truncate(6) == nil, "truncate failed")
	p := bytes.Repeat([]byte("."), 8)
	n, err := f.ReadAt(p, 3)
	demand(t, n == 3 && err == io.EOF, "a read over the end: %d, %v", n, err)
	demand(t, string(p[:3]) == "345", "a read over the end gave %q", p[:3])
	n, err = f.ReadAt(p, 100)
	demand(t, n == 0 && err == io.EOF, "a read behind the end: %d, %v", n, err)
	_, err = f.ReadAt(p, -1)
	demand(t, err != nil && err != io.EOF, "a read before the beginning: %v", err)
	_, err = f.WriteAt(p, -1)
	demand(t, err != nil, "a write before the beginning succeeded")
	demand(t, f.Truncate(-1) != nil, "a negative size was taken")
}

func diskCutsAndExtends(t TB, d model.Disk) {
	f := openFile(t, d, "log")
	writeFile(t, f, []byte("secret"), 0)
	demand(t, f.Truncate(2) == nil, "truncate failed")
	holds(t, f, []byte("se"))
	demand(t, f.Truncate(5) == nil, "extend failed")
	holds(t, f, []byte("se\x00\x00\x00"))
	demand(t, f.Truncate(0) == nil, "truncate failed")
	holds(t, f, nil)
}

func diskCrossesChunks(t TB, d model.Disk) {
	f := openFile(t, d, "big")
	var want []byte
	for i := range 40 {
		batch := bytes.Repeat([]byte{byte(i)}, 30_011)
		writeFile(t, f, batch, int64(len(want)))
		want = append(want, batch...)
	}
	writeFile(t, f, []byte("across"), 1<<18-3)
	copy(want[1<<18-3:], "across")
	holds(t, f, want)
	demand(t, f.Truncate(1<<19+1) == nil, "truncate failed")
	holds(t, f, want[:1<<19+1])
	writeFile(t, f, []byte("end"), 1<<19+1)
	holds(t, f, append(want[:1<<19+1:1<<19+1], "end"...))
}

func lists(t TB, d model.Disk, dir string, want ...string) {
	t.Helper()
	got, err := d.List(dir)
	demand(t, err == nil, "list %q: %v", dir, err)
	demand(t, slices.Equal(got, want), "list %q: %q, want %q", dir, got, want)
}

func diskLists(t TB, d model.Disk) {
	lists(t, d, "")
	for _, path := range []string{"b/2", "a/1", "ab", "b/10", "a-b/1"} {
		openFile(t, d, path)
	}
	lists(t, d, "", "a-b/1", "a/1", "ab", "b/10", "b/2")
	lists(t, d, "a", "a/1")
	lists(t, d, "b", "b/10", "b/2")
	lists(t, d, "none")
}

func diskRenames(t TB, d model.Disk) {
	f := openFile(t, d, "checkpoint.tmp")
	writeFile(t, f, []byte("new"), 0)
	writeFile(t, openFile(t, d, "checkpoint"), []byte("older"), 0)
	demand(t, d.Rename("checkpoint.tmp", "checkpoint") == nil, "rename failed")
	lists(t, d, "", "checkpoint")
	holds(t, openFile(t, d, "checkpoint"), []byte("new"))
	writeFile(t, f, []byte("er"), 3)
	holds(t, openFile(t, d, "checkpoint"), []byte("newer"))
	demand(t, d.Rename("checkpoint", "checkpoint") == nil, "rename to itself failed")
	demand(t, d.Rename("checkpoint", "dir/kept") == nil, "rename into a directory failed")
	lists(t, d, "dir", "dir/kept")
	demand(t, d.Remove("dir/kept") == nil, "removal failed")
	lists(t, d, "")
	holds(t, openFile(t, d, "dir/kept"), nil)
	demand(t, d.Rename("missing", "x") != nil, "a file that is not there was renamed")
	demand(t, d.Rename("dir/kept", "") != nil, "a file was renamed to nothing")
	demand(t, d.Remove("missing") != nil, "a file that is not there was removed")
	lists(t, d, "", "dir/kept")
}

func diskRefusesBadPaths(t TB, d model.Disk) {
	for _, path := range []string{"", "/", "/abs", "dir/"} {
		_, err := d.Open(path)
		demand(t, err != nil, "opened %q", path)
	}
	lists(t, d, "")
}
