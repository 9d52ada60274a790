package tally

import "github.com/cilium/ebpf"

// A Trial is a table for tests: nothing arrives at its program, which the
// kernel runs on the frames given to Try (BPF_PROG_TEST_RUN).
type Trial struct {
	*Table
	program *ebpf.Program
}

// NewTrial makes a table like New does, and one of its programs: the native
// one, or what the socket filter is.
func NewTrial(run uint16, specs []Spec, isNative bool) (*Trial, error) {
	t, err := New(run, specs)
	if err != nil {
		return nil, err
	}
	k := trial
	if isNative {
		k = native
	}
	p, err := t.load(k, 0)
	if err != nil {
		_ = t.Close()
		return nil, err
	}
	return &Trial{t, p}, nil
}

// Try runs the program on a frame and says whether it counted it; otherwise it
// let it pass.
func (t *Trial) Try(frame []byte) (counted bool, err error) {
	verdict, err := t.program.Run(&ebpf.RunOptions{Data: frame})
	return int32(verdict) == native.drop, err
}
