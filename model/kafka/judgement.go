package kafka

import (
	"fmt"

	"sandcastle/model"
)

// PassedOver is acknowledged records that a reader was moved past by auto.offset.reset, and never
// read: no anomaly, since the setting says so, but seldom what somebody wants.
type PassedOver struct {
	Reader string `json:"reader"` // a group, or a consumer without one
	Member bool   `json:"member"` // the reader is a group
	Key    string `json:"key"`    // the partition
	Count  int    `json:"count"`
	// First and Last are the offsets of the first and the last of them, To is where the reader went.
	First Offset     `json:"first"`
	Last  Offset     `json:"last"`
	To    Offset     `json:"to"`
	At    model.Time `json:"at"`
	Op    int        `json:"op"` // the history line
	Why   string     `json:"why,omitempty"`
}

// String says it in a sentence without a full stop.
func (p PassedOver) String() string {
	who, records := p.Reader, "records"
	if p.Member {
		who = "group " + p.Reader
	}
	if p.Count == 1 {
		records = "record"
	}
	text := fmt.Sprintf("%s passed over %d acknowledged %s of %s, between offsets %d and %d: a reset "+
		"moved it to offset %d at %s", who, p.Count, records, p.Key, p.First, p.Last, p.To, p.At)
	if p.Why != "" {
		text += " (" + p.Why + ")"
	}
	return text
}

// Judgement is what judging a history gives, for people and as JSON.
type Judgement struct {
	Scenario  string    `json:"scenario"` // the history's file
	Verdict   Verdict   `json:"verdict"`
	Reason    string    `json:"reason,omitempty"`
	Findings  []Finding `json:"findings"`
	Undecided []string  `json:"undecided,omitempty"`
	// Allowed is no violation, and neither is PassedOver.
	Allowed    []Allowed    `json:"allowed,omitempty"`
	PassedOver []PassedOver `json:"passed_over,omitempty"`
	// Unread is what was left out of the history, and NotJudged what no check looked for, and why.
	Unread    []Unread `json:"unread,omitempty"`
	NotJudged []string `json:"not_judged,omitempty"`
}
