package frr

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// MapAccounts prepares a rootless node, once, before Start with
// Options.Rootless: FRR only serves members of the group frrvty, and in a user
// namespace there is no user but root. It writes copies of /etc/passwd and
// /etc/group to dir, in which root is that member, and mounts them over the
// originals. The caller's mounts must be its own (private), or the host's
// accounts would be covered.
func MapAccounts(dir string) error {
	for _, account := range []struct {
		path string
		edit func(string) string
	}{
		{"/etc/passwd", func(s string) string { return s }}, // so that later edits of the host's do not show
		{"/etc/group", rootInVTYGroup},
	} {
		text, err := os.ReadFile(account.path)
		if err != nil {
			return fmt.Errorf("accounts of a rootless node: %w", err)
		}
		replacement := filepath.Join(dir, filepath.Base(account.path))
		if err := os.WriteFile(replacement, []byte(account.edit(string(text))), 0o644); err != nil {
			return fmt.Errorf("accounts of a rootless node: %w", err)
		}
		if err := syscall.Mount(replacement, account.path, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s over %s: %w", replacement, account.path, err)
		}
	}
	return nil
}

// rootInVTYGroup makes root the only member of frrvty, with root's own number:
// others are not mapped into the user namespace.
func rootInVTYGroup(group string) string {
	var b strings.Builder
	for line := range strings.Lines(group) {
		if !strings.HasPrefix(line, "frrvty:") {
			b.WriteString(line)
		}
	}
	if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
		b.WriteByte('\n')
	}
	b.WriteString("frrvty:x:0:root\n")
	return b.String()
}
