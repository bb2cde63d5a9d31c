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

// profiles is the table of hardware. The figures are our own estimates of the class of machine,
// from what data sheets and common tables of latencies say, rounded; a lesson may rest on their
// order of magnitude, never on their digits.
var profiles = [...]profile{
	{
		// Brokers in containers on one laptop. CPU: 15 µs for a small request on one core, 2 GiB/s
		// through checksum and socket. Network: a bridge between containers, 10 Gbit/s and 100 µs. Disk:
		// a consumer NVMe drive, 1 GB/s written, 1 ms for a flush that reaches the flash.
		"laptop", Hardware{
			PerEvent: 15 * time.Microsecond, PerKiB: 500 * time.Nanosecond, NIC: 1_250_000_000,
			Disk: 1_000_000_000, Flush: time.Millisecond, Latency: 100 * time.Microsecond,
			Jitter: 50 * time.Microsecond,
		},
	},
	{
		// Servers in one data centre: the same CPU; a round trip of 0.5 ms; 10 Gbit/s; NVMe with
		// power-loss protection, 2 GB/s and 100 µs for a flush.
		"datacenter", Hardware{
			PerEvent: 15 * time.Microsecond, PerKiB: 500 * time.Nanosecond, NIC: 1_250_000_000,
			Disk: 2_000_000_000, Flush: 100 * time.Microsecond, Latency: 250 * time.Microsecond,
			Jitter: 50 * time.Microsecond,
		},
	},
	{
		// Work costs nothing; only distance is left, so that every wait on a picture is the protocol's
		// own.
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
