package testplans

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// maxTitle is the length of a title that the tools show whole, in characters.
const maxTitle = 200

// titleSteps gives every step without a title a sentence made from what it
// does: it is what customers read.
func (p *Plan) titleSteps(t *topology.Topology) {
	for i := range p.Cases {
		c := &p.Cases[i]
		for _, steps := range [][]Step{c.Setup, c.Steps, c.Teardown} {
			for j := range steps {
				if steps[j].Title == "" {
					steps[j].Title = check.Shorten(p.sentence(&steps[j], t), maxTitle)
				}
			}
		}
	}
}

func (p *Plan) sentence(s *Step, t *topology.Topology) string {
	switch {
	case s.Configure != nil:
		return s.Configure.sentence()
	case s.Rollback != nil:
		return s.Rollback.sentence()
	case s.Snapshot != nil:
		return s.Snapshot.sentence()
	case s.Check != nil:
		return "Check that " + s.Check.Sentence()
	case s.WaitUntil != nil:
		return fmt.Sprintf("Wait up to %s until %s", plain(s.WaitUntil.Within), s.WaitUntil.Check.Sentence())
	case s.Command != nil:
		return s.Command.sentence()
	case s.Ping != nil:
		return s.Ping.sentence()
	case s.Traceroute != nil:
		return s.Traceroute.sentence()
	case s.Traffic != nil:
		return p.trafficSentence(s.Traffic)
	case s.Capture != nil:
		return s.Capture.sentence(t)
	case s.Routes != nil:
		return s.Routes.sentence()
	case s.Converge != nil:
		return s.Converge.sentence()
	case s.Benchmark != nil:
		return s.Benchmark.sentence()
	case s.Fault != nil:
		return s.Fault.sentence(t)
	}
	return ""
}

// plain is a duration without the zeros that time.Duration prints: "2m", not
// "2m0s".
func plain(d Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (c *Configure) sentence() string {
	what := ""
	switch lines := strings.Count(strings.TrimSpace(c.Text), "\n") + 1; {
	case len(c.Set) > 0:
		what = check.Shorten(c.Set[0], 120)
		if n := len(c.Set) - 1; n == 1 {
			what += " (and 1 more command)"
		} else if n > 1 {
			what += fmt.Sprintf(" (and %d more commands)", n)
		}
	case lines == 1:
		what = "1 line of configuration"
	default:
		what = fmt.Sprintf("%d lines of configuration", lines)
	}
	if c.Load != "" && c.Load != "merge" {
		what += " (" + c.Load + ")"
	}
	switch {
	case c.Refused != "":
		return fmt.Sprintf("Check that %s refuses with %q: %s", c.Node, check.Shorten(c.Refused, 60), what)
	case c.Confirmed != 0:
		return fmt.Sprintf("Configure %s, to be confirmed within %s: %s", c.Node, plain(c.Confirmed), what)
	}
	return fmt.Sprintf("Configure %s: %s", c.Node, what)
}

func (r *Rollback) sentence() string {
	if r.To == 1 {
		return fmt.Sprintf("Roll %s back to the configuration before", r.Node)
	}
	return fmt.Sprintf("Roll %s back to configuration %d", r.Node, r.To)
}

func (c *Command) sentence() string {
	s := fmt.Sprintf("Run %q on %s", c.Run, c.Node)
	if c.Matches != "" {
		s += fmt.Sprintf(" and look for /%s/", c.Matches)
	}
	return s
}

func (p *Ping) sentence() string {
	s := fmt.Sprintf("Ping %s from %s", p.To, p.From)
	if p.Source != "" {
		s += " with source " + p.Source
	}
	if p.Count != 0 {
		s += fmt.Sprintf(", %d times", p.Count)
	}
	if p.Size != 0 {
		s += fmt.Sprintf(", with %d bytes", p.Size)
	}
	if p.Loss != "" {
		return s + ", and lose " + lossWords(p.Loss)
	}
	return s + ", and lose nothing"
}

func (t *Traceroute) sentence() string {
	s := fmt.Sprintf("Trace the path from %s to %s", t.From, t.To)
	if len(t.Via) > 0 {
		s += " and find it goes through " + strings.Join(t.Via, ", then ")
	}
	if t.Hops != "" {
		s += ", in " + t.Hops.Words() + " hops"
	}
	return s
}

func (p *Plan) trafficSentence(t *Traffic) string {
	if t.Start != "" {
		return fmt.Sprintf("Start stream %s: %s", t.Start, p.flow(t.Start))
	}
	var limits []string
	if t.Loss != "" {
		limits = append(limits, "loses "+lossWords(t.Loss))
	}
	if t.Latency != "" {
		limits = append(limits, "has a p99 latency of "+t.Latency.Words())
	}
	for _, m := range check.Metrics {
		if b := t.Bounds[m.Name]; b != "" {
			limits = append(limits, "has "+m.Words(b))
		}
	}
	s := "Stop stream " + t.Stop
	if t.Run != "" {
		s = fmt.Sprintf("Run stream %s (%s)", t.Run, p.flow(t.Run))
		if t.Duration != 0 {
			s += " for " + plain(t.Duration)
		}
	}
	if len(limits) == 0 {
		return s
	}
	return s + " and check that it " + strings.Join(limits, " and ")
}

// lossWords is a bound on loss in a sentence.
func lossWords(b check.Bound) string {
	if b.Holds(0) && !b.Holds(1e-9) {
		return "nothing"
	}
	if b.Dimension() == check.Number {
		return b.Words() + " frames"
	}
	return b.Words()
}

// flow describes a stream: "512-byte frames from h1 to h2, 1000 a second".
func (p *Plan) flow(name string) string {
	s := p.Streams[name]
	version := ""
	if s.IPv6 {
		version = " IPv6"
	}
	if s.Capture != "" {
		return fmt.Sprintf("frames of %s from %s to %s, %s", filepath.Base(s.Capture), s.From.Node, s.To.Node, frames(s))
	}
	if len(s.Layers) > 0 {
		version = " " + s.Stack()
	}
	return fmt.Sprintf("%s%s frames from %s to %s, %s", mixed(s), version, s.From.Node, s.To.Node, frames(s))
}

func frames(s trafficgen.Stream) string {
	text := fmt.Sprintf("%.3g a second", s.Rate)
	switch {
	case s.Load > 0:
		text = fmt.Sprintf("%.3g%% of the port's speed", 100*s.Load)
	case s.Rate >= 10:
		text = fmt.Sprintf("%.0f a second", s.Rate)
	}
	if s.Burst.Frames > 0 {
		text += fmt.Sprintf(" in bursts of %d", s.Burst.Frames)
	}
	return text
}

func (c *Converge) sentence() string {
	what, verb := "stream "+c.Stream, "converges"
	if c.Stream == "" {
		what, verb = "streams "+strings.Join(c.Streams, ", "), "converge"
	}
	var limits []string
	for _, limit := range []struct {
		name  string
		bound check.Bound
	}{
		{"an outage of", c.Outage}, {"a full convergence time of", c.Full}, {"a first route convergence time of", c.FirstRoute},
		{"a loss-derived time of", c.LossDerived}, {"a rate-derived time of", c.RateDerived},
	} {
		if limit.bound != "" {
			limits = append(limits, limit.name+" "+limit.bound.Words())
		}
	}
	s := fmt.Sprintf("Check that %s %s with %s", what, verb, strings.Join(limits, " and "))
	if c.Within != 0 {
		s += ", within " + plain(c.Within)
	}
	return s
}

// linkName is a link by both its ends.
func linkName(end string, t *topology.Topology) string {
	for _, l := range t.Links {
		switch end {
		case l.A.String():
			return end + " – " + l.B.String()
		case l.B.String():
			return end + " – " + l.A.String()
		}
	}
	return end
}
