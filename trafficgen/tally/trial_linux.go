package tally

import "github.com/cilium/ebpf"

// NewTrial makes a table like New does, for tests: nothing arrives at its
// program, which the kernel runs on the frames given to Try
// (BPF_PROG_TEST_RUN).
func NewTrial(run uint16, specs []Spec) (*Table, error) { return newTable(run, specs, xdp) }

// Try runs the program of a trial on a frame and says whether it counted it;
// otherwise it let it pass.
func (t *Table) Try(frame []byte) (counted bool, err error) {
	verdict, err := t.program.Run(&ebpf.RunOptions{Data: frame})
	return int32(verdict) == xdp.drop, err
}
