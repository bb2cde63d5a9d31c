package shrink

import "strconv"

// clients takes out consumers and producers: all, then each, then members of each group.
func (s *search) clients() bool {
	taken := s.first(func(t *tree) bool {
		found := len(t.list("consumers")) > 0
		for i := len(t.list("consumers")) - 1; i >= 0; i-- {
			t.removeConsumer(i)
		}
		return found
	}) >= 0
	for i := len(s.best.tree.list("consumers")) - 1; i >= 0; i-- {
		taken = s.first(func(t *tree) bool { t.removeConsumer(i); return true }) >= 0 || taken
	}
	taken = s.first(func(t *tree) bool {
		found := len(t.list("producers")) > 0
		for i := len(t.list("producers")) - 1; i >= 0; i-- {
			t.removeProducer(i)
		}
		return found
	}) >= 0 || taken
	for i := len(s.best.tree.list("producers")) - 1; i >= 0; i-- {
		taken = s.first(func(t *tree) bool { t.removeProducer(i); return true }) >= 0 || taken
	}
	for i, c := range s.best.tree.list("consumers") {
		var edits []edit
		for _, n := range below(members(c)) {
			edits = append(edits, func(t *tree) bool { return t.withMembers(i, n) })
		}
		taken = s.first(edits...) >= 0 || taken
	}
	return taken
}

// withMembers leaves so many members of an entry of the consumers, the first ones.
func (t *tree) withMembers(at, n int) bool {
	first := 1
	for _, c := range t.list("consumers")[:at] {
		first += members(c)
	}
	c := t.list("consumers")[at]
	gone := members(c) - n
	if n == 1 {
		remove(c, "members")
	} else {
		set(c, "members", strconv.Itoa(n))
	}
	t.renumber("consumer", first+n, gone)
	return true
}

// below are smaller counts than n, the smallest first.
func below(n int) []int {
	var out []int
	for _, k := range []int{1, 2, 3, 5, 10, 20, 50, n / 2, n - 1} {
		if k >= 1 && k < n && (len(out) == 0 || k > out[len(out)-1]) {
			out = append(out, k)
		}
	}
	return out
}
