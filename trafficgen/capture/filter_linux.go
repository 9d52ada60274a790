package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// compile turns an expression of pcap-filter(7) into the program that the
// kernel runs on each frame. It has tcpdump do it: the language is libpcap's,
// and linking that would need cgo.
func compile(ctx context.Context, expression string) ([]unix.SockFilter, error) {
	if strings.TrimSpace(expression) == "" {
		return nil, nil
	}
	cmd := exec.CommandContext(ctx, "tcpdump", "-y", "EN10MB", "-ddd", "--", expression)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	switch err := cmd.Run(); {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("capture filters need the tcpdump program, which compiles them; install the package tcpdump")
	case err != nil:
		return nil, fmt.Errorf("capture filter %q: %s", expression, strings.TrimPrefix(oneLine(complaint.Bytes()), "tcpdump: "))
	}
	return program(&out)
}

// program reads the output of tcpdump -ddd: the number of instructions, then
// one a line as four decimal numbers.
func program(out *bytes.Buffer) ([]unix.SockFilter, error) {
	var n int
	if _, err := fmt.Fscanln(out, &n); err != nil || n <= 0 || n > unix.BPF_MAXINSNS {
		return nil, fmt.Errorf("tcpdump's answer is no program: %q", oneLine(out.Bytes()))
	}
	filter := make([]unix.SockFilter, n)
	for i := range filter {
		f := &filter[i]
		if _, err := fmt.Fscanln(out, &f.Code, &f.Jt, &f.Jf, &f.K); err != nil {
			return nil, fmt.Errorf("instruction %d of tcpdump's program: %w", i+1, err)
		}
	}
	return filter, nil
}

// oneLine is a program's message without its line breaks.
func oneLine(message []byte) string { return strings.Join(strings.Fields(string(message)), " ") }
