// Package wire joins the parts: it is the only importer of concrete backends,
// sessions and generators. Commands ask it for what the settings name.
package wire

import (
	"fmt"
	"os"
	"strings"

	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/topology/device/junos"
	"github.com/ccl-lab/ccl/topology/netns"
)

// RunIfNode turns the process into a node of a lab if it was started as one. It
// must be the first thing a main function does.
func RunIfNode() { netns.RunIfNode() }

// EnterUserNamespace lets an ordinary user run labs; for root it does nothing.
// It executes the program anew, so that whatever came before is lost.
func EnterUserNamespace() error { return netns.EnterUserNamespace() }

// StateDir is where this user's labs and databases are by default.
func StateDir() string { return netns.StateDir() }

// Backend returns the backend that the settings name.
func Backend(c *config.Config) (topology.Backend, error) {
	switch c.Backend {
	case "netns":
		return netns.New(netns.Options{Dir: c.StateDir})
	}
	return nil, &topology.UnsupportedError{
		What: fmt.Sprintf("backend %q", c.Backend),
		Why:  "there is no such backend",
		Hint: "use --backend netns",
	}
}

// Dial returns how routers are reached with the settings' credentials.
func Dial(c *config.Config) device.Dial {
	return junos.Dialer(func(name string) (user, password string, err error) {
		return credential(c, name)
	})
}

// credential looks a login up by name: in the environment
// (CCL_CREDENTIALS_NAME=user:password), in the settings, and among the known
// defaults of lab images.
func credential(c *config.Config, name string) (user, password string, err error) {
	variable := "CCL_CREDENTIALS_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
	if login, ok := os.LookupEnv(variable); ok {
		user, password, ok = strings.Cut(login, ":")
		if !ok {
			return "", "", fmt.Errorf("%s: expected user:password", variable)
		}
		return user, password, nil
	}
	if login, ok := c.Credentials[strings.ToLower(name)]; ok {
		return login.User, login.Password, nil
	}
	if name == netns.Credentials {
		return "admin", "admin@123", nil
	}
	return "", "", fmt.Errorf("no credentials named %q: set %s=user:password, or credentials.%s in ccl.yaml", name, variable, name)
}
