package digest

import (
	"sandcastle/model"
)

// folding tells which events are of no interest until somebody asks: exchanges that bring nothing
// new, and what only keeps a process going.
type folding struct {
	// asked are the requests that may turn out to have been for nothing, by their reply.
	asked map[exchange]int
}

// exchange is a request and its reply.
type exchange struct {
	from, to    int // lanes of the request
	api         string
	correlation int32
}

func newFolding() folding { return folding{asked: map[exchange]int{}} }

// onStep folds the event at index, with the request that it answers. empty says that it is a reply
// that brings nothing.
func (f *folding) onStep(events []DiagramEvent, index int, empty bool) {
	e := &events[index]
	switch e.Kind {
	case model.TimerFired.String(), model.Flushed.String(), model.ConnOpened.String(),
		model.ConnClosed.String():
		e.Fold = Noise
	case model.FrameReceived.String():
		f.onFrame(events, index, empty)
	}
}

func (f *folding) onFrame(events []DiagramEvent, index int, empty bool) {
	e := &events[index]
	fold := quiet(e.Label.Name)
	switch {
	case fold == Unfolded:
	case fold == Noise:
		e.Fold = Noise
	case !e.Label.Reply:
		key := exchange{e.Peer, e.Lane, e.Label.Name, e.Label.Correlation}
		f.asked[key] = index
	default:
		key := exchange{e.Lane, e.Peer, e.Label.Name, e.Label.Correlation}
		request, known := f.asked[key]
		delete(f.asked, key)
		if !empty {
			return
		}
		e.Fold = fold
		if known && request >= 0 {
			events[request].Fold = fold
		}
	}
}

// quiet says how exchanges of an API are folded when they bring nothing.
func quiet(api string) Fold {
	switch api {
	case "Heartbeat", "zk.ping":
		return Heartbeat
	case "Fetch":
		return EmptyPoll
	case "ApiVersions": // a connection begins with it
		return Noise
	default:
		return Unfolded
	}
}

// moved tells that events have new indexes, −1 for those that are gone.
func (f *folding) moved(to []int32) {
	//unordered: every entry is changed by itself
	for key, index := range f.asked {
		if index >= 0 {
			f.asked[key] = int(to[index])
		}
	}
}
