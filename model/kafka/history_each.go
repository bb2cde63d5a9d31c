package kafka

// Each calls f with every line of h, in order. The line is lent until f returns: of a packed
// history the next ones have its memory.
func Each(h Operations, f func(op *Op)) {
	p, packed := h.(*PackedHistory)
	if !packed {
		for i := range h.Len() {
			f(h.At(i))
		}
		return
	}
	var u unpacking
	var ops []Op
	for block := 0; block <= len(p.blocks); block++ {
		var from packedBlock
		if block < len(p.blocks) {
			from = p.blocks[block]
		} else {
			from = p.growing()
		}
		ops = p.unpackInto(&u, ops, block, &from)
		for i := range ops {
			f(&ops[i])
		}
	}
}
