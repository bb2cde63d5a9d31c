package sim

import "time"

// Hardware is what work costs on one node, in integer nanoseconds and bytes a second. A zero rate
// is no limit.
type Hardware struct {
	PerEvent time.Duration // CPU for taking one event, whatever it is
	PerKiB   time.Duration // CPU for each 1024 bytes of a frame that comes in or goes out
	NIC      int64         // bytes a second that leave the node
	Disk     int64         // bytes a second that a flush writes
	Flush    time.Duration // latency of a flush, besides the bytes
	Latency  time.Duration // one way to any other node
	Jitter   time.Duration // at most this much more, drawn for each frame
}

// profile is a named Hardware.
type profile struct {
	name string
	hw   Hardware
}

// profiles is the table of hardware. A lesson may rest on the order of magnitude of these figures,
// never on their digits. Their sources:
//
//   - Dean: "Latency numbers every programmer should know" (J. Dean, P. Norvig).
//   - Callaghan: M. Callaghan, "SSDs, power loss protection and fsync latency", smalldatum, January
//     2026: after 16 KB, 0.9 ms on a consumer drive, 12 to 58 µs on drives with protected caches.
//   - 10 Gbit/s is 10GBASE-T Ethernet (IEEE 802.3an).
//   - PerEvent and PerKiB are our estimates: two system calls and a wake-up with Kafka's request
//     handling between them, and one pass of checksum and one of copying at 4 GiB/s each.
var profiles = [...]profile{
	{
		// Brokers in containers on one laptop.
		"laptop", Hardware{
			PerEvent: 15 * time.Microsecond,
			PerKiB:   500 * time.Nanosecond,
			NIC:      1_250_000_000,          // a bridge between containers, taken for 10 Gbit/s
			Disk:     1_000_000_000,          // Dean: 1 MB in 1 ms, for reading
			Flush:    time.Millisecond,       // Callaghan: a consumer drive, rounded
			Latency:  100 * time.Microsecond, // no wire, but both ends wake from sleep: estimated
			Jitter:   50 * time.Microsecond,  // half of the latency: estimated
		},
	},
	{
		// Servers in one data centre.
		"datacenter", Hardware{
			PerEvent: 15 * time.Microsecond,
			PerKiB:   500 * time.Nanosecond,
			NIC:      1_250_000_000,          // 10 Gbit/s
			Disk:     2_000_000_000,          // twice the consumer drive: estimated
			Flush:    100 * time.Microsecond, // Callaghan: a protected cache, with its file system
			Latency:  250 * time.Microsecond, // Dean: half of a round trip of 0.5 ms
			Jitter:   50 * time.Microsecond,  // a fifth of the latency: estimated
		},
	},
	{
		// Work costs nothing; only distance is left, so that every wait on a picture is the protocol's
		// own. 100 µs are arbitrary.
		"ideal", Hardware{Latency: 100 * time.Microsecond},
	},
}

// Profile returns the hardware called name.
func Profile(name string) (Hardware, bool) {
	for _, p := range profiles {
		if p.name == name {
			return p.hw, true
		}
	}
	return Hardware{}, false
}

// Profiles returns the names of all profiles, the default first.
func Profiles() []string {
	names := make([]string, len(profiles))
	for i, p := range profiles {
		names[i] = p.name
	}
	return names
}

// cpu is how long a node is busy with an event of so many bytes.
func (h *Hardware) cpu(bytes int) time.Duration {
	return h.PerEvent + time.Duration(int64(h.PerKiB)*int64(bytes)/1024)
}

// perSecond is how long so many bytes take at a rate; nothing at rate 0.
func perSecond(bytes, rate int64) time.Duration {
	if rate == 0 {
		return 0
	}
	return time.Duration(bytes * int64(time.Second) / rate)
}
