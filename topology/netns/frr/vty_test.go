package frr

import (
	"bufio"
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// answering is a daemon's socket that answers each command with the pieces that
// answer returns, each in a write of its own; with none it stays silent.
func answering(t *testing.T, answer func(command string) []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "d.vty")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveVTY(conn, answer)
		}
	}()
	return path
}

func serveVTY(conn net.Conn, answer func(string) []string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		command, err := r.ReadString(0)
		if err != nil {
			return
		}
		pieces := []string{"\x00\x00\x00\x00"}
		if command != "enable\x00" {
			pieces = answer(strings.TrimSuffix(command, "\x00"))
		}
		for _, p := range pieces {
			if p == "hang up" {
				return
			}
			if _, err := conn.Write([]byte(p)); err != nil {
				return
			}
		}
	}
}

func TestVTYAnswers(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 10_000)
	tests := []struct {
		name   string
		pieces []string
		want   string
		status int
	}{
		{"text", []string{"hello\n\x00\x00\x00\x00"}, "hello\n", StatusOK},
		{"nothing", []string{"\x00\x00\x00\x00"}, "", StatusOK},
		{"end in pieces", []string{"he", "llo\x00", "\x00", "\x00", "\x00"}, "hello", StatusOK},
		{"status apart", []string{"no\x00\x00\x00", "\x02"}, "no", StatusUnknown},
		{"long", []string{long, "\x00\x00\x00\x0d"}, long, StatusRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := answering(t, func(string) []string { return test.pieces })
			v, err := dialVTY(context.Background(), "ospfd", path)
			if err != nil {
				t.Fatal(err)
			}
			defer v.close()
			for range 2 { // the second tells whether the first read too much
				got, err := v.command(context.Background(), "show it")
				var refused *CommandError
				if errors.As(err, &refused) != (test.status != StatusOK) || (refused != nil && refused.Status != test.status) {
					t.Errorf("error %v, want status %d", err, test.status)
				}
				if got != test.want {
					t.Errorf("output of %d bytes, want %d", len(got), len(test.want))
				}
			}
		})
	}
}

func TestVTYHonoursTheContext(t *testing.T) {
	path := answering(t, func(string) []string { return nil })
	v, err := dialVTY(context.Background(), "ospfd", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := v.command(ctx, "show it"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent daemon: %v, want the deadline", err)
	}
	// The late answer would be taken for that of the next command.
	if _, err := v.command(context.Background(), "show more"); err == nil || !v.broken() {
		t.Errorf("the connection is used on: %v", err)
	}
}

func TestVTYLosesTheDaemon(t *testing.T) {
	path := answering(t, func(string) []string { return []string{"half", "hang up"} })
	v, err := dialVTY(context.Background(), "ospfd", path)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := v.command(context.Background(), "show it"); err == nil || out != "" || !strings.Contains(err.Error(), "in the middle") {
		t.Errorf("half an answer: %q, %v", out, err)
	}
}

func TestVTYRefusesTwoCommandsInOne(t *testing.T) {
	path := answering(t, func(string) []string { return []string{"\x00\x00\x00\x00"} })
	v, err := dialVTY(context.Background(), "ospfd", path)
	if err != nil {
		t.Fatal(err)
	}
	defer v.close()
	for _, command := range []string{"show it\nreload", "show it\x00reload"} {
		if _, err := v.command(context.Background(), command); err == nil {
			t.Errorf("%q was sent", command)
		}
	}
}

func TestCommandErrorReads(t *testing.T) {
	tests := []struct {
		err  CommandError
		want string
	}{
		{CommandError{Daemon: "bgpd", Command: "neighbor x", Output: "% [BGP] Unknown command: neighbor x", Status: 2}, `bgpd refused "neighbor x": [BGP] Unknown command: neighbor x`},
		{CommandError{Daemon: "ospfd", Command: "area", Context: "router ospf", Status: StatusIncomplete}, `ospfd refused "area" (in router ospf): incomplete command`},
		{CommandError{Daemon: "isisd", Command: "net 1", Output: "% Configuration failed.\n\nError type: validation", Status: 13}, `isisd refused "net 1": Configuration failed. Error type: validation`},
		{CommandError{Daemon: "isisd", Command: "x", Status: 99}, `isisd refused "x": status 99`},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
