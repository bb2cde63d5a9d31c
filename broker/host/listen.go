package host

import (
	"errors"
	"net"
	"strconv"
	"syscall"
)

// loopbackName stands for both loopback addresses: some programs that are told this name try the
// one of IPv6 alone.
const loopbackName = "localhost"

// listenOn listens at "host:port", all of it or nothing. Of localhost it is both addresses at one
// port, where the machine has both.
func listenOn(addr string) ([]net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host != loopbackName {
		l, err := net.Listen("tcp", addr)
		return []net.Listener{l}, err
	}
	const tries = 10 // for a port that is free at both
	for n := 1; ; n++ {
		four, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return nil, err
		}
		chosen := strconv.Itoa(four.Addr().(*net.TCPAddr).Port)
		six, err := net.Listen("tcp6", net.JoinHostPort("::1", chosen))
		switch {
		case err == nil:
			return []net.Listener{four, six}, nil
		case !errors.Is(err, syscall.EADDRINUSE):
			return []net.Listener{four}, nil // there is no IPv6
		}
		four.Close()
		if port != "0" || n == tries {
			return nil, err
		}
	}
}
