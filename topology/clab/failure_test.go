package clab

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology"
)

// TestFailures has every message of containerlab that was seen, as a user gets it.
func TestFailures(t *testing.T) {
	tests := []struct {
		sample string // a file of testdata, or the message itself
		want   []string
		host   bool // a matter of the host or the file that no retry helps
	}{
		{"bad1.txt.err", []string{"kind nosuchkind (node r2)", "not supported"}, true},
		{"bad2.txt.err", []string{"a link names node r9, which the topology does not have"}, false},
		{"bad3.txt.err", []string{`does not know the key "unknownkey"`}, false},
		{"bad4.txt.err", []string{"image docker.io/library/nosuch:1 is not on this host", "network is unreachable", "docker load"}, false},
		{"bad5.txt.err", []string{"two links end at r1:eth1"}, false},
		{"jun-novmx.json.err", []string{"kind juniper_vjunosrouter (node v1)", "no virtualisation"}, true},
		{"Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n", []string{"Docker does not answer"}, true},
		{"this containerlab command requires root privileges or root via SUID to run, effective UID: 1000 SUID: 1000\n", []string{"as this user"}, true},
		{"open /proc/modules: no such file or directory\n", []string{"kernel", "/proc/modules"}, true},
		{"03:14:04 INFO something\n          \n   ERROR  \n\n  Something new went wrong.\n", []string{"containerlab deploy: Something new went wrong"}, false},
		{"\n", []string{"exit code 1, without a word"}, false},
	}
	for _, tt := range tests {
		t.Run(strings.SplitN(tt.sample, "\n", 2)[0], func(t *testing.T) {
			text := tt.sample
			if !strings.Contains(text, "\n") {
				sample, err := os.ReadFile(filepath.Join("testdata", tt.sample))
				if err != nil {
					t.Fatal(err)
				}
				text = string(sample)
			}
			err := failure([]string{"deploy"}, 1, text)
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			var unsupported *topology.UnsupportedError
			if errors.As(err, &unsupported) != tt.host {
				t.Errorf("%T for %q", err, err)
			}
			if strings.ContainsAny(err.Error(), "\n\t") || strings.Contains(err.Error(), "  ") {
				t.Errorf("%q is not one tidy line", err)
			}
		})
	}
}

func TestNoSuchLab(t *testing.T) {
	sample, err := os.ReadFile("testdata/inspect-noexist.json.err")
	if err != nil {
		t.Fatal(err)
	}
	if err := failure([]string{"inspect"}, 1, string(sample)); !errors.Is(err, topology.ErrNoLab) || !strings.Contains(err.Error(), "nolab") {
		t.Errorf("failure: %v", err)
	}
}

// TestBrokenLines joins what containerlab broke to fit its width, also in a word.
func TestBrokenLines(t *testing.T) {
	sample, err := os.ReadFile("testdata/bad1.txt.err")
	if err != nil {
		t.Fatal(err)
	}
	got := message(string(sample))
	for _, want := range []string{"arista_ceos, arista_veos", "vr-cisco_xrv9k, vr-csr", "vr-veos, vr-vmx", `xrd"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
	if strings.HasSuffix(got, ".") || strings.Contains(got, "vr- ") {
		t.Errorf("message %q", got)
	}
}

// TestDeployThatFails leaves nothing, whatever containerlab did not like.
func TestDeployThatFails(t *testing.T) {
	samples, err := filepath.Glob("testdata/bad*.err")
	if err != nil || len(samples) != 5 {
		t.Fatalf("samples %v, %v", samples, err)
	}
	for _, sample := range append(samples, "testdata/jun-novmx.json.err") {
		t.Run(filepath.Base(sample), func(t *testing.T) {
			b, f, _ := newBackend(t)
			f.fail(t, "deploy", filepath.Base(sample))
			topo := pair(t)
			if _, err := b.Deploy(t.Context(), topo); err == nil || !strings.Contains(err.Error(), "deploy lab trial: ") {
				t.Errorf("Deploy: %v", err)
			}
			f.checkCalls(t, "deploy", "destroy")
			nothingLeft(t, b, f, topo)
		})
	}
}

// TestDestroyThatFails keeps the record, so that it can be tried again.
func TestDestroyThatFails(t *testing.T) {
	b, f, _ := newBackend(t)
	topo := pair(t)
	deploy(t, b, topo)
	f.fail(t, "destroy", "bad4.txt.err")
	if err := b.Destroy(t.Context(), "trial"); err == nil {
		t.Error("Destroy succeeded")
	}
	if _, err := b.Inspect(t.Context(), "trial"); err != nil {
		t.Errorf("Inspect: %v", err)
	}
	if err := os.Remove(filepath.Join(f.dir, "fail.destroy")); err != nil {
		t.Fatal(err)
	}
	if err := b.Destroy(t.Context(), "trial"); err != nil {
		t.Errorf("Destroy: %v", err)
	}
	nothingLeft(t, b, f, topo)
}

func TestNoContainerlab(t *testing.T) {
	b, _, _ := newBackend(t)
	for _, command := range []string{"no-such-containerlab", filepath.Join(t.TempDir(), "containerlab")} {
		b.Command = command
		_, err := b.Deploy(t.Context(), pair(t))
		var unsupported *topology.UnsupportedError
		if !errors.As(err, &unsupported) || !strings.Contains(unsupported.Hint, CommandVariable) {
			t.Errorf("Deploy with %s: %v", command, err)
		}
	}
}

func TestCommandVariable(t *testing.T) {
	t.Setenv(CommandVariable, "/opt/containerlab")
	b, err := New(Options{Dir: t.TempDir(), Dial: (&routers{}).dial})
	if err != nil || b.Command != "/opt/containerlab" {
		t.Errorf("command %q, %v", b.Command, err)
	}
	if _, err := New(Options{Dir: t.TempDir()}); err == nil {
		t.Error("a backend that cannot dial routers was made")
	}
}
