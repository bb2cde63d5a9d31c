package host

// arena is memory for views of files. All of it is freed at once.
type arena struct {
	block []byte
	used  int
}

const (
	arenaBlock = 1 << 20
	// arenaMost is how large a block may be that is kept for the next step.
	arenaMost = 16 << 20
)

// alloc returns n bytes with whatever is in them.
func (a *arena) alloc(n int) []byte {
	if a.used+n > len(a.block) {
		a.block = make([]byte, max(n, min(2*len(a.block), arenaMost), arenaBlock))
		a.used = 0
	}
	b := a.block[a.used : a.used+n : a.used+n]
	a.used += n
	return b
}

// reset frees what was allocated.
func (a *arena) reset() {
	a.used = 0
	if len(a.block) > arenaMost {
		a.block = nil
	}
}
