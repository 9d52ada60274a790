// Package wire joins the parts: it is the only importer of concrete backends,
// sessions and generators. Commands ask it for what the settings name.
package wire

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clab"
	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/topology/device/junos"
	"github.com/ccl-lab/ccl/topology/netns"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/metrics"
	"github.com/ccl-lab/ccl/trafficgen/routes/speaker"
)

// trafficCommand is the program's own word for the process that runs streams.
const trafficCommand = "__traffic"

// RunAsPart turns the process into a node of a lab, the traffic generator or a
// BGP speaker, if it was started as one; then it does not return. It must be the
// first thing a main function does.
func RunAsPart() {
	netns.RunIfNode()
	parts := map[string]func(io.Reader, io.Writer) error{trafficCommand: engine.Serve, routesCommand: speaker.Serve}
	if len(os.Args) != 2 || parts[os.Args[1]] == nil {
		return
	}
	if err := parts[os.Args[1]](os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Generator returns the traffic generator. It runs in a process of its own:
// the Go scheduler of a program with a server in it would make it late.
func Generator() (*metrics.Watched, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return metrics.Watch(engine.NewProcess(engine.Options{}, self, trafficCommand)), nil
}

// EnterUserNamespace lets an ordinary user run labs; for root it does nothing.
// It executes the program anew, so that whatever came before is lost. Labs of
// containerlab need none: its command becomes root by itself, and Docker would not
// know the user in there.
func EnterUserNamespace(c *config.Config) error {
	if c.Backend == clab.Name {
		return nil
	}
	return netns.EnterUserNamespace()
}

// StateDir is where this user's labs and databases are by default.
func StateDir() string { return netns.StateDir() }

// Backend returns the backend that the settings name.
func Backend(c *config.Config) (topology.Backend, error) {
	backends, err := Backends(c)
	if err != nil {
		return nil, err
	}
	if b, ok := backends[c.Backend]; ok {
		return b, nil
	}
	return nil, &topology.UnsupportedError{
		What: fmt.Sprintf("backend %q", c.Backend),
		Why:  "there is no such backend",
		Hint: "use --backend netns or --backend clab",
	}
}

// Backends returns every backend by its name, as a worker offers them. Whether this
// host has what one needs is found out when a lab is deployed.
func Backends(c *config.Config) (map[string]topology.Backend, error) {
	native, err := netns.New(netns.Options{Dir: c.StateDir})
	if err != nil {
		return nil, err
	}
	containers, err := clab.New(clab.Options{Dir: c.StateDir, Dial: Dial(c)})
	if err != nil {
		return nil, err
	}
	return map[string]topology.Backend{netns.Name: native, clab.Name: containers}, nil
}

// Dial returns how routers are reached with the settings' credentials.
func Dial(c *config.Config) device.Dial {
	return junos.Dialer(func(name string) (user, password string, err error) {
		l, err := FindLogin(c, name)
		return l.User, l.Password, err
	})
}

// A Login is what a name of credentials stands for.
type Login struct {
	User, Password string
	// Source is where the password comes from: a variable, a setting, or empty
	// for the well-known one of lab images.
	Source string
}

// FindLogin looks a login up by name: in the environment
// (CCL_CREDENTIALS_NAME=user:password), in the settings, and among the known
// defaults of lab images.
func FindLogin(c *config.Config, name string) (Login, error) {
	variable := "CCL_CREDENTIALS_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
	if login := os.Getenv(variable); login != "" {
		user, password, ok := strings.Cut(login, ":")
		if !ok {
			return Login{}, fmt.Errorf("%s: expected user:password", variable)
		}
		return Login{user, password, variable}, nil
	}
	if login, ok := c.Credentials[strings.ToLower(name)]; ok {
		return Login{login.User, login.Password, "credentials." + strings.ToLower(name) + " in ccl.yaml"}, nil
	}
	switch name {
	case netns.Credentials: // clab.Credentials is the same name
		return Login{User: "admin", Password: "admin@123"}, nil
	case clab.CredentialsCRPD:
		return Login{User: "root", Password: "clab123"}, nil
	}
	return Login{}, fmt.Errorf("no credentials named %q: set %s=user:password, or credentials.%s in ccl.yaml", name, variable, name)
}
