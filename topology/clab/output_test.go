package clab

import (
	"os"
	"path/filepath"
	"testing"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestParseDetails(t *testing.T) {
	list, err := parseDetails(sample(t, "inspect-details.json"), "lin")
	if err != nil || len(list) != 3 {
		t.Fatalf("%d containers, %v", len(list), err)
	}
	c := find(list, "r2")
	if c == nil || c.name() != "clab-lin-r2" || !c.running() || c.PID != 4610 || c.address() != "172.31.77.12" || c.Labels.Kind != "linux" {
		t.Errorf("r2: %+v", c)
	}
	if list, err := parseDetails(sample(t, "inspect-empty.json"), "lin"); err != nil || len(list) != 0 {
		t.Errorf("no lab: %v, %v", list, err)
	}
	for _, broken := range []string{"", "[]", `{"lin": [{}]}`, `{"lin": [{"Names": ["x"], "Labels": {}}]}`} {
		if list, err := parseDetails([]byte(broken), "lin"); err == nil {
			t.Errorf("%q was taken for %v", broken, list)
		}
	}
}

func TestParseInterfaces(t *testing.T) {
	all, err := parseInterfaces(sample(t, "jun-ifs.json"))
	if err != nil || len(all) != 5 {
		t.Fatalf("%d containers, %v", len(all), err)
	}
	if !hasDevice(all["clab-jun-j1"], "eth4") || hasDevice(all["clab-jun-j1"], "eth1") {
		t.Errorf("j1: %+v", all["clab-jun-j1"])
	}
	var alias string
	for _, i := range all["clab-jun-v1"] {
		if i.Name == "eth2" {
			alias = i.Alias
		}
	}
	if alias != "ge-0/0/1" {
		t.Errorf("v1's eth2 is %q", alias)
	}
	if all, err := parseInterfaces(sample(t, "inspect-if.json")); err != nil || !hasDevice(all["clab-lin-r3"], "eth2") {
		t.Errorf("lin: %v, %v", all, err)
	}
	if _, err := parseInterfaces([]byte("no containers found")); err == nil {
		t.Error("a sentence was taken for interfaces")
	}
}

func TestParseExec(t *testing.T) {
	e, err := parseExec(sample(t, "exec-fail.json"))
	if err != nil || *e.Code != 1 {
		t.Errorf("exec-fail: %+v, %v", e, err)
	}
	for name, text := range map[string]string{
		"several nodes": string(sample(t, "exec.json")),
		"no node":       "{}",
		"no code":       `{"clab-lin-r1": [{"cmd": ["true"], "stdout": ""}]}`,
		"no JSON":       "r1: done",
	} {
		if e, err := parseExec([]byte(text)); err == nil {
			t.Errorf("%s was taken for a result: %+v", name, e)
		}
	}
}

func FuzzOutputs(f *testing.F) {
	for _, name := range []string{"inspect-details.json", "jun-ifs.json", "exec-fail.json", "exec.json", "bad1.txt.err"} {
		f.Add(sample(f, name))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if list, err := parseDetails(text, "lin"); err == nil {
			for _, c := range list {
				if c.name() == "" || c.Labels.Node == "" {
					t.Errorf("a container without a name: %+v", c)
				}
			}
		}
		if e, err := parseExec(text); err == nil && e.Code == nil {
			t.Error("a result without a return code")
		}
		_, _ = parseInterfaces(text)
		if err := failure([]string{"deploy"}, 1, string(text)); err == nil || err.Error() == "" {
			t.Error("a failure without an error")
		}
	})
}
