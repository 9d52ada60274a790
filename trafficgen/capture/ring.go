package capture

import "iter"

// chunkBytes is what a ring forgets at a time, and holds more than the largest
// frame.
const chunkBytes = 256 << 10

// ring keeps the newest frames, up to a number of bytes, in memory that is
// used over and over.
type ring struct {
	chunks []*chunk // oldest first
	most   int
}

type chunk struct {
	data  []byte
	marks []mark
}

// mark is a frame in a chunk: whose it is and where it ends.
type mark struct {
	tap int
	at  int64
	end int
}

func newRing(bytes int) *ring { return &ring{most: max(bytes/chunkBytes, 2)} }

func (r *ring) add(tap int, at int64, frame []byte) {
	c := r.newest()
	if c == nil || len(c.data)+len(frame) > chunkBytes {
		c = r.turn()
	}
	c.data = append(c.data, frame...)
	c.marks = append(c.marks, mark{tap, at, len(c.data)})
}

func (r *ring) newest() *chunk {
	if len(r.chunks) == 0 {
		return nil
	}
	return r.chunks[len(r.chunks)-1]
}

// turn returns an empty chunk: a new one, or the oldest, forgotten.
func (r *ring) turn() *chunk {
	if len(r.chunks) < r.most {
		c := &chunk{data: make([]byte, 0, chunkBytes)}
		r.chunks = append(r.chunks, c)
		return c
	}
	c := r.chunks[0]
	c.data, c.marks = c.data[:0], c.marks[:0]
	r.chunks = append(r.chunks[1:], c)
	return c
}

// all are the frames, oldest first, with their ports' numbers and times.
func (r *ring) all() iter.Seq2[mark, []byte] {
	return func(yield func(mark, []byte) bool) {
		for _, c := range r.chunks {
			start := 0
			for _, m := range c.marks {
				if !yield(m, c.data[start:m.end]) {
					return
				}
				start = m.end
			}
		}
	}
}
