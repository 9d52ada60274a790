package activities

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// standing is leasing with a lab that is up or not.
type standing struct {
	leasing
	up bool
}

func (b standing) Inspect(context.Context, string) (*topology.Lab, error) {
	if !b.up {
		return nil, topology.ErrNoLab
	}
	return &topology.Lab{Name: ring.Name}, nil
}

// A lab that is to stay up goes to the run that it stays up for, and to those
// that leave it up; a mark that has outlived its lab keeps nobody away.
func TestTakeOfAKeptLab(t *testing.T) {
	for _, c := range []struct {
		name       string
		kept       *topology.Kept
		lost       bool
		run        string
		leavesItUp bool
		refused    string
	}{
		{name: "nobody's", run: "run-2"},
		{name: "for another run", kept: &topology.Kept{By: "run-1"}, run: "run-2", refused: "lab ring is kept by run run-1 since 2026-11-23 05:30:00 UTC"},
		{name: "for the same run", kept: &topology.Kept{By: "run-2"}, run: "run-2"},
		{name: "by hand", kept: &topology.Kept{}, run: "run-2", refused: "lab ring is kept by hand since 2026-11-23 05:30:00 UTC"},
		{name: "left up again", kept: &topology.Kept{By: "run-1"}, run: "run-2", leavesItUp: true},
		{name: "lost with its host", kept: &topology.Kept{By: "run-1"}, lost: true, run: "run-2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			labs, leases := leasingLabs(t)
			labs.Backends["fake"] = standing{leases, !c.lost}
			if c.kept != nil {
				c.kept.Since = time.Date(2026, 11, 23, 5, 30, 0, 0, time.UTC)
				if err := leases.Keep(t.Context(), ring.Name, *c.kept); err != nil {
					t.Fatal(err)
				}
			}
			defer labs.close()
			err := labs.take(t.Context(), ring, c.run, c.leavesItUp)
			var kept *topology.KeptError
			if errors.As(err, &kept) != (c.refused != "") || c.refused != "" && !strings.HasPrefix(err.Error(), c.refused) {
				t.Fatalf("%v, want %q", err, c.refused)
			}
			if c.refused != "" {
				wantHolder(t, leases, "")
			} else {
				wantHolder(t, leases, c.run)
			}
			if mark, err := leases.Kept(t.Context(), ring.Name); err != nil || (mark != nil) != (c.kept != nil && !c.lost) {
				t.Errorf("the mark is %+v, %v", mark, err)
			}
		})
	}
}
