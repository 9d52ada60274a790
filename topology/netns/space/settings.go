package space

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// settings are the network settings of a namespace, value by file.
type settings map[string]string

const settingsRoot = "/proc/sys/net"

// settingGlobs are the settings a router's behaviour depends on. Those of single
// devices are not among them: a device gets those of "default".
var settingGlobs = []string{
	"ipv4/*", "ipv4/conf/all/*", "ipv4/conf/default/*", "ipv4/neigh/default/*",
	"ipv6/*", "ipv6/icmp/*", "ipv6/conf/all/*", "ipv6/conf/default/*", "ipv6/neigh/default/*",
}

// readSettings reads the settings of the namespace this thread is in. What can
// only be written, or only be read by the host, is left out.
func readSettings() (settings, error) {
	found := settings{}
	for _, glob := range settingGlobs {
		paths, err := filepath.Glob(filepath.Join(settingsRoot, glob))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o200 == 0 {
				continue
			}
			if value, err := os.ReadFile(path); err == nil {
				found[path] = strings.TrimSpace(string(value))
			}
		}
	}
	return found, nil
}

// write makes the settings those of the namespace this thread is in. It takes
// two rounds: some settings change others when they are written, forwarding
// above all. What a namespace may not set stays as it is, but for the settings
// of devices, by which a router routes.
func (s settings) write() error {
	failed := map[string]error{}
	for range 2 {
		for _, path := range s.differing() {
			failed[path] = os.WriteFile(path, []byte(s[path]), 0)
		}
	}
	for _, path := range s.differing() {
		if strings.Contains(path, "/conf/") {
			return fmt.Errorf("kernel setting %s: %w", strings.TrimPrefix(path, "/proc/sys/"), cmp.Or(failed[path], errUnchanged))
		}
	}
	return nil
}

var errUnchanged = errors.New("the kernel did not take it")

// differing are the settings that are not so here, in order.
func (s settings) differing() []string {
	var paths []string
	for path, want := range s {
		now, err := os.ReadFile(path)
		if err == nil && strings.TrimSpace(string(now)) != want {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}
