package server

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/subtle"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"golang.org/x/crypto/ssh"
)

// hostKey reads the router's key, or makes it the first time.
func hostKey(path string) (ssh.Signer, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		return ssh.ParsePrivateKey(text)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(private)
}

// sshConfig accepts the router's users by password, asked for in either of the
// two ways that clients know, and everybody who has a key in the running
// configuration by that.
func (s *Server) sshConfig(key ssh.Signer) *ssh.ServerConfig {
	c := &ssh.ServerConfig{
		MaxAuthTries:  6,
		ServerVersion: "SSH-2.0-ccl_junosemu",
		PasswordCallback: func(meta ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			return nil, s.checkPassword(meta.User(), password)
		},
		PublicKeyCallback: func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			return nil, s.checkKey(meta.User(), key)
		},
		KeyboardInteractiveCallback: func(meta ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password:"}, []bool{false})
			if err != nil {
				return nil, err
			}
			if len(answers) != 1 {
				return nil, errors.New("no password")
			}
			return nil, s.checkPassword(meta.User(), []byte(answers[0]))
		},
	}
	c.AddHostKey(key)
	return c
}

func (s *Server) checkPassword(user string, password []byte) error {
	want, known := s.options.Users[user]
	if subtle.ConstantTimeCompare([]byte(want), password) == 1 && known {
		return nil
	}
	return fmt.Errorf("user %q: permission denied", user)
}

// checkKey looks for a key among those that the running configuration has for
// a user. A line of it that is no key lets nobody in.
func (s *Server) checkKey(user string, key ssh.PublicKey) error {
	for _, line := range s.daemon.AuthorizedKeys(user) {
		known, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err == nil && bytes.Equal(known.Marshal(), key.Marshal()) {
			return nil
		}
	}
	return fmt.Errorf("user %q: key not known", user)
}
