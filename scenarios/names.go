package scenarios

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"sandcastle/broker/controller"
	"sandcastle/model/kafka"
)

// prose reads a text for people: a claim, an answer, what is said. It may be of several lines.
func prose() kind[string] {
	return scalar(map[string]any{"type": "string"}, func(s string) (string, error) {
		return strings.TrimSpace(s), badText(s)
	})
}

// said is prose that may not be empty.
func said() kind[string] {
	return scalar(map[string]any{"type": "string", "minLength": 1}, func(s string) (string, error) {
		if strings.TrimSpace(s) == "" {
			return "", errors.New("there are no words here")
		}
		return strings.TrimSpace(s), badText(s)
	})
}

// text reads a text in one line that has no meaning of its own, such as a value or a group.
func text() kind[string] {
	return scalar(map[string]any{"type": "string"}, func(s string) (string, error) {
		if strings.ContainsAny(strings.TrimSpace(s), "\r\n\t") {
			return "", fmt.Errorf("%s is one line, without tabs", clipped(s))
		}
		return strings.TrimSpace(s), badText(s)
	})
}

// badText is what keeps a text out of a scenario: terminals and pages show it, and messages quote
// it.
func badText(s string) error {
	if len(s) > maxText {
		return fmt.Errorf("a text of %d bytes, where a scenario may have %d; `size` makes large records",
			len(s), maxText)
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%s is not UTF-8", clipped(s))
	}
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r >= 0x7f && r < 0xa0 {
			return fmt.Errorf("%s has the control character U+%04X, which a text here may not have",
				clipped(s), r)
		}
	}
	return nil
}

// clipped quotes the beginning of a text.
func clipped(s string) string {
	return strconv.Quote(shortened(s, maxQuoted))
}

// topicName reads the name of a topic, by Kafka's rule.
func topicName() kind[string] {
	schema := map[string]any{
		"type": "string", "minLength": 1, "maxLength": 249, "pattern": "^[a-zA-Z0-9._-]+$",
	}
	return scalar(schema, func(s string) (string, error) {
		if err := badText(s); err != nil {
			return "", err
		}
		if why := controller.InvalidTopicName(s); why != "" {
			return "", fmt.Errorf("%s is a topic name that Kafka refuses: %s", clipped(s), why)
		}
		if kafka.InternalTopic(s) {
			return "", fmt.Errorf("%s is a topic of Kafka's own", s)
		}
		return s, nil
	})
}

// clientName reads the name of a producer, which is part of its node's, and so of its client.id and
// its address.
func clientName() kind[string] {
	const most = 100
	schema := map[string]any{"type": "string", "maxLength": most, "pattern": "^[a-zA-Z0-9._-]+$"}
	return scalar(schema, func(s string) (string, error) {
		if s == "" || len(s) > most || controller.InvalidTopicName(s) != "" {
			return "", fmt.Errorf("%s is no name: 1 to %d letters, digits, dots, dashes and underscores",
				clipped(s), most)
		}
		return s, nil
	})
}

// completeTopicName refuses a name that Kafka takes for another topic's.
func (d *decoder) completeTopicName(t *Topic, earlier map[string]*Topic) {
	if earlier[t.Name] != nil {
		d.failAt(t.pos, "", "topic %q stands twice", t.Name)
	}
	for other := range earlier { //unordered: at most one collides, for those before it were refused
		if controller.CollidingTopics(other, t.Name) {
			d.failAt(t.pos, "keep to dots or to underscores", "Kafka refuses topic %q: it collides with "+
				"%q, because metrics know no difference between . and _", t.Name, other)
		}
	}
}
