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
	// Files is how many of them files may take at one time, of all directories together; the rest is
	// for connections.
	Files int
}

const (
	// spareDescriptors are kept from connections, so that a file can always be opened.
	spareDescriptors = 64
	// LeastDescriptors is what brokers and some clients can live with.
	LeastDescriptors = 1024
)

// planDescriptors shares out what the process may open.
func planDescriptors(dirs int) Descriptors {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<30 {
		limit.Cur = 1 << 20
	}
	most := int(limit.Cur)
	return Descriptors{Limit: most, Files: min(most/2, defaultHandles*max(dirs, 1))}
}

// String says it to whoever starts the process.
func (d Descriptors) String() string {
	text := fmt.Sprintf("%d descriptors may be open, up to %d for files and the others for "+
		"connections", d.Limit, d.Files)
	if d.Limit < LeastDescriptors {
		text += fmt.Sprintf("; that is few: allow at least %d (ulimit -n)", LeastDescriptors)
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
