package space

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// newSpace makes a namespace for the length of a test, where that is allowed.
func newSpace(t *testing.T) *Space {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("NOT TESTED: making network namespaces needs root")
		}
		t.Skip("NOT TESTED: making network namespaces needs root")
	}
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// own is the namespace of the goroutine that asks.
func own(t *testing.T) string {
	t.Helper()
	name, err := os.Readlink(ownNamespace)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDo(t *testing.T) {
	s, other := newSpace(t), newSpace(t)
	outside := own(t)
	var wg sync.WaitGroup
	for range 20 { // threads are found, left and used again
		wg.Go(func() {
			inside, nested, program := "", "", ""
			err := s.Do(func() error {
				inside = own(t)
				out, err := exec.Command("readlink", "/proc/self/ns/net").Output()
				program = strings.TrimSpace(string(out))
				if err != nil {
					return err
				}
				return other.Do(func() error {
					nested = own(t)
					return nil
				})
			})
			if err != nil {
				t.Error(err)
			}
			if inside == outside || nested == outside || inside == nested || program != inside {
				t.Errorf("outside %s, inside %s, a program there %s, nested %s", outside, inside, program, nested)
			}
			if now := own(t); now != outside {
				t.Errorf("the goroutine was left in %s", now)
			}
		})
	}
	wg.Wait()
	var nowhere *Space
	if err := nowhere.Do(func() error {
		if now := own(t); now != outside {
			t.Errorf("a nil space is %s, not %s", now, outside)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// A namespace has the settings of the one it was made in, and its loopback up.
func TestNewTakesSettingsOver(t *testing.T) {
	parent := newSpace(t)
	const forwarding, redirects = "/proc/sys/net/ipv4/conf/default/forwarding", "/proc/sys/net/ipv4/conf/all/accept_redirects"
	err := parent.Do(func() error {
		for path, value := range map[string]string{forwarding: "1", redirects: "1"} {
			if err := os.WriteFile(path, []byte(value), 0); err != nil {
				return err
			}
		}
		return newSpace(t).Do(func() error {
			for _, path := range []string{forwarding, redirects} {
				if value, err := os.ReadFile(path); err != nil || strings.TrimSpace(string(value)) != "1" {
					t.Errorf("%s is %q, %v", path, value, err)
				}
			}
			lo, err := net.InterfaceByName("lo")
			if err == nil && lo.Flags&net.FlagUp == 0 {
				t.Error("the loopback is down")
			}
			return err
		})
	})
	if err != nil {
		t.Error(err)
	}
}

func TestName(t *testing.T) {
	s := newSpace(t)
	path := filepath.Join(t.TempDir(), "red")
	if err := s.Name(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("NOT TESTED: mounts are not allowed here: ", err)
		}
		t.Skip("NOT TESTED: mounts are not allowed here: ", err)
	}
	inside := ""
	if err := s.Do(func() error { inside = own(t); return nil }); err != nil {
		t.Error(err)
	}
	out, err := exec.Command("nsenter", "--net="+path, "readlink", "/proc/self/ns/net").Output()
	if got := strings.TrimSpace(string(out)); err != nil || got != inside {
		t.Errorf("%s is %s, %v, not %s", path, got, err, inside)
	}
	if err := s.Name(path); err == nil {
		t.Error("a name was given twice")
	}
	if err := Unname(path); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the name is still there: %v", err)
	}
}
