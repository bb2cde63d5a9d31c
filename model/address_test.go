package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		host string
		port int32
		addr string
	}{
		{"localhost", 9092, "localhost:9092"},
		{"broker-1", 0, "broker-1:0"},
		{"kafka.example.com", 65535, "kafka.example.com:65535"},
		{"192.0.2.7", 9092, "192.0.2.7:9092"},
		{"", 9092, ":9092"},
		{"::1", 9092, "[::1]:9092"},
		{"2001:db8::7", 9092, "[2001:db8::7]:9092"},
		{"::ffff:192.0.2.7", 9092, "[::ffff:192.0.2.7]:9092"},
		{"fe80::1%eth0", 9092, "[fe80::1%eth0]:9092"},
		{"::", 9092, "[::]:9092"},
	} {
		require.Equal(t, c.addr, JoinAddress(c.host, c.port))
		host, port, ok := SplitAddress(c.addr)
		require.True(t, ok, c.addr)
		require.Equal(t, c.host, host)
		require.Equal(t, c.port, port)
	}
	require.Equal(t, "[::1]:9092", JoinAddress("[::1]", 9092), "brackets are not doubled")
	for _, addr := range []string{
		"", "localhost", "localhost:", "localhost:http", "localhost:-1", "localhost:65536", "::1", "::1:9092",
		"[::1]", "[::1]9092", "[::1:9092", "::1]:9092", "[localhost]:9092", "[a:http]:9092", "[a:b]:9092", "[fe80::1%]:9092",
		"a:b:9092", "[]:9092",
	} {
		_, _, ok := SplitAddress(addr)
		require.False(t, ok, addr)
	}
}
