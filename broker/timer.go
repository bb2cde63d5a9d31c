package broker

import (
	"fmt"

	"sandcastle/model"
)

// Kinds of the broker's timers. The ID is the component's own, 0 where there is only one.
const (
	timerSession    uint32 = iota + 1 // the ZooKeeper session
	timerFetchLinks                   // connections to other brokers, by their use
	timerControlLinks
	timerForwardLinks
	timerISRLinks
	timerController // the controller
	timerGroups     // the group coordinator
	timerDeadline   // the next deadline of a parked request
	timerISR        // time to look for followers that lag
	timerISRStore   // time for the ISR store to notify the controller, or to ask it again
	timerCheckpoint // time to write the high watermarks down
	timerFetcher    // a fetcher's back-off is over; ID is the leader's broker id
	timerShutdown   // time to ask the controller again to move the leaders
	timerLogTask    // a task of replica/log_tasks.go is due; ID is its place in the table
	timerCleaner    // time for the log cleaner to look for dirty logs
	timerRegister   // a broker that ended because another incarnation was registered is back
	timerProduce    // the rest of a long request has its turn
)

// TimerWords say for the trace what a broker's timer is for.
func TimerWords(t model.Timer) string {
	switch t.Kind {
	case timerSession:
		return "the ZooKeeper session"
	case timerFetchLinks:
		return "connections to leaders"
	case timerControlLinks:
		return "connections of the controller"
	case timerForwardLinks, timerISRLinks:
		return "connections to the controller"
	case timerController:
		return "the controller"
	case timerGroups:
		return "the group coordinator"
	case timerDeadline:
		return "the deadline of a request that waits"
	case timerISR:
		return "a look for followers that lag"
	case timerISRStore:
		return "the in-sync set is to be told"
	case timerCheckpoint:
		return "high watermarks are to be written down"
	case timerFetcher:
		return fmt.Sprintf("broker-%d may be asked again", t.ID)
	case timerShutdown:
		return "the controller is to be asked for a shutdown again"
	case timerLogTask:
		return "a task of the logs"
	case timerCleaner:
		return "the log cleaner"
	case timerRegister:
		return "the broker is to be registered again"
	case timerProduce:
		return "the rest of a long request"
	default:
		return "a timer of the broker"
	}
}
