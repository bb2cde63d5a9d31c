package model

import (
	"strconv"
	"strings"
)

// JoinAddress is "host:port", where a process dials or listens. An IPv6 address stands in brackets,
// because it has colons itself: "[::1]:9092".
func JoinAddress(host string, port int32) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
}

// SplitAddress takes apart what JoinAddress makes, and returns the host without brackets. The host
// may be empty, as of a listener on all interfaces. ok is false without a port from 0 to 65535, or
// for an IPv6 address that has no brackets: nobody could tell where its port begins.
func SplitAddress(addr string) (host string, port int32, ok bool) {
	colon := strings.LastIndexByte(addr, ':')
	if colon < 0 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(addr[colon+1:], 10, 16)
	if err != nil {
		return "", 0, false
	}
	host = addr[:colon]
	if inner, found := strings.CutPrefix(host, "["); found {
		host, found = strings.CutSuffix(inner, "]")
		if !found || !isIPv6(host) {
			return "", 0, false
		}
	} else if strings.ContainsAny(host, ":[]") {
		return "", 0, false
	}
	return host, int32(n), true
}

// isIPv6 tells whether host is made of what an IPv6 address is, with or without a zone.
func isIPv6(host string) bool {
	address, zone, zoned := strings.Cut(host, "%")
	return strings.Count(address, ":") >= 2 &&
		strings.Trim(address, "0123456789abcdefABCDEF:.") == "" &&
		(!zoned || zone != "" && !strings.ContainsAny(zone, "[]"))
}
