package netns

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
)

// ring is the deployed ring of labs/ring.
type ring struct {
	*testing.T
	backend *Backend
	lab     *topology.Lab
}

// deployRing brings the ring up, its routers booted with their configurations.
func deployRing(t *testing.T) *ring {
	t.Helper()
	needRoot(t)
	topo, err := clabfile.Load("../../labs/ring/ring.clab.yml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(Options{Dir: t.TempDir(), StartupConfigs: true})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	lab, err := b.Deploy(t.Context(), topo)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("deployed with configurations in %v", time.Since(began))
	t.Cleanup(func() {
		if err := b.Destroy(context.Background(), topo.Name); err != nil {
			t.Error(err)
		}
	})
	return &ring{t, b, lab}
}

// cli runs an operational command over SSH.
func (r *ring) cli(node, command string) (string, error) {
	mgmt := r.lab.Node(node).Mgmt
	client, err := ssh.Dial("tcp", net.JoinHostPort(mgmt.Host, strconv.Itoa(mgmt.SSHPort)), &ssh.ClientConfig{
		User: "admin", Auth: []ssh.AuthMethod{ssh.Password("admin@123")},
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

// reaches reports whether one node gets an answer from an address.
func (r *ring) reaches(from, address string) bool {
	r.Helper()
	result, err := r.backend.Exec(r.Context(), "ring", from, []string{"ping", "-c1", "-W1", address})
	if err != nil {
		r.Fatal(err)
	}
	return result.Code == 0
}

// adjacencies counts the words of a state in what a router shows.
func (r *ring) adjacencies(node, command, state string) int {
	out, err := r.cli(node, command)
	if err != nil {
		return -1
	}
	return strings.Count(out, state)
}

// converged waits until every adjacency and session is up and the hosts reach
// each other.
func (r *ring) converged(after string) {
	r.Helper()
	began := time.Now()
	for _, node := range []string{"r1", "r2", "r3", "r4"} {
		eventually(r.T, node+" has two OSPF neighbors", func() bool {
			return r.adjacencies(node, "show ospf neighbor", "Full") == 2
		})
	}
	eventually(r.T, "r1 has three BGP sessions", func() bool {
		return r.adjacencies("r1", "show bgp summary", "Establ") == 3
	})
	for _, address := range []string{"10.1.3.2", "2001:db8:1:3::2"} {
		eventually(r.T, "h1 reaches "+address, func() bool { return r.reaches("h1", address) })
	}
	r.Logf("converged %v after %s", time.Since(began).Round(time.Millisecond), after)
}

// TestRing lives through what plans do to the ring.
func TestRing(t *testing.T) {
	r := deployRing(t)
	ctx, b := t.Context(), r.backend
	r.converged("the deployment")

	end, ok := r.lab.Topology.Endpoint("r1:ge-0/0/0")
	if !ok {
		t.Fatal("r1:ge-0/0/0 has no link")
	}
	if err := b.SetLink(ctx, "ring", end, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "r1 has lost a neighbor", func() bool { return r.adjacencies("r1", "show ospf neighbor", "Full") == 1 })
	eventually(t, "h1 reaches h2 the other way", func() bool { return r.reaches("h1", "10.1.3.2") })
	if err := b.SetLink(ctx, "ring", end, true); err != nil {
		t.Fatal(err)
	}
	r.converged("the repair of a link")

	if err := b.Kill(ctx, "ring", "r1", "bgpd"); err != nil {
		t.Fatal(err)
	}
	if got := r.adjacencies("r1", "show bgp summary", "Establ"); got != 0 {
		t.Errorf("bgpd is dead and has %d sessions", got)
	}
	if err := b.Start(ctx, "ring", "r1", "bgpd"); err != nil {
		t.Fatal(err)
	}
	r.converged("the start of bgpd")

	if err := b.Kill(ctx, "ring", "r2", ""); err != nil {
		t.Fatal(err)
	}
	if out, err := r.cli("r2", "show version"); err == nil {
		t.Errorf("r2 is off and says %q", out)
	}
	eventually(t, "h1 reaches h2 around r2", func() bool { return r.reaches("h1", "10.1.3.2") })
	if err := b.Start(ctx, "ring", "r2", ""); err != nil {
		t.Fatal(err)
	}
	r.converged("the start of r2")
}

// TestRefusedStartupConfig boots a router with a configuration that it refuses.
func TestRefusedStartupConfig(t *testing.T) {
	needRoot(t)
	topo := routed()
	topo.Nodes[0].StartupConfig = "protocols {\n    ospf {\n        aera 0 {\n        }\n    }\n}\n"
	b, err := New(Options{Dir: t.TempDir(), StartupConfigs: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Deploy(t.Context(), topo)
	for _, want := range []string{"r1", "aera"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("Deploy: %v; want %q in it", err, want)
		}
	}
	if left := liveInits(t, b); len(left) != 0 {
		t.Errorf("%+v are left", left)
	}
}
