package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func load(t *testing.T, file string, args ...string) (*Config, error) {
	t.Helper()
	f := pflag.NewFlagSet("ccl", pflag.ContinueOnError)
	Flags(f, t.TempDir())
	if file != "" {
		path := filepath.Join(t.TempDir(), "ccl.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return Load(f)
}

func TestPrecedence(t *testing.T) {
	const file = "temporal:\n  address: file:7233\n  namespace: from-file\nout: from-file\n"
	t.Setenv("CCL_TEMPORAL_ADDRESS", "env:7233")
	t.Setenv("CCL_OUT", "from-env")
	c, err := load(t, file, "--out", "from-flag")
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string][2]string{
		"flag over environment": {c.Out, "from-flag"},
		"environment over file": {c.Temporal.Address, "env:7233"},
		"file over default":     {c.Temporal.Namespace, "from-file"},
		"default":               {c.Backend, "netns"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got %q, want %q", what, got[0], got[1])
		}
	}
}

func TestResultsFollowStateDir(t *testing.T) {
	c, err := load(t, "", "--state-dir", "/srv/ccl")
	if err != nil {
		t.Fatal(err)
	}
	if want := "/srv/ccl/results.db"; c.Results != want {
		t.Errorf("results are in %s, want %s", c.Results, want)
	}
}

func TestFileMistakes(t *testing.T) {
	for _, file := range []string{"temporl:\n  address: x\n", "temporal:\n  adress: x\n", "out: [\n"} {
		if _, err := load(t, file); err == nil {
			t.Errorf("%q: no error", file)
		} else if !strings.Contains(err.Error(), "ccl.yaml") && !strings.Contains(err.Error(), "yaml") {
			t.Errorf("%q: the error does not name the file: %v", file, err)
		}
	}
}

func TestMissingConfigFile(t *testing.T) {
	if _, err := load(t, "", "--config", "/nowhere/ccl.yaml"); err == nil {
		t.Error("a named file that is missing is no error")
	}
}

// The settings file is found in the working directory; the program itself,
// which may lie there too, is not one.
func TestUsualFile(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	if err := os.WriteFile("ccl", []byte("\x7fELF\x02\x01"), 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, "")
	if err != nil {
		t.Fatalf("beside the program: %v", err)
	}
	if c.Out != "out" {
		t.Errorf("without a file, out is %q", c.Out)
	}
	if err := os.WriteFile("ccl.yaml", []byte("out: elsewhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err = load(t, ""); err != nil || c.Out != "elsewhere" {
		t.Errorf("with a file: %+v, %v", c, err)
	}
}

// The customers' port is opened only by a command that is for it.
func TestCustomerAddressIsForItsCommandOnly(t *testing.T) {
	t.Setenv("CCL_UI_CUSTOMER_ADDRESS", "127.0.0.1:8234")
	for _, has := range []bool{false, true} {
		f := pflag.NewFlagSet("ccl", pflag.ContinueOnError)
		Flags(f, t.TempDir())
		want := ""
		if has {
			CustomerFlag(f)
			want = "127.0.0.1:8234"
		}
		c, err := Load(f)
		if err != nil {
			t.Fatal(err)
		}
		if c.UI.CustomerAddress != want {
			t.Errorf("with the flag %v: %q, want %q", has, c.UI.CustomerAddress, want)
		}
	}
	c, err := load(t, "ui:\n  customer-address: 127.0.0.1:8234\n")
	if err != nil || c.UI.CustomerAddress != "" {
		t.Errorf("from the file, without the flag: %q, %v", c.UI.CustomerAddress, err)
	}
}
