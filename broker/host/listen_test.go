package host

import (
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// What listens on localhost is reached at either loopback address, and at no other.
func TestLocalhostIsBothLoopbacks(t *testing.T) {
	list, err := listenOn("localhost:0")
	require.NoError(t, err)
	port := strconv.Itoa(list[0].Addr().(*net.TCPAddr).Port)
	for _, l := range list {
		require.True(t, l.Addr().(*net.TCPAddr).IP.IsLoopback())
		conn, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		conn.Close()
	}
	_, err = listenOn("localhost:" + port)
	require.ErrorContains(t, err, "in use")
	list[0].Close()
	if len(list) == 1 {
		t.Skip("no IPv6 here")
	}
	_, err = listenOn("localhost:" + port)
	require.ErrorContains(t, err, "in use", "one of them is enough")
	l, err := net.Listen("tcp4", "127.0.0.1:"+port)
	require.NoError(t, err, "and the other was let go")
	l.Close()
	list[1].Close()
}
