package tools

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBootstrapAddresses(t *testing.T) {
	t.Setenv(BootstrapVar, "")
	for _, row := range []struct{ servers, variable, want string }{
		{"", "", "localhost:9092"},
		{"", "one:1,two", "one:1,two:9092"},
		{"three:3", "one:1", "three:3"},
		{"[::1]:4, ::1", "", "[::1]:4,[::1]:9092"},
	} {
		t.Setenv(BootstrapVar, row.variable)
		addrs, err := (&Bootstrap{Servers: row.servers, Timeout: time.Second}).Addrs()
		require.NoError(t, err)
		require.Equal(t, row.want, strings.Join(addrs, ","))
	}
}
