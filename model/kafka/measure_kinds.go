package kafka

import "strings"

// MeasureKind is one line of the table of measures.
type MeasureKind struct {
	Name  string
	Unit  Unit
	About string // what it counts, in a sentence without a full stop
	// Of is what may stand after the name and a dot, to count of one thing alone, such as a
	// partition; "" for nothing.
	Of string
	// Only says that the name means nothing without it.
	Only bool
}

// MeasureKinds returns the table of measures: the one vocabulary of knobs, sweeps, expectations and
// run.json.
func MeasureKinds() []MeasureKind {
	out := append(findingMeasures(), []MeasureKind{
		{Name: "ack.p50", Unit: UnitTime,
			About: "from a send to its acknowledgement: half took at most this",
		},
		{Name: "ack.p99", Unit: UnitTime,
			About: "from a send to its acknowledgement: 99 of 100 took at most this",
		},
		{Name: "ack.max", Unit: UnitTime, About: "from a send to its acknowledgement: the slowest"},
		{Name: "ack.gap", Unit: UnitTime,
			About: "longest time in which producers waited and none got an acknowledgement",
		},
		{Name: "ack.rate", Unit: UnitRate,
			About: "records acknowledged, from the first send to the last acknowledgement",
		},
		{Name: "read.p50", Unit: UnitTime,
			About: "from a send until a consumer has the record: half took at most this",
		},
		{Name: "read.p99", Unit: UnitTime,
			About: "from a send until a consumer has the record: 99 of 100 took at most this",
		},
		{Name: "read.rate", Unit: UnitRate,
			About: "records read by consumers, from the first read to the last",
		},
		{Name: "records.read", About: "records that were read", Of: "consumer"},
		{Name: "records.read.final", About: "records of them that the final reads returned"},
		{Name: "records.read.again", About: "records that a group was given a second time"},
		{Name: "records.unread",
			About: "acknowledged records that a group had not read when the run ended",
		},
		{Name: "records.passed-over", Of: "group",
			About: "acknowledged records that a reset of positions passed over, which were never read",
		},
		{Name: "lag.most", About: "most acknowledged records that a group was behind at any time"},
		{Name: "lag.end",
			About: "acknowledged records that groups were behind when the workload ended",
		},
		{Name: "requests", About: "requests sent until the workload ended", Of: "API", Only: true},
		{Name: "requests.per.1000", About: "Produce requests for every 1000 acknowledged records"},
		{Name: "bytes.sent", Unit: UnitBytes,
			About: "bytes that brokers sent until the workload ended", Of: "broker",
		},
		{Name: "bytes.sent.most", Unit: UnitBytes, About: "bytes that the broker sent that sent most"},
		{Name: "bytes.replicated", Unit: UnitBytes, About: "bytes that brokers sent to brokers"},
		{Name: "cpu.most", Unit: UnitPercent,
			About: "the CPU of the busiest broker in its busiest second", Of: "node",
		},
		{Name: "nic.most", Unit: UnitPercent,
			About: "the network card of the busiest broker in its busiest second", Of: "node",
		},
		{Name: "disk.most", Unit: UnitPercent,
			About: "the disk of the busiest broker in its busiest second", Of: "node",
		},
		{Name: "log.ahead.most",
			About: "most records that a leader's log was ahead of its high watermark",
		},
		{Name: "log.bytes", Unit: UnitBytes, About: "bytes in the logs when the run ended"},
		{Name: "log.bytes.scanned", Unit: UnitBytes,
			About: "bytes of the logs that were searched for offsets",
		},
	}...)
	return append(append(out, operationMeasures()...), noteMeasures()...)
}

// findingMeasures are the anomalies, each counted.
func findingMeasures() []MeasureKind {
	var out []MeasureKind
	for _, a := range Anomalies() {
		name := string(a)
		out = append(out, MeasureKind{Name: name, About: "how often the checks found " + name})
	}
	return out
}

// operationMeasures are the ends of client operations.
func operationMeasures() []MeasureKind {
	var out []MeasureKind
	for _, f := range []struct {
		f    Function
		what string
	}{
		{FSend, "sends"}, {FPoll, "polls"}, {FCommit, "commits of offsets"}, {FTxn, "transactions"},
		{FProcess, "records that applications worked on: those"},
		{FSeek, "positions moved by applications: those"},
		{FReset, "positions moved by auto.offset.reset: those"},
		{FSubscribe, "subscriptions"}, {FAssign, "assignments"}, {FCrash, "crashes"},
	} {
		name := string(f.f) + "."
		ok := MeasureKind{Name: name + string(OK), About: f.what + " that succeeded"}
		if f.f == FSend {
			ok.About, ok.Of = "sends that were acknowledged", "partition"
		}
		out = append(out,
			MeasureKind{Name: name + string(Invoke), About: f.what + " that were begun"}, ok,
			MeasureKind{Name: name + string(Fail), About: f.what + " that failed", Of: "error"},
			MeasureKind{
				Name: name + string(Info), About: f.what + " of which nobody knows how they ended", Of: "error",
			})
	}
	return out
}

// noteMeasures are the notes of the trace.
func noteMeasures() []MeasureKind {
	var out []MeasureKind
	for k := range noteTable {
		if NoteKind(k) == NoNote {
			continue
		}
		name := noteTable[k].name
		m := MeasureKind{Name: name, About: "notes of " + name + " in the trace"}
		if noteTable[k].fields&hasTopic != 0 {
			m.Of = "partition"
		}
		out = append(out, m)
	}
	return out
}

// measureKind finds the line of the table that a name belongs to, and what follows its name. A name
// that stands in the table itself comes before a family.
func measureKind(kinds []MeasureKind, name string) (*MeasureKind, string) {
	var family *MeasureKind
	for i := range kinds {
		k := &kinds[i]
		if k.Name == name && !k.Only {
			return k, ""
		}
		arg, found := strings.CutPrefix(name, k.Name+".")
		longer := family == nil || len(k.Name) > len(family.Name)
		if k.Of != "" && found && arg != "" && longer && fits(k.Of, arg) {
			family = k
		}
	}
	if family == nil {
		return nil, ""
	}
	return family, name[len(family.Name)+1:]
}

// fits tells whether arg can be the name of such a thing.
func fits(of, arg string) bool {
	switch of {
	case "partition":
		_, ok := ParseTopicPartition(arg)
		return ok
	case "group":
		return true
	case "error":
		return arg[0] >= 'A' && arg[0] <= 'Z'
	case "API":
		api, _, _ := strings.Cut(arg, ".")
		return api != "" && api[0] >= 'A' && api[0] <= 'Z' || strings.HasPrefix(arg, "zk.")
	default:
		return strings.Contains(arg, "-")
	}
}
