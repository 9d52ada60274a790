package check

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// JudgePing judges the echo requests that got no reply. An empty bound is
// "= 0%". If nothing was transmitted the outcome is an error. said is what came
// back in place of replies, such as "10.1.1.1 says Destination Net Unreachable".
func JudgePing(b Bound, from, to string, transmitted, received int, said ...string) Outcome {
	if b == "" {
		b = "= 0%"
	}
	subject := fmt.Sprintf("ping from %s to %s", from, to)
	expected := b.Words() + " lost"
	if transmitted <= 0 {
		return conclude("", []Finding{{Verdict: Error, Node: from, Subject: subject, Expected: expected, Seen: "no request was sent"}})
	}
	if err := b.Check(Share); err != nil {
		return conclude("", []Finding{{Verdict: Error, Node: from, Subject: subject, Expected: "a bound", Seen: err.Error()}})
	}
	lost := max(0, transmitted-received)
	share := float64(lost) / float64(transmitted)
	seen := fmt.Sprintf("%d of %d lost (%.3g%%)", lost, transmitted, 100*share)
	if lost > 0 && len(said) > 0 {
		seen += ": " + strings.Join(said, "; ")
	}
	return conclude(subject+": "+seen, []Finding{finding(b.Holds(share), "", subject, expected, seen)})
}

// A Waypoint is a place that a path must go through: its name in the plan and
// the addresses by which it may show itself.
type Waypoint struct {
	Name      string
	Addresses []string
}

// A Path is what a traceroute saw: the address of each hop, "" where nobody
// answered, and whether the last one is the destination.
type Path struct {
	From, To string
	Hops     []string
	Reached  bool
}

// JudgePath judges a path: that it reaches its destination, goes through the
// waypoints in their order, and takes the wanted number of hops (any, if the
// bound is empty). A traceroute that saw nothing at all is an error.
func JudgePath(hops Bound, via []Waypoint, p Path) Outcome {
	subject := fmt.Sprintf("path from %s to %s", p.From, p.To)
	if len(p.Hops) == 0 {
		return conclude("", []Finding{{Verdict: Error, Subject: subject, Expected: "hops", Seen: "traceroute printed none"}})
	}
	words := make([]string, len(p.Hops))
	for i, hop := range p.Hops {
		words[i] = cmp.Or(hop, "*")
	}
	shownHops := strings.Join(words, " → ")
	reached := "it ends at " + shownHops
	if p.Reached {
		reached = shownHops
	}
	findings := []Finding{finding(p.Reached, "", subject, "to reach "+p.To, reached)}
	next := 0
	for _, w := range via {
		i := slices.IndexFunc(p.Hops[next:], func(hop string) bool {
			return slices.ContainsFunc(w.Addresses, func(a string) bool { return hop != "" && sameAddress(a, hop) })
		})
		findings = append(findings, finding(i >= 0, "", subject, "through "+w.Name, shownHops))
		if i < 0 {
			break
		}
		next += i + 1
	}
	if hops != "" {
		findings = append(findings, finding(hops.Holds(float64(len(p.Hops))), "", "hops from "+p.From+" to "+p.To, hops.Words(), fmt.Sprint(len(p.Hops))))
	}
	return conclude(subject+": "+shownHops, findings)
}

// JudgeMatches judges the output of a command with a regular expression. An
// empty expression asks only that there be output.
func JudgeMatches(node, command, pattern, output string) Outcome {
	subject := fmt.Sprintf("output of %q", command)
	if strings.TrimSpace(output) == "" {
		return conclude("", []Finding{{Verdict: Error, Node: node, Subject: subject, Expected: "some output", Seen: "nothing"}})
	}
	if pattern == "" {
		return conclude(fmt.Sprintf("%q ran on %s", command, node), []Finding{finding(true, node, subject, "some output", excerpt(output))})
	}
	expected := "a match of /" + pattern + "/"
	re, err := regexp.Compile(pattern)
	if err != nil {
		return conclude("", []Finding{{Verdict: Error, Node: node, Subject: subject, Expected: expected, Seen: err.Error()}})
	}
	if m := re.FindString(output); re.MatchString(output) {
		return conclude(fmt.Sprintf("the output of %q on %s matches /%s/", command, node, pattern), []Finding{finding(true, node, subject, expected, shown(m))})
	}
	return conclude("", []Finding{finding(false, node, subject, expected, "no match in: "+excerpt(output))})
}

// JudgeRefusal judges a change that the device must refuse. message is the
// refusal's text, "" if the device accepted the change.
func JudgeRefusal(node, want, message string) Outcome {
	subject, expected := "change", fmt.Sprintf("a refusal with %q", want)
	if message == "" {
		return conclude("", []Finding{finding(false, node, subject, expected, "the device accepted it")})
	}
	return conclude(fmt.Sprintf("%s refused the change: %s", node, message),
		[]Finding{finding(strings.Contains(strings.ToLower(message), strings.ToLower(want)), node, subject, expected, message)})
}

// Join makes one outcome of several, as of a step that is judged in more than
// one way. Of none it is an error.
func Join(outcomes ...Outcome) Outcome {
	joined := Outcome{Verdict: Error, Reason: "nothing was examined"}
	if len(outcomes) == 0 {
		return joined
	}
	verdicts := make([]Verdict, len(outcomes))
	joined.Reason = ""
	for i, o := range outcomes {
		verdicts[i] = o.Verdict
		for _, f := range o.Findings { // a spoilt measurement spoils every judgement of it, with the same words
			if !slices.Contains(joined.Findings, f) {
				joined.Findings = append(joined.Findings, f)
			}
		}
	}
	joined.Verdict = Worst(verdicts...)
	var reasons []string
	for _, o := range outcomes {
		if o.Verdict == joined.Verdict && o.Reason != "" && !slices.Contains(reasons, o.Reason) {
			reasons = append(reasons, o.Reason)
		}
	}
	joined.Reason = strings.Join(reasons, "; ")
	return joined
}

// JudgeCleared judges what a device said to a command that clears sessions.
// Where the protocol does not run there was nothing to clear.
func JudgeCleared(node, command, output string) Outcome {
	said := excerpt(output)
	seen := cmp.Or(said, "done, without a word")
	return conclude(fmt.Sprintf("%s on %s", command, node), []Finding{
		finding(!strings.Contains(said, "not running"), node, command, "sessions to clear", seen)})
}
