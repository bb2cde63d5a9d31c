package text

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// Summary tells the run in at most limit lines of plain text, each at most 100 columns: time,
// who, what. When there is more to tell, the least weighty moments are left out and the last line
// says how many.
func Summary(s *digest.Story, limit int) []string {
	chosen, left := Weightiest(s.Moments, limit)
	if left > 0 {
		chosen, left = Weightiest(s.Moments, limit-1)
	}
	room := sayRoom(chosen, limit)
	if room > 0 {
		chosen, left = Weightiest(s.Moments, limit-1-room)
	}
	where := 0
	for _, m := range chosen {
		where = max(where, min(utf8.RuneCountInString(m.Where), 24))
	}
	var lines []string
	for _, m := range chosen {
		at, who := prose.Seconds(m.At, 3), clip(m.Where, 24)
		line := fmt.Sprintf("%10s  %-*s  %s", at, where, who, m.Sentence())
		lines = append(lines, clip(line, 100))
		if m.Say != "" && room > 0 {
			lines = append(lines, clip(fmt.Sprintf("%10s  %-*s  └ %s", "", where, "", m.Say), 100))
		}
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("%10s  and %s smaller things: see report.html", "",
			prose.Grouped(int64(left))))
	}
	return lines
}

// sayRoom is how many lines the lesson's own words take. They go before what is merely ordinary,
// and are left out when they would displace more.
func sayRoom(chosen []digest.Moment, limit int) int {
	said, weighty := 0, 0
	for _, m := range chosen {
		if m.Say != "" {
			said++
		}
		if m.Weight >= prose.Notable {
			weighty++
		}
	}
	if said+weighty+1 > limit {
		return 0
	}
	return said
}

// Weightiest returns at most limit moments: those above the highest rank that would be too many, by
// weight and then by gravity, and of that rank the first ones. Details never count.
func Weightiest(all []digest.Moment, limit int) (chosen []digest.Moment, left int) {
	count := map[int]int{}
	for _, m := range all {
		if m.Weight > prose.Detail {
			count[rank(m)]++
		}
	}
	ranks := slices.Sorted(maps.Keys(count))
	room, free := map[int]int{}, max(limit, 0)
	for _, r := range slices.Backward(ranks) {
		room[r] = min(count[r], free)
		free -= room[r]
		left += count[r] - room[r]
	}
	for _, m := range all {
		if m.Weight > prose.Detail && room[rank(m)] > 0 {
			room[rank(m)]--
			chosen = append(chosen, m)
		}
	}
	return chosen, left
}

// rank orders moments by weight, and those of one weight by gravity.
func rank(m digest.Moment) int { return int(m.Weight)<<8 + m.Gravity() }

// clip cuts text to most characters.
func clip(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
