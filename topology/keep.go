package topology

import (
	"context"
	"fmt"
	"time"
)

// Kept says that somebody wants a lab to stay up, and since when.
type Kept struct {
	By    string    `json:"by,omitempty"` // the run that was asked to leave it up; empty: it was deployed by hand
	Since time.Time `json:"since"`
}

// String is a part of a sentence: kept by run first since ….
func (k Kept) String() string {
	by := "by hand"
	if k.By != "" {
		by = "by run " + k.By
	}
	return fmt.Sprintf("kept %s since %s", by, stamp(k.Since))
}

// A Keeper remembers which labs are to stay up although no run has them. A run
// that would take such a lab down at its end does not get it. Destroy of a lab
// ends that.
type Keeper interface {
	// Keep marks a lab. One that is marked keeps its mark.
	Keep(ctx context.Context, lab string, k Kept) error
	// Unkeep removes the mark, also if there is none.
	Unkeep(ctx context.Context, lab string) error
	// Kept returns a lab's mark, or nil. It may be of a lab that was lost with
	// its host.
	Kept(ctx context.Context, lab string) (*Kept, error)
}

// A KeptError is a lab that is to stay up, for a run that would not leave it so.
type KeptError struct {
	Lab  string
	Kept Kept
}

func (e *KeptError) Error() string {
	return fmt.Sprintf("lab %s is %s; a run with --keep-lab may use it, ccl lab destroy %s removes it", e.Lab, e.Kept, e.Lab)
}
