package digest

import (
	"cmp"
	"slices"
	"strings"

	"sandcastle/model/kafka"
)

// nameMembers puts the names of clients in place of the member ids that coordinators give out. A
// member's client is known only once it has an assignment, so this comes last.
func (o *owners) nameMembers(moments []Moment) {
	var ids []string
	//unordered: sorted below
	for id := range o.clients {
		if id != "" {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { // an id may begin with another
		if c := cmp.Compare(len(b), len(a)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	for i := range moments {
		m := &moments[i]
		kind, _ := kafka.ParseNoteKind(m.Kind)
		if kind != kafka.MemberJoined && kind != kafka.MemberLeft && kind != kafka.RebalanceStarted {
			continue
		}
		for _, id := range ids {
			m.What = strings.ReplaceAll(m.What, id, string(o.clients[id]))
		}
		m.What = withoutUUIDs(m.What)
	}
}

// withoutUUIDs cuts the UUID off a member id whose client nobody knows: Kafka makes the id of the
// client's own id, a hyphen and a UUID.
func withoutUUIDs(text string) string {
	const length = len("-00000000-0000-0000-0000-000000000000")
	for i := 0; i+length <= len(text); i++ {
		if isUUID(text[i+1:i+length]) && text[i] == '-' {
			text = text[:i] + text[i+length:]
		}
	}
	return text
}

func isUUID(s string) bool {
	for i := range len(s) {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		digit := s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'f'
		if hyphen != (s[i] == '-') || !hyphen && !digit {
			return false
		}
	}
	return true
}
