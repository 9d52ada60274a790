package clientstest

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/topology/netns"
)

// Login of every emulated router.
const (
	user     = "admin"
	password = "admin@123"
)

func TestMain(m *testing.M) {
	netns.RunIfNode()
	if err := netns.EnterUserNamespace(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(m.Run())
}

// need skips a test that lacks something, or fails it where everything must be
// tested.
func need(t *testing.T, have bool, reason string) {
	t.Helper()
	switch {
	case have:
	case os.Getenv("CI") == "true":
		t.Fatal(reason)
	default:
		t.Skip(reason)
	}
}

// needFile skips a test without a program or module of a Debian package.
func needFile(t *testing.T, path, pkg string) {
	t.Helper()
	_, err := os.Stat(path)
	need(t, err == nil, path+" is not there: install the Debian package "+pkg)
}

// A lab is one that is up, its routers booted with their configurations.
type lab struct {
	*testing.T
	backend *netns.Backend
	*topology.Lab
}

// deploy brings a topology up and takes it down when the test ends.
func deploy(t *testing.T, file string) *lab {
	t.Helper()
	need(t, os.Geteuid() == 0, "namespaces need root, or a kernel that lets ordinary users have user namespaces")
	topo, err := clabfile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := netns.New(netns.Options{Dir: t.TempDir(), StartupConfigs: true})
	if err != nil {
		t.Fatal(err)
	}
	up, err := b.Deploy(t.Context(), topo)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Destroy(context.Background(), topo.Name); err != nil {
			t.Error(err)
		}
	})
	return &lab{t, b, up}
}

// deployPair brings the two routers up and waits until they have converged.
func deployPair(t *testing.T) *lab {
	t.Helper()
	l := deploy(t, "testdata/pair.clab.yml")
	for command, word := range map[string]string{"show ospf neighbor": "Full", "show bgp summary": "Establ", "show route protocol bgp": "203.0.113.0/24"} {
		eventually(t, command+" has "+word, func() bool {
			out, err := l.cli("r1", command)
			return err == nil && strings.Contains(out, word)
		})
	}
	return l
}

// cli runs an operational command over SSH.
func (l *lab) cli(node, command string) (string, error) {
	mgmt := l.Node(node).Mgmt
	client, err := ssh.Dial("tcp", net.JoinHostPort(mgmt.Host, strconv.Itoa(mgmt.SSHPort)), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(password)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: 10 * time.Second,
	})
	if err != nil {
		return "", err
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return "", err
	}
	out, err := session.Output(command)
	return string(out), err
}

// eventually waits for a condition, at most a minute.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(time.Minute)
	for !condition() {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("after a minute: not yet %s", what)
		}
	}
}
