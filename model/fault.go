package model

import (
	"strconv"
	"strings"
	"time"
)

// Fault is something that was done to the world and its processes: by a scenario's timeline, by an
// operator, or by chance. It is a line of the trace, of kind TraceFault when it happens and of kind
// TraceHeal when it ends. Checks and figures read its fields; String is for people.
type Fault struct {
	Verb string // a Verb of FaultKinds, or one of the user of the world
	Node NodeID // to whom; "" for the world, or when nobody was found
	// Peer is the other end of a link, or the receiver of a message.
	Peer NodeID
	// Message is what of the messages it was that the fault met, as in "Fetch reply"; "" when the
	// fault is not about one message.
	Message string
	// By is how much later something happens.
	By time.Duration
	// Detail says more, such as what is wrong with a disk; of a fault that found nobody, whom it
	// sought.
	Detail string
	// Failed is why nothing was done; "" when it was.
	Failed string
	// Until is when the fault is planned to end; 0 when that is not known. The end is a line of its
	// own, so Until is no part of the hash.
	Until Time
}

// ReplyMark ends the Message of a fault that met an answer.
const ReplyMark = " reply"

// NobodyNow is the Failed of a fault whose target stood for nobody at that moment.
const NobodyNow = "nobody is that now"

// The verbs of the kernel's own faults.
const (
	FaultStart     = "start"
	FaultKill      = "kill"
	FaultPowerLoss = "power-loss"
	FaultHalt      = "halt"
	FaultPause     = "pause"
	FaultResume    = "resume"
	FaultDisk      = "disk"
	FaultWipe      = "wipe"
	FaultSlowDisk  = "slow-disk"
	FaultCut       = "cut"
	FaultSlow      = "slow"
	FaultReset     = "reset"
	FaultHold      = "hold"
	FaultDelay     = "delay"
	FaultDrop      = "drop"

	FaultShiftClock = "shift-clock"
	FaultDriftClock = "drift-clock"
	FaultRot        = "rot"
	FaultMisdirect  = "misdirect"
	FaultDuplicate  = "duplicate"
	FaultReorder    = "reorder"
)

// Picture is how a fault that lasts is drawn.
type Picture uint8

const (
	PictureFlag    Picture = iota // it does not last, or nobody knows how: a flag where it happened
	PictureDown                   // a process that is not there
	PicturePaused                 // a process that stands still
	PictureNetwork                // links that do not carry what they should
)

// FaultForm is what stands behind the verb when a fault is printed, and how it is read back.
type FaultForm uint8

const (
	FormNode    FaultForm = iota // verb [node] [detail] [by duration]
	FormReason                   // verb node: detail
	FormLink                     // verb node > peer [by duration]
	FormPair                     // verb node - peer
	FormMessage                  // verb message node > peer [by duration]
)

// FaultKind is a row of the table of verbs.
type FaultKind struct {
	Verb string
	Form FaultForm
	// Begins says that the fault lasts until something ends it; Ends, that it ends what has the same
	// Picture on the same node.
	Begins, Ends bool
	// LosesData says that a disk has less afterwards than was written to it.
	LosesData bool
	Picture   Picture
	Label     string // of what is drawn, after the node; "" stands for the whole text
	// Predicate is what became of the node, in a sentence, and Recovery what becomes of it when the
	// fault has ended; "" stands for the whole text. Detailed says that the predicate goes on with
	// the fault's Detail.
	Predicate, Recovery string
	Detailed            bool
}

// FaultKinds is the table of the kernel's faults.
func FaultKinds() []FaultKind {
	return []FaultKind{
		{Verb: FaultStart, Ends: true, Picture: PictureDown, Predicate: "is started again"},
		{
			Verb: FaultKill, Begins: true, Picture: PictureDown, Label: "down",
			Predicate: "is killed",
		},
		{
			Verb: FaultPowerLoss, Begins: true, LosesData: true, Picture: PictureDown,
			Label: "without power", Predicate: "loses its power and what was not flushed",
		},
		{
			Verb: FaultHalt, Form: FormReason, Begins: true, Picture: PictureDown, Label: "down",
			Predicate: "stops by itself",
		},
		{
			Verb: FaultPause, Begins: true, Picture: PicturePaused, Label: "paused",
			Predicate: "stands still",
		},
		{Verb: FaultResume, Ends: true, Picture: PicturePaused, Predicate: "goes on"},
		{
			Verb: FaultDisk, Begins: true, Picture: PictureDown, Label: "disk broken",
			Predicate: "has a broken disk", Recovery: "has a sound disk again",
		},
		{Verb: FaultWipe, LosesData: true, Predicate: "has an empty disk"},
		{
			Verb: FaultSlowDisk, Begins: true, Picture: PictureNetwork, Label: "slow disk",
			Predicate: "waits for its disk", Recovery: "has a quick disk again",
		},
		{Verb: FaultCut, Form: FormLink, Begins: true, Picture: PictureNetwork},
		{Verb: FaultSlow, Form: FormLink, Begins: true, Picture: PictureNetwork},
		{Verb: FaultReset, Form: FormPair},
		{Verb: FaultHold, Form: FormMessage},
		{Verb: FaultDelay, Form: FormMessage},
		{Verb: FaultDrop, Form: FormMessage},
		{Verb: FaultDuplicate, Form: FormMessage},
		{Verb: FaultReorder, Form: FormMessage},
		{
			Verb: FaultShiftClock, Begins: true, Picture: PictureNetwork, Label: "wrong clock",
			Recovery: "has the right time again",
		},
		{
			Verb: FaultDriftClock, Begins: true, Picture: PictureNetwork, Label: "drifting clock",
			Recovery: "has the right time again",
		},
		{
			Verb: FaultRot, LosesData: true, Predicate: "has a bit flipped on its disk:", Detailed: true,
			Recovery: "has its disk repaired",
		},
		{
			Verb: FaultMisdirect, LosesData: true, Predicate: "has writes go astray on its disk",
			Recovery: "has its disk repaired",
		},
	}
}

// FaultKindOf finds the row of a verb in a table; one that is not there is a flag that does not
// last.
func FaultKindOf(kinds []FaultKind, verb string) FaultKind {
	for i := range kinds {
		if kinds[i].Verb == verb {
			return kinds[i]
		}
	}
	return FaultKind{Verb: verb}
}

// Sum mixes the fault into the running hash h.
func (f *Fault) Sum(h uint64) uint64 { return SumString(h, f.Words()) }

// String prints the fault in one line. ParseFault reads it back.
func (f Fault) String() string {
	if f.Until == 0 {
		return f.Words()
	}
	return f.Words() + untilMark + time.Duration(f.Until).String()
}

const (
	untilMark = " until "
	byMark    = " by "
	linkMark  = " > "
	pairMark  = " - "
	whyMark   = ": "
)

// Words say what was done, in the trace's own terms: "kill broker-1", "drop Fetch reply a > b".
// They leave out when it will end, which nobody who sees it happen can know.
func (f *Fault) Words() string {
	form := FaultKindOf(FaultKinds(), f.Verb).Form
	ends := string(f.Node)
	switch {
	case f.Peer != "" && form == FormPair:
		ends += pairMark + string(f.Peer)
	case f.Peer != "":
		ends += linkMark + string(f.Peer)
	}
	var b strings.Builder
	b.WriteString(f.Verb)
	for _, part := range [...]string{f.Message, ends} {
		if part != "" {
			b.WriteString(" " + part)
		}
	}
	if f.Detail != "" && form == FormReason {
		b.WriteString(whyMark + f.Detail)
	} else if f.Detail != "" {
		b.WriteString(" " + f.Detail)
	}
	if f.By != 0 {
		b.WriteString(byMark + f.By.String())
	}
	if f.Failed != "" {
		b.WriteString(whyMark + f.Failed)
	}
	return b.String()
}

// appendJSON appends the fields that a line of the trace does not have itself, each with a leading
// comma.
func (f *Fault) appendJSON(b []byte) []byte {
	b = AppendJSONString(append(b, `,"fault":`...), f.Verb)
	for _, part := range [...]struct{ key, text string }{
		{`,"message":`, f.Message}, {`,"detail":`, f.Detail}, {`,"failed":`, f.Failed},
	} {
		if part.text != "" {
			b = AppendJSONString(append(b, part.key...), part.text)
		}
	}
	if f.By != 0 {
		b = strconv.AppendInt(append(b, `,"by":`...), int64(f.By), 10)
	}
	if f.Until != 0 {
		b = strconv.AppendInt(append(b, `,"until":`...), int64(f.Until), 10)
	}
	return b
}

// ParseFault reads what String prints. ok is false for text that no fault prints.
func ParseFault(text string) (f Fault, ok bool) {
	text, until, planned := cutLast(text, untilMark)
	if planned {
		at, err := time.ParseDuration(until)
		if err != nil {
			return Fault{}, false
		}
		f.Until = Time(at)
	}
	verb, rest, _ := strings.Cut(text, " ")
	if f.Verb = verb; verb == "" {
		return Fault{}, false
	}
	form := FaultKindOf(FaultKinds(), verb).Form
	rest, why, hasWhy := strings.Cut(rest, whyMark)
	switch {
	case hasWhy && form == FormReason:
		f.Detail = why
	case hasWhy:
		f.Failed = why
	}
	if f.Failed == NobodyNow {
		f.Detail = rest
		return f, true
	}
	return f, f.parseEnds(form, rest)
}

// parseEnds reads whom a fault concerns.
func (f *Fault) parseEnds(form FaultForm, rest string) bool {
	mark := linkMark
	switch form {
	case FormNode, FormReason:
		if before, by, late := cutLast(rest, byMark); late && form == FormNode {
			if d, err := time.ParseDuration(by); err == nil {
				rest, f.By = before, d
			}
		}
		node, detail, _ := strings.Cut(rest, " ")
		f.Node = NodeID(node)
		if form == FormNode {
			f.Detail = detail
		}
		return true
	case FormPair:
		mark = pairMark
	}
	if from, by, late := cutLast(rest, byMark); late {
		d, err := time.ParseDuration(by)
		if err != nil {
			return false
		}
		rest, f.By = from, d
	}
	from, to, two := strings.Cut(rest, mark)
	if form == FormMessage {
		message, node, _ := cutLast(from, " ")
		f.Message, from = message, node
	}
	f.Node, f.Peer = NodeID(from), NodeID(to)
	return two
}

// cutLast is strings.Cut at the last place.
func cutLast(s, mark string) (before, after string, found bool) {
	if i := strings.LastIndex(s, mark); i >= 0 {
		return s[:i], s[i+len(mark):], true
	}
	return s, "", false
}
