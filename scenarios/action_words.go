package scenarios

import (
	"fmt"
	"strings"
)

// Words say what an entry does, as a predicate of where; "" stands for those to whom it is done. A
// story needs them of what leaves no fault in the trace.
func (a *Action) Words() (where, what string) {
	const world, network = "world", "network"
	switch a.Verb {
	case "send":
		return "", "is told to send " + a.sends()
	case "delete-key":
		return "", fmt.Sprintf("is told to send a record with key %q and no value", a.Key)
	case "seek":
		return "", fmt.Sprintf("is told to go on at offset %d of %s", a.Offset, a.Partition)
	case "close", "stop":
		return "", "is told to end in good order"
	case "lead":
		return "", "is to lead " + a.Partition.String() + " from now on"
	case "forbid":
		return "", "may not lead " + a.Partition.String()
	case "hold":
		return network, a.messages() + " will be held back"
	case "drop":
		return network, a.messages() + " will be lost"
	case "postpone":
		return network, a.messages() + " will come later"
	case "add-partitions":
		return world, fmt.Sprintf("an operator asks for %d partitions of %s", a.Partitions, a.Name)
	case "alter-config":
		return world, "an operator changes the configuration of " + a.Name
	case "delete-records":
		return world, "an operator deletes records of " + a.Name
	case "elect-preferred", "elect-unclean":
		return world, "an operator asks for a leader of " + a.Name
	case "reassign":
		return world, fmt.Sprintf("an operator moves %s to brokers %s", a.Name,
			strings.Trim(fmt.Sprint(a.Replicas), "[]"))
	case "release":
		return network, "what " + a.Name + " holds is let go"
	case "discard":
		return network, "what " + a.Name + " holds is lost"
	default:
		return "", a.Verb + " is done"
	}
}

// messages are those that an entry picks.
func (a *Action) messages() string {
	what := a.API
	if a.Message == "reply" {
		what = "answers to " + what
	}
	return what + " from " + rolesText(a.Targets) + " to " + rolesText(a.To)
}

// sends is what a producer is told to send.
func (a *Action) sends() string {
	switch n := len(a.Values); {
	case n > 1:
		return strings.Join(a.Values[:n-1], ", ") + " and " + a.Values[n-1]
	case n == 1:
		return a.Values[0]
	case a.Count == 1:
		return "a record"
	default:
		return fmt.Sprintf("%d records", a.Count)
	}
}
