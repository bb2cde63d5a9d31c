package wire

import (
	"time"

	"sandcastle/model"
)

// LinksConfig says how a process's outgoing connections behave. Zero values take Kafka's defaults.
type LinksConfig struct {
	ClientID string
	// TimerKind is the owner's timer kind for links.
	TimerKind uint32
	// Handshake asks each new connection for its API versions first. Without it requests go out at the
	// version that is set on them, as between brokers of one release.
	Handshake bool
	// HandshakeTimeout bounds the dial and then the handshake: 10 s
	// (socket.connection.setup.timeout.ms).
	HandshakeTimeout time.Duration
	// MaxInFlight is max.in.flight.requests.per.connection; 0 is no limit.
	MaxInFlight int
	// Backoff is reconnect.backoff.ms (default 50 ms), doubled with each failure up to BackoffMax,
	// reconnect.backoff.max.ms (default 1 s).
	Backoff, BackoffMax time.Duration
	// KeepsRecords is for a process that keeps the records of Fetch responses, which are in the frame.
	KeepsRecords bool
	// NextConn allocates connection ids, when the process dials connections besides these links too.
	NextConn func() model.ConnID
}

// Links is every outgoing connection of a process that speaks Kafka, one Link per address. The
// owner hands it each event first.
type Links struct {
	cfg       LinksConfig
	byAddr    map[string]*Link
	byConn    map[model.ConnID]*Link
	all       []*Link // by index − 1
	responses responses
}

// NewLinks returns a set without links.
func NewLinks(cfg LinksConfig) *Links {
	if cfg.HandshakeTimeout == 0 {
		cfg.HandshakeTimeout = 10 * time.Second
	}
	if cfg.Backoff == 0 {
		cfg.Backoff = 50 * time.Millisecond
	}
	if cfg.BackoffMax == 0 {
		cfg.BackoffMax = time.Second
	}
	if cfg.NextConn == nil {
		cfg.NextConn = DialIDs()
	}
	return &Links{
		cfg: cfg, byAddr: map[string]*Link{}, byConn: map[model.ConnID]*Link{},
		responses: responses{keepsRecords: cfg.KeepsRecords},
	}
}

// DialIDs returns an allocator of ids for the connections that one process dials.
func DialIDs() func() model.ConnID {
	next := model.ConnID(1)
	return func() model.ConnID {
		next += 2
		return next - 2
	}
}

// To returns the link to addr. It dials when something is sent.
func (ls *Links) To(addr string) *Link {
	if l, ok := ls.byAddr[addr]; ok {
		return l
	}
	l := &Link{ls: ls, addr: addr, index: uint64(len(ls.all) + 1), timerAt: model.Never}
	ls.byAddr[addr] = l
	ls.all = append(ls.all, l)
	return l
}

// HandleEvent takes the event if it belongs to a link and reports whether it did.
func (ls *Links) HandleEvent(in model.Event, out *model.Effects) bool {
	switch in.Kind {
	case model.TimerFired:
		if in.Timer.Kind != ls.cfg.TimerKind {
			return false
		}
		ls.all[in.Timer.ID-1].onTimer(out)
		return true
	case model.ConnOpened, model.ConnClosed, model.FrameReceived:
		l, ok := ls.byConn[in.Conn]
		if !ok {
			return false
		}
		switch in.Kind {
		case model.ConnOpened:
			l.onOpened(out)
		case model.ConnClosed:
			l.disconnected(out, ErrDisconnected, true)
		default:
			l.onFrame(out, in.Data)
		}
		return true
	default:
		return false
	}
}

// backoff is how long to wait before dialling again after so many failures in a row.
func (ls *Links) backoff(failures uint) time.Duration {
	d := ls.cfg.Backoff
	for ; failures > 0 && d < ls.cfg.BackoffMax; failures-- {
		d *= 2
	}
	return min(d, ls.cfg.BackoffMax)
}
