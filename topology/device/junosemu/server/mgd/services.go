package mgd

import (
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// Services is what the running configuration says of SSH and NETCONF.
type Services struct {
	RFCCompliant bool // NETCONF as RFC 6241 has it, where Junos differs
	NETCONF11    bool // NETCONF 1.1 is offered, if RFCCompliant

	SSHLimit     int // connections with the CLI's port at a time
	NETCONFLimit int // NETCONF sessions at a time
	ChannelLimit int // sessions of one connection at a time
	LoginTries   int // before the connection is closed
}

// What Junos allows if the configuration does not say.
const (
	defaultConnections = 75
	defaultChannels    = 10
	defaultTries       = 10
)

// Services is what the running configuration says of them now.
func (d *Daemon) Services() Services { return d.compile().services }

// Services is what the running configuration says of them now.
func (s *Session) Services() Services { return s.daemon.Services() }

// servicesOf reads an effective configuration.
func servicesOf(root *config.Node) Services {
	system := root.Lookup("system")
	services := system.Lookup("services")
	return Services{
		RFCCompliant: services.Has("netconf", "rfc-compliant"),
		NETCONF11:    services.Has("netconf", "version-1.1"),
		SSHLimit:     number(services, defaultConnections, "ssh", "connection-limit"),
		NETCONFLimit: number(services, defaultConnections, "netconf", "ssh", "connection-limit"),
		ChannelLimit: number(services, defaultChannels, "ssh", "max-sessions-per-connection"),
		LoginTries:   number(system, defaultTries, "login", "retry-options", "tries-before-disconnect"),
	}
}

// AuthorizedKeys are the public keys that a user may log in with, as the
// running configuration has them: "ssh-ed25519 AAAA… comment".
func (d *Daemon) AuthorizedKeys(user string) []string {
	system := d.compile().effective.Lookup("system")
	authentication := system.Lookup("login", "user", user, "authentication")
	if user == "root" {
		authentication = system.Lookup("root-authentication")
	}
	var keys []string
	for _, kind := range []string{"ssh-rsa", "ssh-ed25519", "ssh-ecdsa"} {
		for _, k := range authentication.Children(kind) {
			keys = append(keys, k.Key())
		}
	}
	return keys
}

// number is the value of a leaf, or otherwise if it is not there.
func number(n *config.Node, otherwise int, path ...string) int {
	if v, err := strconv.Atoi(n.Value(path...)); err == nil {
		return v
	}
	return otherwise
}

// Count is how many sessions of a client ("cli", "netconf") there are.
func (d *Daemon) Count(client string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, s := range d.sessions {
		if s.Client == client {
			n++
		}
	}
	return n
}
