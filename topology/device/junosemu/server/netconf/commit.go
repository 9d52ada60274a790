package netconf

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// How long a confirmed commit waits for its confirmation if nobody says: ten
// minutes in Junos's own RPC and in RFC 6241 alike.
const defaultConfirm = 10 * time.Minute

// commitConfiguration is Junos's own commit. confirm-timeout counts minutes.
func (c *conn) commitConfiguration(ctx context.Context, op *xmltree.Element) (string, error) {
	o := store.CommitOptions{Check: op.Has("check"), Log: op.Value("log")}
	if op.Has("at-time") {
		return c.commitAt(op.Value("at-time"), o.Log)
	}
	if op.Has("confirmed") {
		confirm, err := confirmTime(op.Value("confirm-timeout"), time.Minute)
		if err != nil {
			return "", err
		}
		o.Confirmed = confirm
	}
	return c.commitResults(ctx, o)
}

// commitAt commits the candidate at a time.
func (c *conn) commitAt(text, log string) (string, error) {
	at, err := mgd.ParseAt(strings.TrimSpace(text), time.Now())
	if err != nil {
		return "", err
	}
	engine := xmltree.New("routing-engine").Leaf("name", "re0")
	results := xmltree.New("commit-results", engine)
	warnings, err := c.session.CommitAt(at, log)
	if err != nil {
		engine.Add(errorElements(err)...)
		return results.String(), nil
	}
	engine.Add(warningElements(warnings)...)
	engine.Add(xmltree.New("commit-check-success"), xmltree.Leaf("output", strings.TrimSpace(mgd.ScheduledText(at))))
	return lines(results, xmltree.New("ok")), nil
}

// commit is the RFC's commit. confirm-timeout counts seconds; Junos rounds up
// to minutes.
func (c *conn) commit(ctx context.Context, op *xmltree.Element) (string, error) {
	o := store.CommitOptions{Log: op.Value("log")}
	if op.Has("confirmed") {
		confirm, err := confirmTime(op.Value("confirm-timeout"), time.Second)
		if err != nil {
			return "", err
		}
		o.Confirmed = (confirm + time.Minute - 1).Truncate(time.Minute)
	}
	return c.commitResults(ctx, o)
}

// validate is the RFC's commit check.
func (c *conn) validate(ctx context.Context, op *xmltree.Element) (string, error) {
	if source := op.Child("source"); source != nil && !source.Has("candidate") {
		return "", &rpcError{tag: "operation-not-supported", message: "only the candidate configuration can be validated", badElement: "source"}
	}
	return c.commitResults(ctx, store.CommitOptions{Check: true})
}

func confirmTime(text string, unit time.Duration) (time.Duration, error) {
	if text == "" {
		return defaultConfirm, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || time.Duration(n) > 65535*time.Minute/unit {
		return 0, &rpcError{tag: "invalid-value", message: "invalid confirm-timeout", badElement: text}
	}
	return time.Duration(n) * unit, nil
}

// commitResults commits and says how it went for the one routing engine there
// is. Warnings and errors stand inside. A client that leaves does not stop a
// commit halfway.
func (c *conn) commitResults(ctx context.Context, o store.CommitOptions) (string, error) {
	engine := xmltree.New("routing-engine").Leaf("name", "re0")
	results := xmltree.New("commit-results", engine)
	done, err := c.session.Commit(context.WithoutCancel(ctx), o)
	if c.strict {
		return compliantCommit(err), nil
	}
	if err != nil {
		engine.Add(errorElements(err)...)
		return results.String(), nil
	}
	engine.Add(warningElements(done.Warnings)...)
	if o.Check {
		engine.Add(xmltree.New("commit-check-success"))
	} else {
		engine.Add(xmltree.New("commit-success"))
		if history := c.session.Store().History(); len(history) > 0 {
			engine.Add(xmltree.New("commit-revision-information").Leaf("new-db-revision", history[0].Revision))
		}
	}
	return lines(results, xmltree.New("ok")), nil
}
