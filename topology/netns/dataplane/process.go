package dataplane

import (
	"context"
	"errors"
	"fmt"
)

// routing is Junos's name for its routing process; here it stands for every
// daemon of FRR.
const routing = "routing"

// Restart kills a process and starts it again: routing, or one of FRR's daemons
// by its own name.
func (d *Dataplane) Restart(ctx context.Context, process string) error {
	if process == routing {
		return d.suite.Restart(ctx)
	}
	if err := d.Kill(ctx, process); err != nil {
		return err
	}
	return d.Start(ctx, process)
}

// Kill kills a process with SIGKILL. It stays dead until Start.
func (d *Dataplane) Kill(_ context.Context, process string) error {
	var errs []error
	for _, daemon := range d.daemons(process) {
		errs = append(errs, d.suite.Kill(daemon))
	}
	return d.processError(process, errors.Join(errs...))
}

// Start starts a process that was killed, with the configuration it should
// have now. What runs is left alone.
func (d *Dataplane) Start(ctx context.Context, process string) error {
	for _, daemon := range d.daemons(process) {
		if err := d.suite.Start(ctx, daemon); err != nil {
			return d.processError(process, err)
		}
	}
	return nil
}

// daemons are what a process name stands for.
func (d *Dataplane) daemons(process string) []string {
	if process == routing {
		return d.suite.Daemons()
	}
	return []string{process}
}

func (d *Dataplane) processError(process string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("process %s: %w", process, err)
}
