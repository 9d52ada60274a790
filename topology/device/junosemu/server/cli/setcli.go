package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// setCLI performs "set cli …" outside of a shell, where there is no terminal
// to set: it only answers as Junos does.
func setCLI(words []string) (answer string, ok bool, err error) {
	return new(screen).set(words)
}

// set performs "set cli …" and returns what Junos prints.
func (s *screen) set(words []string) (answer string, ok bool, err error) {
	if len(words) < 3 || !shortens(words[0], "set", 3) || words[1] != "cli" {
		return "", false, nil
	}
	value := ""
	if len(words) > 3 {
		value = words[3]
	}
	switch words[2] {
	case "screen-width", "screen-length", "idle-timeout":
		answer, err = s.setNumber(words[2], value)
		return answer, true, err
	case "complete-on-space":
		if s.spaces = value != "off"; s.spaces {
			return "Enabling complete-on-space\n", true, nil
		}
		return "Disabling complete-on-space\n", true, nil
	case "timestamp":
		if s.stamp = value != "disable"; s.stamp {
			return "CLI timestamp set to: %b %d %T\n", true, nil
		}
		return "CLI timestamp disabled\n", true, nil
	case "prompt":
		s.prompt = value
		return "", true, nil
	case "terminal", "directory":
		return "", true, nil
	}
	return "", true, &grammar.SyntaxError{Message: "syntax error, expecting <command>.", Word: 2, Bad: words[2]}
}

// setNumber sets what is counted.
func (s *screen) setNumber(what, value string) (string, error) {
	n, err := strconv.Atoi(value)
	if value == "" && what == "idle-timeout" {
		n, err = 0, nil
	}
	if value == "" && err != nil {
		return "", &grammar.SyntaxError{Message: "missing argument."}
	}
	if err != nil || n < 0 || n > 100_000 {
		return "", &grammar.SyntaxError{Message: "Invalid numeric value: '" + value + "'", Bad: value}
	}
	switch what {
	case "screen-width":
		s.width = n
		return fmt.Sprintf("Screen width set to %d\n", n), nil
	case "screen-length":
		s.length = n
		return fmt.Sprintf("Screen length set to %d\n", n), nil
	}
	if s.idle = n; n == 0 {
		return "Idle timeout disabled\n", nil
	}
	return fmt.Sprintf("Idle timeout set to %d minutes\n", n), nil
}

// show is the answer to "show cli".
func (s *screen) show(user string) string {
	onOff := map[bool]string{true: "on", false: "off"}
	idle, stamp := "CLI idle-timeout disabled", "CLI timestamp disabled"
	if s.idle > 0 {
		idle = fmt.Sprintf("CLI idle-timeout set to %d minutes", s.idle)
	}
	if s.stamp {
		stamp = "CLI timestamp set to: %b %d %T"
	}
	return strings.Join([]string{
		"CLI complete-on-space set to " + onOff[s.spaces],
		idle,
		fmt.Sprintf("CLI screen-length set to %d", s.length),
		fmt.Sprintf("CLI screen-width set to %d", s.width),
		stamp,
		"CLI working directory is '" + mgd.Home(user) + "'",
	}, "\n") + "\n"
}
