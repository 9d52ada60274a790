package intent

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// ringScript makes a namespace for each router, the ring's links, and starts
// what each router's directory says. It ends with the test.
const ringScript = `
set -e
cd "$1"
sed 's/^\(frrvty:.*:\)\(.*\)$/\1root,\2/' /etc/group > group
mount --bind group /etc/group
for r in r1 r2 r3 r4; do
  unshare -n sleep infinity & eval $r=$!
  eval "while [ /proc/$$/ns/net -ef /proc/\$$r/ns/net ]; do sleep 0.01; done"
done
link() { ip link add name $2 netns $1 type veth peer name $4 netns $3; }
link $r1 eth1 $r2 eth2; link $r2 eth1 $r3 eth2; link $r3 eth1 $r4 eth2; link $r4 eth1 $r1 eth2
for r in 1 3; do eval p=\$r$r
  for e in 3 4; do nsenter -t $p -n ip link add eth$e type veth peer name host$e; nsenter -t $p -n ip link set host$e up; done
done
for r in r1 r2 r3 r4; do eval p=\$$r
  nsenter -t $p -n sh "$1/$r/start" & 
done
wait
`

// startScript is what one router does.
func startScript(dir string, want *junosemu.Intent) string {
	var b strings.Builder
	b.WriteString("set -e\ncd " + dir + "\necho 1 > /proc/sys/net/ipv4/ip_forward\necho 1 > /proc/sys/net/ipv6/conf/all/forwarding\n")
	for _, i := range want.Interfaces {
		for _, a := range i.Addresses {
			option := ""
			if a.Addr().Is6() {
				option = " nodad"
			}
			fmt.Fprintf(&b, "ip addr add %s dev %s%s\n", a, i.Device, option)
		}
		fmt.Fprintf(&b, "ip link set %s up\n", i.Device)
	}
	run := func(d string) {
		fmt.Fprintf(&b, "/usr/lib/frr/%s -u root -g root -z %s/z --vty_socket %s -i %s.pid -f %s/%s.conf -P 0 > %s.log 2>&1 &\n", d, dir, dir, d, dir, d, d)
	}
	run("zebra")
	b.WriteString("while ! [ -S z ]; do sleep 0.02; done\n")
	for d := range want.FRR {
		if d != "zebra" {
			run(d)
		}
	}
	b.WriteString("wait\n")
	return b.String()
}

// startRing runs the ring lab's routers on real FRR and returns the directory
// that holds one directory of sockets a router.
func startRing(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ring")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, r := range []string{"r1", "r2", "r3", "r4"} {
		text, err := os.ReadFile("../../../../labs/ring/configs/" + r + ".cfg")
		if err != nil {
			t.Fatal(err)
		}
		want := mustCompile(t, string(text))
		files := map[string]string{"start": startScript(filepath.Join(dir, r), want)}
		for d, text := range want.FRR {
			files[d+".conf"] = "frr defaults traditional\n" + text
		}
		if err := os.Mkdir(filepath.Join(dir, r), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, r, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.Command("unshare", "-n", "-m", "-p", "-f", "--mount-proc", "--kill-child", "sh", "-c", ringScript, "sh", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if text, _ := os.ReadFile(filepath.Join(dir, "out")); t.Failed() && len(text) > 0 {
			t.Logf("the lab said: %s", text)
		}
	})
	return dir
}

// route is a part of FRR's answer to "show ip route … json".
type route struct {
	Protocol         string
	Selected         bool
	Distance, Metric int
	Nexthops         []struct{ IP, InterfaceName string }
}

// selected returns the selected route to a prefix, if there is one.
func selected(t *testing.T, dir, router, prefix string) (route, bool) {
	t.Helper()
	ip := "ip"
	if strings.Contains(prefix, ":") {
		ip = "ipv6"
	}
	var routes map[string][]route
	answer := vty(t, filepath.Join(dir, router), "zebra", fmt.Sprintf("show %s route %s json", ip, prefix))
	if err := json.Unmarshal([]byte(answer), &routes); err != nil {
		t.Fatalf("%s: %v in %s", router, err, answer)
	}
	for _, r := range routes[prefix] {
		if r.Selected {
			return r, true
		}
	}
	return route{}, false
}

// TestRingConverges runs the ring's configurations and looks at what Junos
// would show: which routes, from which protocol, with which preference.
func TestRingConverges(t *testing.T) {
	requireFRR(t)
	dir := startRing(t)
	want := []struct {
		router, prefix, protocol string
		distance, metric         int
	}{
		{"r1", "10.255.0.2/32", "ospf", 10, 1},
		{"r1", "10.255.0.3/32", "ospf", 10, 2},
		{"r2", "10.1.3.0/24", "ospf", 10, 2},
		{"r2", "2001:db8:255::4/128", "ospf6", 10, 3},
		{"r4", "2001:db8:1:1::/64", "ospf6", 10, 2},
		{"r4", "198.51.100.0/24", "static", 5, 0},
		{"r1", "198.51.100.0/24", "bgp", 170, 0},
		{"r2", "203.0.113.0/24", "bgp", 170, 0},
		{"r3", "203.0.113.0/24", "bgp", 170, 0},
	}
	for _, w := range want {
		eventually(t, func() error {
			r, ok := selected(t, dir, w.router, w.prefix)
			if ok && r.Protocol == w.protocol && r.Distance == w.distance && r.Metric == w.metric {
				return nil
			}
			return fmt.Errorf("%s: %s: want %s %d metric %d, got %+v", w.router, w.prefix, w.protocol, w.distance, w.metric, r)
		})
	}
	eventually(t, func() error { return checkRingBGP(t, dir) })
}

// eventually repeats a check until it holds, for at most half a minute.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Error(err)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// checkRingBGP looks at attributes: r2 and r3 use r1, which prefers the
// customer's routes and announces itself as their next hop; the customer
// announces its two prefixes and hears nothing.
func checkRingBGP(t *testing.T, dir string) error {
	type path struct {
		LocPrf   int
		PathFrom string
		Nexthops []struct{ IP string }
		Valid    bool
	}
	type table struct{ Routes map[string][]path }
	bgp := func(router string) map[string][]path {
		var answer table
		text := vty(t, filepath.Join(dir, router), "bgpd", "show bgp ipv4 unicast json")
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("%s: %v in %s", router, err, text)
		}
		return answer.Routes
	}
	for _, router := range []string{"r2", "r3"} {
		found := false
		for _, p := range bgp(router)["203.0.113.0/24"] {
			if p.PathFrom == "internal" && p.LocPrf == 200 && len(p.Nexthops) > 0 && p.Nexthops[0].IP == "10.255.0.1" {
				found = true
			}
		}
		if !found {
			return fmt.Errorf("%s: no path by r1 with local preference 200: %+v", router, bgp(router))
		}
	}
	if routes := bgp("r4"); len(routes) != 2 {
		return fmt.Errorf("r4 has not just its own routes: %v", routes)
	}
	if routes := bgp("r1"); len(routes) != 2 {
		return fmt.Errorf("r1 has not just two routes: %v", routes)
	}
	return nil
}
