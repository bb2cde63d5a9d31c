package figures

import (
	"gonum.org/v1/plot/vg"
)

// label is a text above the data, tied to a place on the time axis.
type label struct {
	text  string
	x     vg.Length // where it points
	width vg.Length
	left  vg.Length // where the text begins
	lane  int       // 0 is the lowest; −1 when there is no room
}

const (
	labelGap   = vg.Length(8)
	labelInset = vg.Length(4) // between a leader and its text
)

// placeLabels gives every label a lane so that texts do not touch and no leader, the line from a
// text down to the data, crosses another text. It returns how many lanes there are. Labels come
// sorted by x; they are placed from the right, because a text flies to the right of its leader
// like a flag, unless there is no room.
func placeLabels(labels []label, right vg.Length, most int) (lanes int) {
	for i := len(labels) - 1; i >= 0; i-- {
		l := &labels[i]
		l.left = l.x + labelInset
		if l.left+l.width > right {
			l.left = max(l.x-labelInset-l.width, 0)
		}
		l.lane = freeLane(labels[i+1:], *l, most)
		lanes = max(lanes, l.lane+1)
	}
	return lanes
}

func freeLane(placed []label, l label, most int) int {
	for lane := range most {
		if fits(placed, l, lane) {
			return lane
		}
	}
	return -1
}

// fits reports whether l may stand in lane beside those that are placed.
func fits(placed []label, l label, lane int) bool {
	for _, p := range placed {
		switch {
		case p.lane < 0:
		case p.lane == lane && overlap(l, p):
			return false
		case p.lane < lane && l.x >= p.left-2 && l.x <= p.left+p.width: // my leader through its text
			return false
		case p.lane > lane && p.x >= l.left-2 && p.x <= l.left+l.width: // its leader through my text
			return false
		}
	}
	return true
}

func overlap(a, b label) bool {
	return a.left < b.left+b.width+labelGap && b.left < a.left+a.width+labelGap
}
