package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr"
	"github.com/ccl-lab/ccl/topology/netns/space"
)

// An instance is a routing instance that is there.
type instance struct {
	slot  int    // number of its directories, from 1
	path  string // of its namespace's name, "" if it has none
	space *space.Space
	suite *frr.Suite
	plane *Dataplane

	unwatch context.CancelFunc
	watched sync.WaitGroup
}

// open makes the instances that are not there yet, and names them. On an error
// too, the named ones are there.
func (r *Router) open(ctx context.Context, wanted []junosemu.Instance) (fresh []string, err error) {
	g, ctx := errgroup.WithContext(ctx)
	made := map[string]*instance{}
	slots := r.slots()
	for _, w := range wanted {
		if r.instance(w.Name) != nil {
			continue
		}
		i := &instance{slot: slots()}
		made[w.Name] = i
		g.Go(func() error {
			if err := i.start(ctx, r.optionsOf(i.slot, w.Name), r.id); err != nil {
				return fmt.Errorf("routing instance %s: %w", w.Name, err)
			}
			return i.name(r.NameDir, w.Name)
		})
	}
	err = g.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, i := range made {
		if i.plane == nil {
			continue // did not start
		}
		fresh = append(fresh, name)
		r.instances[name] = i
		r.watch(name, i)
	}
	return fresh, err
}

// slots returns the numbers that no instance has, one after another.
func (r *Router) slots() (next func() int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	taken := map[int]bool{}
	for _, i := range r.instances {
		taken[i.slot] = true
	}
	last := 0
	return func() int {
		for last++; taken[last]; last++ {
		}
		return last
	}
}

// optionsOf are where the FRR of an instance has its files. The paths of sockets
// are limited, so that they go by number; logs are for people.
func (r *Router) optionsOf(slot int, name string) frr.Options {
	return r.opts.Below(fmt.Sprintf("instance-%d", slot), "instance-"+url.PathEscape(name))
}

// start makes the namespace and runs FRR there. On error nothing is left.
func (i *instance) start(ctx context.Context, opts frr.Options, id junosemu.Identity) (err error) {
	if i.space, err = space.New(); err != nil {
		return err
	}
	opts.In = i.space.Do
	if i.suite, err = frr.Start(ctx, opts); err != nil {
		return errors.Join(err, i.space.Close())
	}
	i.plane = newIn(i.space, i.suite, id)
	i.plane.disabled = map[string]bool{} // a port that is down when it comes is to stay so
	return nil
}

// name gives the instance's namespace its name in a directory, if there is one. A
// name that cannot be a file's is spelled as in addresses of the web.
func (i *instance) name(dir, name string) error {
	if dir == "" {
		return nil
	}
	path := filepath.Join(dir, url.PathEscape(name))
	if err := i.space.Name(path); err != nil {
		return err
	}
	i.path = path
	return nil
}

// watch follows what happens in an instance until it is closed.
func (r *Router) watch(name string, i *instance) {
	ctx, cancel := context.WithCancel(context.Background())
	i.unwatch = cancel
	i.watched.Go(func() {
		if err := i.plane.Watch(ctx); err != nil {
			select {
			case r.failures <- fmt.Errorf("routing instance %s: %w", name, err):
			default: // enough is known of what goes wrong
			}
		}
	})
}

// close ends an instance. Its ports are not there any more.
func (i *instance) close() error {
	i.unwatch()
	kill(i.suite)
	i.watched.Wait()
	var err error
	if i.path != "" {
		err = space.Unname(i.path)
	}
	return errors.Join(err, i.space.Close())
}

// kill kills an instance's FRR, those daemons first that others do not need.
func kill(suite *frr.Suite) {
	for _, name := range slices.Backward(suite.Daemons()) {
		suite.Kill(name) // fails only for unknown names
	}
}

// closeAll closes the instances that are not wanted any more.
func (r *Router) closeAll(unwanted func(name string) bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for name, i := range r.instances {
		if unwanted(name) {
			delete(r.instances, name)
			errs = append(errs, i.close())
		}
	}
	return errors.Join(errs...)
}

// Halt ends every routing instance at once, as a power cut does, with its ports
// back where they came from. The master instance's FRR is the caller's to end.
func (r *Router) Halt() error {
	for _, p := range r.places()[1:] {
		kill(p.plane.suite) // a commit that is under way ends soon then
	}
	r.committing.Lock()
	defer r.committing.Unlock()
	err := r.relocate(&junosemu.Intent{})
	return errors.Join(err, r.closeAll(func(string) bool { return true }), r.home.Close())
}
