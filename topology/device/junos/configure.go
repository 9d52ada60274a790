package junos

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device"
)

// What a RejectedError says was refused.
const (
	opLock   = "lock"
	opLoad   = "load"
	opCheck  = "commit check"
	opCommit = "commit"
	opRPC    = "rpc"
)

const (
	rpcLock    = `<lock><target><candidate/></target></lock>`
	rpcUnlock  = `<unlock><target><candidate/></target></unlock>`
	rpcDiscard = `<discard-changes/>`
	rpcCompare = `<get-configuration compare="rollback" rollback="0" format="text"/>`
	rpcCheck   = `<commit-configuration><check/></commit-configuration>`
)

// releaseTimeout bounds discarding and unlocking after the caller's context
// has ended.
const releaseTimeout = 10 * time.Second

// Apply locks the candidate, loads, compares, validates, commits and unlocks.
// A change that makes no difference is not committed.
func (s *Session) Apply(ctx context.Context, c device.Change) (device.Commit, error) {
	request, err := loadRequest(c)
	if err != nil {
		return device.Commit{}, err
	}
	return s.change(ctx, request, c)
}

// Rollback loads the n-th last configuration and commits it.
func (s *Session) Rollback(ctx context.Context, n int, log string) (device.Commit, error) {
	return s.change(ctx, fmt.Sprintf(`<load-configuration rollback="%d"/>`, n), device.Change{Log: log})
}

func (s *Session) change(ctx context.Context, load string, c device.Change) (commit device.Commit, err error) {
	begun := time.Now()
	defer func() { commit.Took = time.Since(begun) }()

	if _, err = s.call(ctx, opLock, rpcLock); err != nil {
		return commit, err
	}
	done := false // the candidate is as the running configuration
	defer func() { err = errors.Join(err, s.release(ctx, !done)) }()

	loaded, err := s.call(ctx, opLoad, load)
	if err != nil {
		return commit, err
	}
	commit.Warnings = loaded.warnings()

	compared, err := s.call(ctx, opLoad, rpcCompare)
	if err != nil {
		return commit, err
	}
	commit.Diff = strings.Trim(compared.text(), "\n")
	if commit.Diff == "" {
		return commit, nil
	}
	checked, err := s.call(ctx, opCheck, rpcCheck)
	if err != nil {
		return commit, err
	}
	if c.DryRun {
		commit.Warnings = append(commit.Warnings, checked.warnings()...)
		return commit, nil
	}
	committed, err := s.call(ctx, opCommit, commitRequest(c))
	if err != nil {
		return commit, err
	}
	done = true
	commit.Warnings = append(commit.Warnings, committed.warnings()...)
	return commit, nil
}

// release gives the candidate back, also when the caller's context is done.
// After a transport error there is no session left to unlock, and the router
// drops the lock with it.
func (s *Session) release(ctx context.Context, discard bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if discard {
		if _, err := s.call(ctx, opLock, rpcDiscard); err != nil && !errors.Is(err, errClosed) {
			return err
		}
	}
	if _, err := s.call(ctx, opLock, rpcUnlock); err != nil && !errors.Is(err, errClosed) {
		return err
	}
	return nil
}

func loadRequest(c device.Change) (string, error) {
	load := c.Load
	if load == "" {
		load = device.LoadMerge
	}
	switch c.Format {
	case device.FormatSet:
		return element("load-configuration", `action="set" format="text"`, element("configuration-set", "", escape(c.Text))), nil
	case device.FormatText:
		return element("load-configuration", fmt.Sprintf(`action="%s" format="text"`, load), element("configuration-text", "", escape(c.Text))), nil
	case device.FormatJSON:
		return element("load-configuration", fmt.Sprintf(`action="%s" format="json"`, load), element("configuration-json", "", escape(c.Text))), nil
	case device.FormatXML:
		return element("load-configuration", fmt.Sprintf(`action="%s" format="xml"`, load), c.Text), nil
	}
	return "", fmt.Errorf("configuration format %q: expected text, set, xml or json", c.Format)
}

func commitRequest(c device.Change) string {
	var b strings.Builder
	if c.Confirmed > 0 {
		minutes := int(math.Ceil(c.Confirmed.Minutes())) // Junos counts whole minutes
		b.WriteString(`<confirmed/>` + element("confirm-timeout", "", strconv.Itoa(minutes)))
	}
	if c.Log != "" {
		b.WriteString(element("log", "", escape(c.Log)))
	}
	return element("commit-configuration", "", b.String())
}

func element(name, attrs, content string) string {
	if attrs != "" {
		attrs = " " + attrs
	}
	return "<" + name + attrs + ">" + content + "</" + name + ">"
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
