package node

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology"
)

func TestMain(m *testing.M) {
	RunIfNode()
	os.Exit(m.Run())
}

func TestSplitCommand(t *testing.T) {
	for _, tt := range []struct {
		line string
		want []string
	}{
		{"", nil},
		{"  ip addr\tadd 10.0.0.1/24  dev eth1 ", []string{"ip", "addr", "add", "10.0.0.1/24", "dev", "eth1"}},
		{`sh -c "echo 'a b' > /dev/null"`, []string{"sh", "-c", "echo 'a b' > /dev/null"}},
		{`a '' "" b`, []string{"a", "", "", "b"}},
		{`'a"b' "c'd" e\ f`, []string{`a"b`, "c'd", "e f"}},
		{`"a\"b\\c\d" '\'`, []string{`a"b\c\d`, `\`}},
		{`pre'mid'post`, []string{"premidpost"}},
		{"ü 'é ñ'", []string{"ü", "é ñ"}},
	} {
		got, err := splitCommand(tt.line)
		if err != nil || !cmp.Equal(got, tt.want) {
			t.Errorf("splitCommand(%q) = %q, %v; want %q", tt.line, got, err, tt.want)
		}
	}
	for _, line := range []string{`'`, `a "b`, `a\`} {
		if got, err := splitCommand(line); err == nil {
			t.Errorf("splitCommand(%q) = %q, want an error", line, got)
		}
	}
}

func FuzzSplitCommand(f *testing.F) {
	f.Add(`sh -c "a 'b' \c"`)
	f.Fuzz(func(t *testing.T, line string) {
		words, err := splitCommand(line)
		if err != nil {
			return
		}
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, `'`+strings.ReplaceAll(w, `'`, `'\''`)+`'`)
		}
		again, err := splitCommand(strings.Join(quoted, " "))
		if err != nil || !cmp.Equal(words, again) {
			t.Errorf("%q: words %q, quoted and split again %q, %v", line, words, again, err)
		}
	})
}

func TestRunCommand(t *testing.T) {
	for _, tt := range []struct {
		argv []string
		want topology.ExecResult
	}{
		{[]string{"sh", "-c", "echo $GREETING; echo oops >&2; exit 4"}, topology.ExecResult{Code: 4, Stdout: "hello\n", Stderr: "oops\n"}},
		{[]string{"sh", "-c", "kill -TERM $$"}, topology.ExecResult{Code: 143}},
		{[]string{"/no/such"}, topology.ExecResult{Code: 127, Stderr: "fork/exec /no/such: no such file or directory\n"}},
		{[]string{"/etc"}, topology.ExecResult{Code: 126, Stderr: "fork/exec /etc: permission denied\n"}},
	} {
		got, err := runCommand(t.Context(), tt.argv, map[string]string{"GREETING": "hello"})
		if err != nil || got != tt.want {
			t.Errorf("%q: %+v, %v; want %+v", tt.argv, got, err, tt.want)
		}
	}
	if _, err := runCommand(t.Context(), nil, nil); err == nil {
		t.Error("no command was run without error")
	}
}

// TestCancelledCommand cancels a command that has left a child behind, which
// holds its output open.
func TestCancelledCommand(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := runCommand(ctx, []string{"sh", "-c", "sleep 300 & sleep 300"}, nil); err != context.DeadlineExceeded {
		t.Errorf("error %v, want the context's", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestZombiesAreReapedAtTheSecondLook leaves os/exec its children.
func TestZombiesAreReapedAtTheSecondLook(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	deadline := time.Now().Add(time.Minute)
	for zombies()[pid] == "" {
		if time.Now().After(deadline) {
			t.Fatal("the child does not end")
		}
		time.Sleep(time.Millisecond)
	}
	first := map[int]string{pid: zombies()[pid]}
	if reapSeen(nil); zombies()[pid] == "" {
		t.Fatal("it was reaped at the first look")
	}
	if reapSeen(map[int]string{pid: "another start"}); zombies()[pid] == "" {
		t.Fatal("it was taken for an earlier process of its number")
	}
	if reapSeen(first); zombies()[pid] != "" {
		t.Error("it was not reaped at the second look")
	}
}

func TestSysctlPath(t *testing.T) {
	for name, want := range map[string]string{
		"net.ipv4.ip_forward":              "net/ipv4/ip_forward",
		"net.ipv4.conf.eth1/100.rp_filter": "net/ipv4/conf/eth1.100/rp_filter",
		"net.ipv6.conf.all.disable_ipv6":   "net/ipv6/conf/all/disable_ipv6",
	} {
		if got := sysctlPath(name); got != want {
			t.Errorf("sysctlPath(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestSysctlNames(t *testing.T) {
	all := sysctl{name: "net/ipv6/conf/%s/forwarding"}
	if got := all.names(); !cmp.Equal(got, []string{"net/ipv6/conf/all/forwarding", "net/ipv6/conf/default/forwarding"}) {
		t.Errorf("names %q", got)
	}
	if got := (sysctl{name: "net/ipv4/ip_forward"}).names(); !cmp.Equal(got, []string{"net/ipv4/ip_forward"}) {
		t.Errorf("names %q", got)
	}
}
