package host

import (
	"fmt"
	"log/slog"
	"net"
	"syscall"
)

// Descriptors are what this process may open, and for what.
type Descriptors struct {
	// Limit is how many there may be (RLIMIT_NOFILE). Go raises it to what the system allows.
	Limit int
	// Needed is how many this program takes at least, without a client: for its listeners, its
	// connections to itself, what every directory holds open at the least, and what connections leave
	// to files.
	Needed int
	// Files is how many files may be open at one time, of all directories together; the rest is for
	// connections.
	Files int
	// OnDisk is how many files the directories hold. Those beyond Files are closed while others are
	// in use, which costs time and no descriptors.
	OnDisk int
}

const (
	// spareDescriptors are kept from connections, so that a file can always be opened.
	spareDescriptors = 64
	// someClients are the connections that a broker should have descriptors for, whatever it holds.
	someClients = 200
	// ownDescriptors are those of the program itself: its terminal, and what Go waits with.
	ownDescriptors = 16
	// leastFiles are as many as one directory keeps open when it may keep hardly any.
	leastFiles = 8
)

// planDescriptors shares out what the process may open among brokers, and a ZooKeeper of its own.
func planDescriptors(brokers int) Descriptors {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<30 {
		limit.Cur = 1 << 20
	}
	most := int(limit.Cur)
	const links = 4 // that a broker has to another one, each with both of its ends here
	dirs := brokers + 1
	return Descriptors{
		Limit: most, Files: min(most/2, defaultHandles*dirs),
		Needed: ownDescriptors + spareDescriptors + dirs*(leastFiles+keptGone+flushesAtOnce+2) +
			brokers*2 + brokers*(brokers-1)*2*links,
	}
}

// Few tells whether there are too few for what is needed and some clients.
func (d Descriptors) Few() bool { return d.Limit < d.Needed+someClients }

// String says it to whoever starts the process.
func (d Descriptors) String() string {
	text := fmt.Sprintf("descriptors: %d are needed, and one for each connection of a client; %d may "+
		"be open; of %d files on the disk up to %d are open at a time",
		d.Needed, d.Limit, d.OnDisk, d.Files)
	if d.Few() {
		text += fmt.Sprintf("\nwarning: %d descriptors are too few for %d clients: allow at least %d "+
			"(ulimit -n)", d.Limit, someClients, d.Needed+someClients)
	}
	return text
}

// crowded reports whether a connection has one of the last descriptors. The system gives the lowest
// number that is free, so the number tells how many are in use.
func crowded(socket net.Conn, limit int) bool {
	tcp, ok := socket.(*net.TCPConn)
	if !ok || limit == 0 {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false
	}
	last := false
	return raw.Control(func(fd uintptr) { last = int(fd) >= limit-spareDescriptors }) == nil && last
}

// tellShort logs that descriptors have run out, which is for whoever started the process to mend.
func tellShort(log *slog.Logger, root string) func(error) {
	return func(err error) {
		log.Warn("files wait to be opened: too many descriptors are in use (ulimit -n)",
			"directory", root, "error", err)
	}
}
