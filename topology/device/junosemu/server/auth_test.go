package server_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

func newKey(t *testing.T) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// TestKeys: who has a key in the running configuration logs in with it, and
// nobody else does; what is deleted is no longer let in.
func TestKeys(t *testing.T) {
	known, other := newKey(t), newKey(t)
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(known.PublicKey()))) + " jane@example.net"
	r := newRig(t, fmt.Sprintf(`system {
    host-name r1;
    root-authentication { ssh-ed25519 "%s"; }
    login { user jane { class super-user; authentication { ssh-ed25519 "%s"; ssh-rsa "no key at all"; } } }
}`, line, line))
	login := func(user string, key ssh.Signer) error {
		c, err := ssh.Dial("tcp", r.nc.Addr().String(), &ssh.ClientConfig{
			User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		})
		if err == nil {
			_ = c.Close()
		}
		return err
	}
	for _, c := range []struct {
		user string
		key  ssh.Signer
		in   bool
	}{{"jane", known, true}, {"root", known, true}, {"jane", other, false}, {"john", known, false}, {user, known, false}} {
		if err := login(c.user, c.key); (err == nil) != c.in {
			t.Errorf("%s: %v, want in: %v", c.user, err, c.in)
		}
	}
	d := r.netconf()
	must(t, d, `<load-configuration action="set"><configuration-set>delete system login user jane</configuration-set></load-configuration>`, "<ok/>")
	must(t, d, "<commit-configuration/>", "<commit-success/>")
	if login("jane", known) == nil {
		t.Error("a deleted user was let in")
	}
}
