package palette

import (
	"strconv"
	"strings"
)

// Look is how one of many is told from the others, wherever it is drawn: by the ink of its lines,
// the ink of its bars, which is of the same hue, and its round. There are as many looks in a round
// as there are inks; from the second round on lines are dashed and bars striped.
type Look struct {
	Line, Bar Ink
	Round     int // from 0
}

// Nth is the look of the nth of many, from 0.
func Nth(n int) Look {
	lines, bars := Lines(), Bars()
	return Look{lines[n%len(lines)], bars[n%len(bars)], n / len(lines)}
}

// Cast is how the nodes of a run look in all of its figures and on its page.
type Cast struct{ place map[string]int }

// NewCast gives every node its look. A broker has that of its number, so that it looks the same in
// every run and in a figure that shows only some of them; the others have theirs in their order.
func NewCast(nodes []string) Cast {
	c := Cast{place: make(map[string]int, len(nodes))}
	others := 0
	for _, node := range nodes {
		if _, again := c.place[node]; again {
			continue
		}
		place, broker := brokerPlace(node)
		if !broker {
			place = others
			others++
		}
		c.place[node] = place
	}
	return c
}

// Of is the look of a node. One that the cast lacks looks like the first.
func (c Cast) Of(node string) Look {
	if place, broker := brokerPlace(node); broker {
		return Nth(place)
	}
	return Nth(c.place[node])
}

// brokerPlace is the place of "broker-3" among brokers, 2.
func brokerPlace(node string) (place int, broker bool) {
	number, broker := strings.CutPrefix(node, "broker-")
	n, err := strconv.Atoi(number)
	if !broker || err != nil || n < 0 {
		return 0, false
	}
	return max(n-1, 0), true
}
