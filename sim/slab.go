package sim

// slab keeps values that scheduled items refer to by index, and reuses their places.
type slab[T any] struct {
	values []T
	unused []uint32
}

func (s *slab[T]) put(v T) uint64 {
	if n := len(s.unused); n > 0 {
		i := s.unused[n-1]
		s.unused = s.unused[:n-1]
		s.values[i] = v
		return uint64(i)
	}
	s.values = append(s.values, v)
	return uint64(len(s.values) - 1)
}

// at lends the value; the pointer is good until the next put.
func (s *slab[T]) at(i uint64) *T { return &s.values[i] }

func (s *slab[T]) free(i uint64) {
	var zero T
	s.values[i] = zero
	s.unused = append(s.unused, uint32(i))
}
