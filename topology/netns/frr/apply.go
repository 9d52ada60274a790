package frr

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// restoreTimeout bounds the way back after a refusal, which is taken even when
// the caller gave up. It takes some 50 ms; a daemon of a busy machine may need
// many seconds, and to stop halfway would be worse than to wait for it.
const restoreTimeout = 2 * time.Minute

// A MismatchError is a daemon that accepted every line of a configuration, and
// yet does not run it.
type MismatchError struct {
	Daemon string
	Lines  []string // "+line (in context)": shown but not wanted; "-…": wanted but not shown
	Said   []string // "line: what the daemon printed", for lines that it took with a remark
}

func (e *MismatchError) Error() string {
	msg := fmt.Sprintf("%s accepted the configuration but runs another: %s", e.Daemon, strings.Join(e.Lines, "; "))
	if len(e.Said) > 0 {
		msg += "; it said: " + strings.Join(e.Said, "; ")
	}
	return msg
}

// Apply moves every daemon to its wanted configuration, given as "show
// running-config" prints it. Daemons that are no key are emptied; those that are,
// be it with an empty text, and were never needed before are started; none is restarted. A daemon that was
// killed stays dead, and gets its configuration from Start; one that crashes
// meanwhile is started again, and the change is tried once more.
//
// If a daemon refuses a line (*CommandError) or does not end up with what was
// wanted (*MismatchError), all daemons are put back as they were.
func (s *Suite) Apply(ctx context.Context, wanted map[string]string) error {
	trees, err := parseAll(wanted)
	if err != nil {
		return err
	}
	s.applying.Lock()
	defer s.applying.Unlock()
	for range 2 {
		if err = s.revive(ctx); err == nil {
			err = s.attempt(ctx, trees, s.neverStarted(wanted))
		}
		if !isDeath(err) {
			break
		}
	}
	if err == nil {
		s.wanted = maps.Clone(wanted)
	}
	return err
}

// attempt starts the fresh daemons and leads every living one to its tree, or
// leaves all as they were.
func (s *Suite) attempt(ctx context.Context, trees map[string]*line, fresh []string) error {
	if err := s.launchAll(ctx, fresh); err != nil {
		s.retire(fresh)
		return err
	}
	before := map[string]*line{}
	for _, name := range s.Daemons() {
		d, err := s.running(name)
		if err != nil {
			continue // dead until Start
		}
		if before[name], err = s.read(ctx, d, s.given(name)); err == nil {
			err = s.transform(ctx, d, before[name], trees[name])
		}
		if err != nil {
			return s.restore(ctx, before, fresh, err)
		}
	}
	return nil
}

// parseAll reads every daemon's text before anything is touched. Daemons
// without a text get an empty tree by the map's zero value.
func parseAll(wanted map[string]string) (map[string]*line, error) {
	trees := map[string]*line{}
	for _, name := range order {
		trees[name] = &line{}
	}
	for name, text := range wanted {
		if err := known(name); err != nil {
			return nil, err
		}
		tree, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("configuration of %s: %w", name, err)
		}
		trees[name] = tree
	}
	return trees, nil
}

// neverStarted are the daemons that are needed for the first time. One may be
// needed without a word of configuration: bfdd, for sessions with its own timers.
func (s *Suite) neverStarted(wanted map[string]string) []string {
	started := s.Daemons()
	var names []string
	for _, name := range order {
		if _, needed := wanted[name]; needed && !slices.Contains(started, name) {
			names = append(names, name)
		}
	}
	return names
}

// transform leads one daemon from what it runs to what is wanted. What a first
// round leaves different gets a second; then the contexts that still differ
// are removed and made anew.
func (s *Suite) transform(ctx context.Context, d *daemon, from, wanted *line) error {
	want := canonical(d.name, wanted)
	now := canonical(d.name, from)
	original := now
	var said []string
	for round := range 3 {
		var steps []step
		if round < 2 {
			steps = delta(now, want)
		} else {
			steps = rebuild(now, want)
		}
		if len(steps) == 0 {
			break
		}
		var err error
		if said, err = s.send(ctx, d, steps); err != nil {
			return err
		}
		running, err := s.read(ctx, d, wanted)
		if err != nil {
			return err
		}
		now = canonical(d.name, running)
		if len(differences(want, now)) == 0 {
			return s.reevaluate(ctx, d, original, want)
		}
	}
	if left := differences(want, now); len(left) > 0 {
		return mismatch(d.name, left, said)
	}
	return nil
}

// differences compares what FRR prints.
func differences(want, now *line) []difference { return compare(printed(want), printed(now), nil) }

// rebuild removes the outermost contexts that differ, and makes them anew.
func rebuild(now, want *line) []step {
	kept := now.clone()
	kept.remove(func(l *line) bool {
		w := want.child(l.text)
		return !isEmptied(l) && (w == nil || len(compare(l, w, nil)) > 0)
	})
	return append(delta(now, kept), delta(kept, want)...)
}

func mismatch(daemon string, left []difference, said []string) error {
	e := &MismatchError{Daemon: daemon, Said: said}
	for _, d := range left {
		e.Lines = append(e.Lines, d.String())
	}
	return e
}

// given is the configuration that the daemon was last led to.
func (s *Suite) given(name string) *line {
	tree, err := parse(s.wanted[name])
	if err != nil {
		return &line{} // cannot be: Apply has parsed it
	}
	return tree
}

// read asks a daemon for what it runs; given is what it was last given, for
// the values that it does not print.
func (s *Suite) read(ctx context.Context, d *daemon, given *line) (*line, error) {
	v, err := d.session(ctx, &d.config)
	if err != nil {
		return nil, s.orDead(d, err)
	}
	text, err := v.command(ctx, "show running-config")
	if err != nil {
		return nil, s.orDead(d, err)
	}
	tree, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("running configuration of %s: %w", d.name, err)
	}
	return recall(tree, given), nil
}

// send enters the configuration mode, runs the steps and leaves it. It returns
// the daemon's remarks.
func (s *Suite) send(ctx context.Context, d *daemon, steps []step) ([]string, error) {
	v, err := d.session(ctx, &d.config)
	if err != nil {
		return nil, s.orDead(d, err)
	}
	w := &writer{vty: v, trace: s.opts.Trace}
	if err := w.command(ctx, "configure terminal"); err != nil {
		return nil, s.orDead(d, err)
	}
	err = w.run(ctx, steps)
	var refused *CommandError
	if err != nil && !errors.As(err, &refused) {
		return nil, s.orDead(d, err)
	}
	if endErr := w.command(ctx, "end"); err == nil {
		err = s.orDead(d, endErr)
	}
	return w.said, err
}

// restore leads every daemon back to what it ran before, and returns why.
func (s *Suite) restore(ctx context.Context, before map[string]*line, fresh []string, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTimeout)
	defer cancel()
	s.retire(fresh)
	for _, name := range slices.Backward(slices.SortedFunc(maps.Keys(before), byOrder)) {
		if slices.Contains(fresh, name) || before[name] == nil {
			continue
		}
		if err := s.restoreOne(ctx, name, before[name]); err != nil {
			why = errors.Join(why, fmt.Errorf("and %s could not be put back: %w", name, err))
		}
	}
	return why
}

// restoreOne leads one daemon back. One that the change killed is started again.
func (s *Suite) restoreOne(ctx context.Context, name string, before *line) error {
	d, err := s.running(name)
	if isDeath(err) {
		return s.relaunch(ctx, name)
	}
	if err != nil {
		return err
	}
	now, err := s.read(ctx, d, s.given(name))
	if err != nil {
		return err
	}
	return s.transform(ctx, d, now, before)
}

// retire stops daemons that a failed change had started, and forgets them.
func (s *Suite) retire(names []string) {
	for _, name := range names {
		if d, err := s.running(name); err == nil {
			d.kill()
		}
		s.mu.Lock()
		delete(s.daemons, name)
		s.mu.Unlock()
	}
}

// load gives a freshly started daemon its configuration.
func (s *Suite) load(ctx context.Context, name, text string) error {
	d, err := s.running(name)
	if err != nil {
		return err
	}
	wanted, err := parse(text)
	if err != nil {
		return fmt.Errorf("configuration of %s: %w", name, err)
	}
	return s.transform(ctx, d, &line{}, wanted)
}
