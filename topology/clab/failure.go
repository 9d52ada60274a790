package clab

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ccl-lab/ccl/topology"
)

// A CommandError is a containerlab command that failed.
type CommandError struct {
	Command string // "deploy", "inspect", …
	Code    int    // exit code
	Message string // containerlab's own words, on one line
	Advice  string // what may help; may be empty
}

func (e *CommandError) Error() string {
	msg := fmt.Sprintf("containerlab %s: %s", e.Command, e.Message)
	if e.Advice != "" {
		msg += " (" + e.Advice + ")"
	}
	return msg
}

// known are messages of containerlab that can be put better. The first that
// matches counts; explain gets its submatches.
var known = []struct {
	match   *regexp.Regexp
	explain func(m []string, e *CommandError) error
}{
	{regexp.MustCompile(`(?i)lab '([^']+)' not found`), func(m []string, _ *CommandError) error {
		return noLab(m[1])
	}},
	{regexp.MustCompile(`(?:node "([^"]+)": )?kind "([^"]+)" is not supported`), func(m []string, _ *CommandError) error {
		return &topology.UnsupportedError{
			What: fmt.Sprintf("kind %s%s", m[2], ofNode(m[1])),
			Why:  "this host's containerlab does not know it",
			Hint: "containerlab.dev/manual/kinds lists the kinds; a newer containerlab may have it",
		}
	}},
	{regexp.MustCompile(`(?i)cpu virtualization support is required for node "([^"]+)" \(([^)]+)\)`), func(m []string, _ *CommandError) error {
		return &topology.UnsupportedError{
			What: fmt.Sprintf("kind %s%s", m[2], ofNode(m[1])),
			Why:  "this host's processor offers no virtualisation (neither vmx nor svm in /proc/cpuinfo)",
			Hint: "switch virtualisation on in the firmware, or nested virtualisation in the hypervisor; --backend netns needs neither",
		}
	}},
	{regexp.MustCompile(`(?i)cannot connect to the docker daemon|permission denied while trying to connect to the docker|is the docker daemon running`), func(_ []string, e *CommandError) error {
		return &topology.UnsupportedError{
			What: "the clab backend",
			Why:  "Docker does not answer: " + e.Message,
			Hint: "start Docker, or be root or a member of its group; --backend netns needs no Docker",
		}
	}},
	{regexp.MustCompile(`(?i)requires root privileges|clab_admins`), func(_ []string, e *CommandError) error {
		return &topology.UnsupportedError{
			What: "the clab backend as this user",
			Why:  e.Message,
			Hint: "run as root, or become a member of the group clab_admins",
		}
	}},
	{regexp.MustCompile(`open /proc/modules`), func(_ []string, e *CommandError) error {
		return &topology.UnsupportedError{
			What: "this host's kernel",
			Why:  "containerlab wants to read /proc/modules, which a kernel without loadable modules does not have",
		}
	}},
	{regexp.MustCompile(`Failed to pull image image=(\S+)`), func(m []string, e *CommandError) error {
		e.Message = fmt.Sprintf("image %s is not on this host and cannot be pulled: %s", m[1], e.Message)
		e.Advice = "load it with docker load; images of virtual machines are built with vrnetlab"
		return e
	}},
	{regexp.MustCompile(`(?i)unable to find node (\S+?)\.?(?:\s|$)`), func(m []string, e *CommandError) error {
		e.Message = fmt.Sprintf("a link names node %s, which the topology does not have", m[1])
		return e
	}},
	{regexp.MustCompile(`(?i)duplicate endpoint (\S+?)\.?(?:\s|$)`), func(m []string, e *CommandError) error {
		e.Message = fmt.Sprintf("two links end at %s", m[1])
		return e
	}},
	{regexp.MustCompile(`field (\S+) not found in type`), func(m []string, e *CommandError) error {
		e.Message = fmt.Sprintf("this host's containerlab does not know the key %q of the topology file", m[1])
		e.Advice = "its release notes say which keys changed"
		return e
	}},
}

func ofNode(name string) string {
	if name == "" {
		return ""
	}
	return " (node " + name + ")"
}

// failure makes an error of what a failed command wrote to standard error.
func failure(args []string, code int, stderr string) error {
	e := &CommandError{Command: args[0], Code: code, Message: message(stderr)}
	if e.Message == "" {
		e.Message = fmt.Sprintf("exit code %d, without a word", code)
	}
	// The log above the message may say more: which image, for one.
	whole := stderr + "\n" + e.Message
	for _, k := range known {
		if m := k.match.FindStringSubmatch(whole); m != nil {
			return k.explain(m, e)
		}
	}
	return e
}

// width is how long containerlab's lines get before it breaks them; shorter ones
// end where their author ended them.
const width = 90

// message finds what went wrong in containerlab's output: the block below ERROR,
// its broken lines put together again, else the last line that is there.
func message(stderr string) string {
	var block []string
	last, found := "", false
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		switch {
		case line == "ERROR":
			found, block = true, nil
		case line == "":
		case found:
			block = append(block, line)
		default:
			last = line
		}
	}
	if len(block) == 0 {
		return last
	}
	var text strings.Builder
	for i, line := range block {
		if i > 0 {
			text.WriteString(joint(block[i-1]))
		}
		text.WriteString(line)
	}
	return strings.TrimSuffix(text.String(), ".")
}

// joint is what belongs between a line and the next one.
func joint(line string) string {
	switch {
	case strings.HasSuffix(line, ":"):
		return " "
	case len(line) < width:
		return "; "
	case strings.HasSuffix(line, "-"): // broken inside a word
		return ""
	}
	return " "
}
