package activities

import "sync"

// A registry holds what runs in this process for the cases of labs, between
// the step that starts it and the one that stops it.
type registry[T any] struct {
	mu  sync.Mutex
	all map[streamKey]T
}

// get returns what a case knows by a name, the zero value if that is nothing.
func (r *registry[T]) get(k streamKey) T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[k]
}

// put keeps something and returns what it replaces.
func (r *registry[T]) put(k streamKey, v T) (old T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[streamKey]T{}
	}
	old = r.all[k]
	r.all[k] = v
	return old
}

// takeCase forgets what one case has and returns it.
func (r *registry[T]) takeCase(ref LabRef, owner string) map[streamKey]T {
	return r.takeWhere(func(k streamKey) bool { return k.lab == ref && k.owner == owner })
}

// takeLab does so for all cases of a lab.
func (r *registry[T]) takeLab(ref LabRef) map[streamKey]T {
	return r.takeWhere(func(k streamKey) bool { return k.lab == ref })
}

// takeAll does so for everything.
func (r *registry[T]) takeAll() map[streamKey]T {
	return r.takeWhere(func(streamKey) bool { return true })
}

func (r *registry[T]) takeWhere(match func(streamKey) bool) map[streamKey]T {
	r.mu.Lock()
	defer r.mu.Unlock()
	mine := map[streamKey]T{}
	for k, v := range r.all {
		if match(k) {
			mine[k] = v
			delete(r.all, k)
		}
	}
	return mine
}
