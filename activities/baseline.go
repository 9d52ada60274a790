package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/topology/device"
)

// ProvisionInput says which configurations go where.
type ProvisionInput struct {
	Run      string   `json:"run"`
	Lab      LabRef   `json:"lab"`
	Topology string   `json:"topology"` // file whose startup configurations are pushed
	Routers  []string `json:"routers"`
}

// A NodeCommit is what one router made of a configuration.
type NodeCommit struct {
	Node     string   `json:"node"`
	Changed  bool     `json:"changed"`
	Millis   int64    `json:"millis"` // lock to unlock
	Warnings []string `json:"warnings,omitempty"`
}

// Provision commits the startup configuration of every router that has one,
// all at once.
func (d *Device) Provision(ctx context.Context, in ProvisionInput) ([]NodeCommit, error) {
	defer heartbeat(ctx)()
	t, err := d.Topology(in.Topology)
	if err != nil {
		return nil, final(TypePlan, err)
	}
	commits, err := d.everyRouter(ctx, in.Routers, func(name string) (*NodeCommit, error) {
		node := t.Node(name)
		if node == nil || strings.TrimSpace(node.StartupConfig) == "" {
			return nil, nil
		}
		change := device.Change{
			Text: node.StartupConfig, Format: device.FormatOf(node.StartupConfig), Load: device.LoadMerge,
			Log: fmt.Sprintf("ccl %s startup configuration", in.Run),
		}
		return d.load(ctx, in.Lab, name, change)
	})
	return commits, asActivityError(ctx, err)
}

// load applies a change that may be repeated without harm.
func (d *Device) load(ctx context.Context, ref LabRef, node string, change device.Change) (*NodeCommit, error) {
	var commit device.Commit
	err := d.with(ctx, ref, node, func(s device.Session) (err error) {
		commit, err = s.Apply(ctx, change)
		return lockIsNoVerdict(err)
	})
	if err != nil {
		return nil, err
	}
	return &NodeCommit{
		Node: node, Changed: commit.Diff != "", Millis: commit.Took.Milliseconds(), Warnings: commit.Warnings,
	}, nil
}

// everyRouter does something with all routers at once and returns what was
// done in their order, and every error.
func (d *Device) everyRouter(ctx context.Context, routers []string, do func(string) (*NodeCommit, error)) ([]NodeCommit, error) {
	done := make([]*NodeCommit, len(routers))
	errs := make([]error, len(routers))
	var wg sync.WaitGroup
	for i, name := range routers {
		wg.Go(func() { done[i], errs[i] = do(name) })
	}
	wg.Wait()
	var commits []NodeCommit
	for _, c := range done {
		if c != nil {
			commits = append(commits, *c)
		}
	}
	return commits, errors.Join(errs...)
}

// BaselineInput says where the baseline is kept.
type BaselineInput struct {
	Lab     LabRef   `json:"lab"`
	Routers []string `json:"routers"`
	Dir     string   `json:"dir"` // on the lab's host
}

// A Baseline is the configuration that every router returns to after each
// case. The texts stay in files: they are long and may hold secrets.
type Baseline struct {
	Dir   string         `json:"dir"`
	Nodes []BaselineNode `json:"nodes"`
}

// A BaselineNode is one router's part of a Baseline.
type BaselineNode struct {
	Node   string `json:"node"`
	SHA256 string `json:"sha256"` // of the file NODE.conf in Dir
	// Config is the SHA-256 of what is configured, by which runs are compared:
	// that of the file without the lines that say when and by whom.
	Config string `json:"config,omitempty"`
	// Release is the software that the router says it runs.
	Release string `json:"release,omitempty"`
}

// Baseline reads and keeps the committed configuration of every router.
func (d *Device) Baseline(ctx context.Context, in BaselineInput) (*Baseline, error) {
	defer heartbeat(ctx)()
	b := &Baseline{Dir: in.Dir, Nodes: make([]BaselineNode, len(in.Routers))}
	group, ctx2 := errgroup.WithContext(ctx)
	for i, name := range in.Routers {
		group.Go(func() error {
			text, err := d.committed(ctx2, in.Lab, name)
			if err != nil {
				return err
			}
			if err := writeFile(baselineFile(in.Dir, name), text); err != nil {
				return err
			}
			release, err := d.release(ctx2, in.Lab, name)
			b.Nodes[i] = BaselineNode{Node: name, SHA256: digest(text), Config: digest(unstamped(text)), Release: release}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, asActivityError(ctx, err)
	}
	return b, nil
}

// release asks a router what software it runs. One that does not say has none
// on record.
func (d *Device) release(ctx context.Context, ref LabRef, node string) (string, error) {
	var release string
	err := d.with(ctx, ref, node, func(s device.Session) error {
		reply, err := s.Get(ctx, "get-software-information")
		var rejected *device.RejectedError
		if errors.As(err, &rejected) {
			return nil
		}
		if err == nil {
			release, _ = elementText(reply, "junos-version")
		}
		return err
	})
	return release, err
}

// committed fetches a router's committed configuration as text.
func (d *Device) committed(ctx context.Context, ref LabRef, node string) (string, error) {
	var text string
	err := d.with(ctx, ref, node, func(s device.Session) error {
		reply, err := s.Get(ctx, `<get-configuration format="text" database="committed"/>`)
		if err != nil {
			return err
		}
		text, err = elementText(reply, "configuration-text")
		return err
	})
	if err == nil && strings.TrimSpace(text) == "" {
		err = fmt.Errorf("%s answered with an empty configuration; it cannot be a baseline", node)
	}
	return text, err
}

// RestoreInput says what to return to.
type RestoreInput struct {
	Run      string   `json:"run"`
	Case     string   `json:"case"`
	Lab      LabRef   `json:"lab"`
	Baseline Baseline `json:"baseline"`
}

// Restore returns every router to its baseline and verifies with an empty
// comparison that it got there. One that cannot is a TypeNotAtBaseline error.
func (d *Device) Restore(ctx context.Context, in RestoreInput) ([]NodeCommit, error) {
	defer heartbeat(ctx)()
	hashes := map[string]string{}
	var routers []string
	for _, n := range in.Baseline.Nodes {
		hashes[n.Node] = n.SHA256
		routers = append(routers, n.Node)
	}
	commits, err := d.everyRouter(ctx, routers, func(node string) (*NodeCommit, error) {
		text, err := os.ReadFile(baselineFile(in.Baseline.Dir, node))
		if err != nil {
			return nil, final(TypeNotAtBaseline, err)
		}
		if digest(string(text)) != hashes[node] {
			return nil, final(TypeNotAtBaseline, fmt.Errorf("the baseline of %s has been changed on disk", node))
		}
		return d.restore(ctx, in, node, string(text))
	})
	if isRejection(err) {
		return nil, final(TypeNotAtBaseline, err)
	}
	return commits, asActivityError(ctx, err)
}

func (d *Device) restore(ctx context.Context, in RestoreInput, node, text string) (*NodeCommit, error) {
	change := device.Change{
		Text: text, Format: device.FormatText, Load: device.LoadOverride,
		Log: fmt.Sprintf("ccl %s back to the baseline after %s", in.Run, in.Case),
	}
	commit, err := d.load(ctx, in.Lab, node, change)
	if err != nil || !commit.Changed {
		return commit, err // without a difference nothing was committed: it was there already
	}
	change.DryRun = true
	again, err := d.load(ctx, in.Lab, node, change)
	if err != nil {
		return nil, err
	}
	if again.Changed {
		return nil, final(TypeNotAtBaseline, fmt.Errorf("%s differs from its baseline after the return to it", node))
	}
	return commit, nil
}

func baselineFile(dir, node string) string { return filepath.Join(dir, filepath.Base(node)+".conf") }

// unstamped is a configuration without Junos's own remarks, such as
// "## Last commit: 2026-11-23 05:30:12 UTC by admin".
func unstamped(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "## ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
