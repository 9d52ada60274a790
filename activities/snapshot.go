package activities

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Snapshot keeps what nodes answer as the step's evidence, which later checks
// of the case are given to compare with.
func (d *Device) Snapshot(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		evidence, err := d.gather(ctx, in.Lab, in.Step.Snapshot.Queries(), false)
		if err != nil {
			return err
		}
		r.judge(check.JudgeSnapshot(in.Step.Snapshot.Name, evidence))
		return r.keepAll(evidence)
	})
}

// snapshot reads what the snapshot kept that this step compares with: nothing
// if it compares with none.
func (in *StepInput) snapshot() ([]check.Evidence, error) {
	var all []check.Evidence
	for _, f := range in.Snapshot {
		reply, err := os.ReadFile(filepath.Join(in.Evidence, filepath.FromSlash(f.Path)))
		if err != nil {
			return nil, fmt.Errorf("read the snapshot: %w", err)
		}
		all = append(all, check.Then(check.Evidence{Query: check.Query{ID: f.ID, Node: f.Node}, Reply: string(reply)}))
	}
	return all, nil
}
