package client

import "sandcastle/model"

// Kinds of the clients' timers.
const (
	timerLinks       uint32 = iota + 1 // connections to brokers
	timerCoordinator                   // connections to the group coordinator
	timerMetadata                      // metadata is to be refreshed
	// the client has something to do: a linger, back-off or timeout ends
	timerWork
)

// TimerWords say for the trace what a client's timer is for.
func TimerWords(t model.Timer) string {
	switch t.Kind {
	case timerLinks:
		return "connections to brokers"
	case timerCoordinator:
		return "connections to the group coordinator"
	case timerMetadata:
		return "metadata is to be refreshed"
	default:
		return "a linger, a back-off or a timeout ends"
	}
}

// alarm is one timer of a process. It knows what it is set to, so that setting it again to the
// same time or to a later one costs nothing: a timer that fires too early is set again.
type alarm struct {
	kind uint32
	at   model.Time
}

func newAlarm(kind uint32) alarm { return alarm{kind: kind, at: model.Never} }

// by makes the alarm ring at the latest at that time.
func (a *alarm) by(out *model.Effects, at model.Time) {
	if at < a.at {
		a.at = at
		out.SetTimer(model.Timer{Kind: a.kind}, at)
	}
}

// rang notes that the timer fired.
func (a *alarm) rang() { a.at = model.Never }

// stop takes the timer back.
func (a *alarm) stop(out *model.Effects) {
	if a.at != model.Never {
		a.at = model.Never
		out.CancelTimer(model.Timer{Kind: a.kind})
	}
}
