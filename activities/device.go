package activities

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// Device configures and questions the nodes of a lab.
type Device struct {
	Labs     *Labs
	Sessions *Sessions
	Streams  *Streams // that run meanwhile
	Topology testplans.TopologyLoader
}

// with calls do with a session to a router of the lab.
func (d *Device) with(ctx context.Context, ref LabRef, name string, do func(device.Session) error) error {
	_, node, err := d.Labs.Node(ref, name)
	if err != nil {
		return err
	}
	if !topology.IsJunos(node.Kind) {
		return final(TypePlan, fmt.Errorf("%s is a %s node and has no Junos management session", name, node.Kind))
	}
	return d.Sessions.With(ctx, ref, node, do)
}

// exec runs a program in a node that is a host.
func (d *Device) exec(ctx context.Context, ref LabRef, node string, argv ...string) (topology.ExecResult, error) {
	backend, err := d.Labs.Backend(ref.Backend)
	if err != nil {
		return topology.ExecResult{}, err
	}
	executor, ok := backend.(topology.Executor)
	if !ok {
		return topology.ExecResult{}, cannot(ref, "running programs in a node")
	}
	return executor.Exec(ctx, ref.Name, node, argv)
}

// A lockedError is a configuration that somebody else has locked. It says
// nothing about the device, and passes.
type lockedError struct{ text string }

func (e *lockedError) Error() string { return e.text }

// apply commits a change, once: if an earlier execution of this activity may
// have got as far as the commit, the device's history is read first.
func apply(ctx context.Context, s device.Session, c device.Change) (device.Commit, error) {
	if commit, done, err := committedBefore(ctx, s, c.Log); done || err != nil {
		return commit, err
	}
	commit, err := s.Apply(ctx, c)
	return commit, lockIsNoVerdict(err)
}

func rollback(ctx context.Context, s device.Session, to int, log string) (device.Commit, error) {
	if commit, done, err := committedBefore(ctx, s, log); done || err != nil {
		return commit, err
	}
	commit, err := s.Rollback(ctx, to, log)
	return commit, lockIsNoVerdict(err)
}

func lockIsNoVerdict(err error) error {
	var rejected *device.RejectedError
	if errors.As(err, &rejected) && rejected.Op == "lock" {
		return &lockedError{rejected.Error()}
	}
	return err
}

// committedBefore looks for a commit with this log when the activity is being
// repeated. Its diff is asked for if it is still the newest.
func committedBefore(ctx context.Context, s device.Session, log string) (device.Commit, bool, error) {
	if !repeated(ctx) || log == "" {
		return device.Commit{}, false, nil
	}
	reply, err := s.Get(ctx, "<get-commit-information/>")
	if err != nil {
		return device.Commit{}, false, fmt.Errorf("read the commit history before trying again: %w", err)
	}
	history, err := parseCommits(reply)
	if err != nil {
		return device.Commit{}, false, err
	}
	for i, entry := range history {
		if strings.TrimSpace(entry.Log) != log {
			continue
		}
		commit := device.Commit{Warnings: []string{"committed before the worker was interrupted"}}
		if i == 0 {
			reply, err := s.Get(ctx, `<get-configuration compare="rollback" rollback="1" format="text"/>`)
			if err == nil {
				diff, _ := elementText(reply, "configuration-output")
				commit.Diff = strings.Trim(diff, "\n") // an empty one is a line end
			}
		}
		return commit, true, nil
	}
	return device.Commit{}, false, nil
}

type commitEntry struct {
	Log string `xml:"log"`
}

// parseCommits reads the reply to get-commit-information, newest first.
func parseCommits(reply []byte) ([]commitEntry, error) {
	var doc struct {
		Entries []commitEntry `xml:"commit-history"`
	}
	start, dec, err := findElement(reply, "commit-information")
	if err == nil {
		err = dec.DecodeElement(&doc, &start)
	}
	if err != nil {
		return nil, fmt.Errorf("commit history: %w", err)
	}
	return doc.Entries, nil
}

// elementText returns the text of the first element of that name in a reply.
func elementText(reply []byte, name string) (string, error) {
	start, dec, err := findElement(reply, name)
	if err != nil {
		return "", err
	}
	var text string
	if err := dec.DecodeElement(&text, &start); err != nil {
		return "", err
	}
	return text, nil
}

// findElement moves a decoder to the first element of that name.
func findElement(reply []byte, name string) (xml.StartElement, *xml.Decoder, error) {
	dec := xml.NewDecoder(strings.NewReader(string(reply)))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return xml.StartElement{}, nil, fmt.Errorf("the reply has no <%s>", name)
		}
		if err != nil {
			return xml.StartElement{}, nil, err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == name {
			return start, dec, nil
		}
	}
}
