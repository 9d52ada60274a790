package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// unixPrompt is that of Junos's csh for users other than root.
const unixPrompt = "% "

// startShell recognizes "start shell" with the ways to ask for one.
func startShell(words []string) bool {
	return len(words) >= 2 && shortens(words[0], "start", 3) && shortens(words[1], "shell", 2)
}

// unixLine performs a line of the Unix shell that "start shell" gives. Behind
// the emulator there is no FreeBSD: the shell has what clients use to find
// their way back to the CLI, and says of every other program that it is not
// there.
func (sh *shell) unixLine(ctx context.Context, text string) error {
	words := split(text).words
	if len(words) == 0 {
		return nil
	}
	last := sh.status
	sh.status = 0
	switch words[0] {
	case "exit", "logout":
		sh.unix = false
	case "true":
	case "false":
		sh.status = 1
	case "echo":
		sh.printf("%s\n", expand(words[1:], last))
	case "hostname":
		sh.printf("%s\n", sh.session.Hostname())
	case "whoami":
		sh.printf("%s\n", sh.session.User)
	case "pwd":
		sh.printf("%s\n", mgd.Home(sh.session.User))
	case "cli":
		sh.unixCLI(ctx, words[1:])
	default:
		sh.printf("%s: Command not found.\n", words[0])
		sh.status = 1
	}
	return nil
}

// unixCLI is the program cli: with -c it performs a command, without it goes
// back to the command line.
func (sh *shell) unixCLI(ctx context.Context, args []string) {
	switch {
	case len(args) == 0:
		sh.unix = false
	case len(args) == 2 && args[0] == "-c":
		sh.status = Exec(ctx, sh.session, args[1], sh.out, sh.out)
	default:
		sh.printf("cli: usage: cli [-c command]\n")
		sh.status = 1
	}
}

// expand puts the status of the last command into a line.
func expand(words []string, last int) string {
	line := strings.Join(words, " ")
	for _, name := range []string{"$?", "$status"} {
		line = strings.ReplaceAll(line, name, strconv.Itoa(last))
	}
	return line
}
